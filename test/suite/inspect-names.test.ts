import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Database, Model, sql } from 'corm'
import { afterAll, expect, it } from 'vitest'
import { inspectDatabase } from '../../src/inspect/index.js'
import { describeDifference } from '../../src/migration/drift.js'
import { describeDatabases, freshDatabase } from '../support/databases.js'

// Whatever tables are called, their classes, fields and files have names that work, and no two the same.

const folder = mkdtempSync(join(tmpdir(), 'corm-inspect-names-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The classes of tables. */
const NAMES: Readonly<Record<string, string>> = {
  s: 'S',
  es: 'E',
  order_s: 'OrderS',
  '1': '_1',
  _1: '_1Model',
  _: 'Table',
  __: 'TableModel',
  class: 'Class',
  classes: 'ClassModel',
  Model: 'ModelModel',
  models: 'ModelModelModel',
  Object: 'ObjectModel',
  tables: 'TableModel2',
  person: 'Person',
  people: 'PersonModel',
  persons: 'PersonModel2',
  field: 'FieldModel',
  constructor: 'Constructor',
  await: 'Await',
  index: 'Index',
  'drop table x; --': 'DropTableX',
  "it's": 'It',
  Größen: 'Größen',
  日本: '日本',
  // MariaDB has no keys to a table of this name
  con: 'Con',
}

class AnyModel extends Model({}) {}

describeDatabases('inspect', (database) => {
  it('gives every table a class, a file and relations of its own, whatever it is called', async () => {
    const { url, drop } = await freshDatabase(database.kind)
    try {
      await using db = await Database.connect({ url })
      const names = Object.keys(NAMES)
      for (const [i, name] of names.entries()) {
        const before = names[i - 1]
        const key =
          before === undefined ? sql.raw('') : sql`, foreign key (${sql.id('class')}) references ${sql.id(before)} (id)`
        await db.execute(
          sql`create table ${sql.id(name)} (id integer not null primary key, ${sql.id('class')} integer${key})`,
        )
      }
      const { files, differences, models } = await inspectDatabase(db, () => true)
      expect(differences.map(describeDifference)).toEqual([])
      expect(models.flatMap(({ notes }) => notes)).toEqual([])
      const classes = new Map(models.map(({ table, name }) => [table, name]))
      expect(classes.size).toBe(names.length)
      expect(new Set([...classes.values()].map((name) => name.toLowerCase())).size).toBe(names.length)
      expect(new Set(files.map(({ path }) => path.toLowerCase())).size).toBe(names.length)
      for (const { path } of files) expect(path).not.toMatch(/^(?:con|index|-.*|)\.ts$/)
      // where two tables want one class, the order of the tables decides
      for (const [table, name] of classes)
        expect(name).toMatch(new RegExp(`^${bare(NAMES[table] ?? '')}(?:Model)*\\d?$`))
      const place = join(folder, database.kind)
      mkdirSync(place)
      for (const { path, text } of files) writeFileSync(join(place, path), text)
      for (const { name, file, table } of models) {
        const Each = ((await import(join(place, file))) as Record<string, typeof AnyModel>)[name]
        expect(await Each?.query().count(), table).toBe(0)
      }
    } finally {
      await drop()
    }
  })
})

const bare = (name: string): string => name.replace(/(?:Model)+\d?$/, '')
