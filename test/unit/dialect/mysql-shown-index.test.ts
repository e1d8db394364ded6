import { Field, Model, UnsupportedError } from 'corm'
import { expect, it } from 'vitest'
import { createMysqlDialect } from '../../../src/dialect/mysql/index.js'
import { metadataOf } from '../../../src/metadata/metadata.js'
import { createSql } from '../../../src/schema/tables.js'

class Post extends Model({
  title: Field.translated(Field.string(), { locales: ['en', 'fr'], index: 'shown' }),
}) {}
class Page extends Model({
  body: Field.translated(Field.text(), { locales: ['en', 'fr'], index: 'shown' }),
}) {}

const indexesOn = (server: Parameters<typeof createMysqlDialect>[0], model: typeof Post | typeof Page) => {
  return createSql([metadataOf(model)], createMysqlDialect(server)).filter((text) => text.startsWith('create index'))
}

it('MySQL indexes the expression that queries read', () => {
  const shown = (...columns: string[]) =>
    columns.map((name) => `if(char_length(\`${name}\`) > 0, \`${name}\`, null)`).join(', ')
  expect(indexesOn({ mariadb: false, version: [8, 0, 13] }, Post)).toEqual([
    `create index \`posts_title_shown_en_index\` on \`posts\` ((coalesce(${shown('title_en', 'title_fr')})))`,
    `create index \`posts_title_shown_fr_index\` on \`posts\` ((coalesce(${shown('title_fr', 'title_en')})))`,
  ])
})

it('MariaDB indexes the beginning of long texts, as a hidden column', () => {
  const [statement] = createSql([metadataOf(Page)], createMysqlDialect({ mariadb: true, version: [11, 8, 1] })).filter(
    (text) => text.startsWith('alter table'),
  )
  expect(statement).toMatch(/ longtext generated always as \(.*\) virtual invisible, add index .*\(255\)\)$/)
})

it('what a server can not index is refused', () => {
  expect(() => indexesOn({ mariadb: false, version: [8, 0, 12] }, Post)).toThrow(UnsupportedError)
  expect(() => indexesOn({ mariadb: false, version: [8, 4, 0] }, Page)).toThrow('The index of a translated long text')
})
