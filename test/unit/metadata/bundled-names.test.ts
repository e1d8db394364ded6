import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DefinitionError, Field, Model, Relation } from 'corm'
import { build } from 'esbuild'
import { rollup } from 'rollup'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

interface TestModel {
  readonly name: string
  query(): { toSQL(options: object): { sql: string } }
}

// inside the repository, so that what is bundled finds corm as this test does
const root = fileURLToPath(new URL('../../..', import.meta.url))
const folder = mkdtempSync(join(root, '.bundles-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const SOURCES = {
  'task.js': `
    import { Field, Model, Relation } from 'corm'
    export class Task extends Model({ name: Field.string(), parentId: Field.foreignKey(() => Task, { nullable: true }) }) {
      static children = Relation.hasMany(() => Task)
      static root = Task.name
    }`,
  'blog.js': `
    import { Field, Model } from 'corm'
    export class Tag extends Model({ name: Field.string() }) {}`,
  'shop.js': `
    import { Field, Model } from 'corm'
    export class Tag extends Model({ label: Field.string() }) {}`,
  'page.js': `
    import { Field, Model } from 'corm'
    export default class extends Model({ title: Field.string() }) {}`,
  'main.js': `
    import { Task } from './task.js'
    import { Tag } from './blog.js'
    import { Tag as ShopTag } from './shop.js'
    import Page from './page.js'
    export const models = [Task, Tag, ShopTag, Page]`,
}

beforeAll(() => {
  for (const [name, text] of Object.entries(SOURCES)) writeFileSync(join(folder, name), text)
})

async function bundled(name: string, bundle: (input: string, output: string) => Promise<unknown>) {
  const output = join(folder, `${name}.mjs`)
  await bundle(join(folder, 'main.js'), output)
  return ((await import(output)) as { models: TestModel[] }).models
}

const withEsbuild =
  (options: object = {}) =>
  (input: string, outfile: string) =>
    build({ entryPoints: [input], outfile, bundle: true, format: 'esm', external: ['corm'], ...options })

async function withRollup(input: string, file: string): Promise<void> {
  const made = await rollup({ input, external: ['corm'] })
  await made.write({ file, format: 'esm' })
  await made.close()
}

/** The name that the model has after bundling, and its table or what is wrong. */
const described = (model: TestModel) => {
  try {
    return [model.name, /from "(\w+)"/.exec(model.query().toSQL({ dialect: 'sqlite' }).sql)?.[1]]
  } catch (error) {
    expect(error).toBeInstanceOf(DefinitionError)
    return [model.name, (error as Error).message.replace(/^.*Give it/, 'Give it').replace(/\}.*$/, '}')]
  }
}

const ASKED = 'Give it { table }'

describe('a bundle', () => {
  it('of esbuild, which renames classes, is refused where a model has no table', async () => {
    const models = await bundled('esbuild', withEsbuild())
    expect(models.map(described)).toEqual([
      ['_Task', ASKED],
      ['Tag', 'tags'],
      ['Tag2', ASKED],
      ['page_default', ASKED],
    ])
  })

  it('of esbuild that minifies is refused where a model has no table', async () => {
    const models = await bundled('minified', withEsbuild({ minify: true }))
    expect(models.map((model) => described(model)[1])).toEqual([ASKED, ASKED, ASKED, ASKED])
  })

  it('of esbuild that keeps names has the tables of the sources', async () => {
    const models = await bundled('kept', withEsbuild({ keepNames: true, minify: true }))
    expect(models.map(described).slice(0, 3)).toEqual([
      ['Task', 'tasks'],
      ['Tag', 'tags'],
      ['Tag', 'tags'],
    ])
  })

  it('of rollup, which renames variables, has the tables of the sources', async () => {
    const models = await bundled('rollup', withRollup)
    expect(models.map(described)).toEqual([
      ['Task', 'tasks'],
      ['Tag', 'tags'],
      ['Tag', 'tags'],
      ['Page', 'pages'],
    ])
  })
})

/** A model of this name. */
const named = (name: string, options: object = {}) =>
  Object.defineProperty(class extends Model({ name: Field.string() }, options) {}, 'name', {
    value: name,
  }) as unknown as TestModel

describe('the name of a class', () => {
  it.each(['_Task', '__Task', 'Tag2', 'Tag13', 'Tag$1', '$3f2a$var$Tag', 'models_Tag', 'Tag_Tag', 'default'])(
    'of the form "%s" names no table',
    (name) => {
      expect(described(named(name))).toEqual([name, ASKED])
      expect(described(named(name, { table: 'notes' }))).toEqual([name, 'notes'])
    },
  )

  it.each([
    ['Sha256Sum', 'sha256_sums'],
    ['Tag1', 'tag1s'],
    ['Web3Wallet', 'web3_wallets'],
    ['Blog_Post', 'blog_posts'],
    ['Ärger', 'ärgers'],
  ])('%s is one that people give', (name, table) => {
    expect(named(name).query().toSQL({ dialect: 'sqlite' }).sql).toContain(`from "${table}"`)
  })
})

describe('what is stored of a name', () => {
  const sqlOf = (query: { toSQL(options: object): { sql: string } }) => query.toSQL({ dialect: 'sqlite' }).sql

  class Comment extends Model({ text: Field.string(), ...Field.morphs('commentable') }) {}
  class Tag extends Model({ name: Field.string() }) {}
  class _Category extends Model({ name: Field.string() }, { table: 'categories' }) {
    static comments = Relation.morphMany(() => Comment, 'commentable')
    static tags = Relation.manyToMany(() => Tag)
  }
  class Photo2 extends Model({ name: Field.string() }, { table: 'photos', morphName: 'Photo' }) {
    static comments = Relation.morphMany(() => Comment, 'commentable')
    static tags = Relation.manyToMany(() => Tag, { foreignKey: 'photoId' })
  }

  it('by a polymorphic relation is refused without { morphName }', () => {
    expect(() => sqlOf(_Category.query().whereHas('comments'))).toThrow(
      'The model "_Category" has a name that looks like a bundler\'s, which may rename classes. Give it { morphName } in Model\'s options',
    )
    expect(sqlOf(Photo2.query().whereHas('comments'))).toContain('"commentable_type" = ?')
  })

  it('as a key of a join table is refused without { foreignKey }', () => {
    expect(() => sqlOf(_Category.query().whereHas('tags'))).toThrow(
      '"_Category.tags" would name a key after the model "_Category", a name that looks like a bundler\'s. Pass { foreignKey }.',
    )
    expect(sqlOf(Photo2.query().whereHas('tags'))).toContain('"photo_id"')
  })
})
