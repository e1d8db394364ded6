import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Database, Field, Model, Relation, sql } from 'corm'
import { afterAll, expect, it } from 'vitest'
import { inspectDatabase } from '../../src/inspect/index.js'
import { metadataOf } from '../../src/metadata/metadata.js'
import { driftOf } from '../../src/migration/drift.js'
import { describeDifference } from '../../src/schema/catalog/difference.js'
import { stateOfModels } from '../../src/schema/from-models.js'
import { describeDatabases, freshDatabase } from '../support/databases.js'

// A join table that is what corm makes for a relation is written as its name.

class Author extends Model({ name: Field.string() }) {
  static books = Relation.manyToMany(() => Book)
  static friends = Relation.manyToMany(() => Author)
}
class Book extends Model({ title: Field.string() }) {
  static authors = Relation.manyToMany(() => Author)
  static labels = Relation.manyToMany(() => Label, { through: 'labelled', foreignKey: 'novelId' })
}
class Label extends Model({ id: Field.uuid({ primaryKey: true }) }) {
  static books = Relation.manyToMany(() => Book, { through: 'labelled', otherKey: 'novelId' })
}

const folder = mkdtempSync(join(tmpdir(), 'corm-inspect-join-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let places = 0

describeDatabases('inspect of join tables', (database) => {
  async function filesAfter(fill: (db: Database) => Promise<void>): Promise<ReadonlyMap<string, string>> {
    const { url, drop } = await freshDatabase(database.kind)
    try {
      await using db = await Database.connect({ name: 'joined', url })
      await fill(db)
      const { files, differences } = await inspectDatabase(db, () => true)
      expect(differences).toEqual([])
      const place = mkdtempSync(join(folder, `${places++}-`))
      for (const { path, text } of files) writeFileSync(join(place, path), text)
      const models: any[] = []
      // one by one: they import each other
      for (const { path } of files) models.push(...Object.values((await import(join(place, path))) as object))
      const drift = await driftOf(db, stateOfModels(models.map((each) => metadataOf(each))), { ignore: [], own: [] })
      expect(drift.differences.map(describeDifference)).toEqual([])
      return new Map(files.map(({ path, text }) => [path, text.replace(/\s+/g, ' ')]))
    } finally {
      await drop()
    }
  }

  it('writes the name of a table that corm makes, and no model for it', async () => {
    const files = await filesAfter((db) => db.createTables([Author, Book, Label]))
    expect([...files.keys()].sort()).toEqual(['author.ts', 'book.ts', 'label.ts'])
    expect(files.get('author.ts')).toContain("Relation.manyToMany(() => Book, { through: 'authors_books' })")
    expect(files.get('author.ts')).toMatch(
      /static friends = Relation.manyToMany\(\(\) => Author, \{ through: 'authors_friends',? \}\)/,
    )
    expect(files.get('book.ts')).toContain("Relation.manyToMany(() => Author, { through: 'authors_books' })")
    expect(files.get('book.ts')).toMatch(/\(\(\) => Label, \{ through: 'labelled', foreignKey: 'novelId',? \}\)/)
    expect(files.get('label.ts')).toMatch(/\(\(\) => Book, \{ through: 'labelled', otherKey: 'novelId',? \}\)/)
  })

  const changes: readonly (readonly [what: string, statements: readonly string[]])[] = [
    ['another index', ['create index more on authors_books (book_id, author_id)']],
    ['a column', ['alter table authors_books add column place integer']],
    [
      'a key to it',
      [
        'create table notes (id integer not null primary key, author_id integer not null, book_id integer not null, foreign key (author_id, book_id) references authors_books (author_id, book_id))',
      ],
    ],
  ]
  it.each(changes)('writes a model for a table that has %s', async (_, statements) => {
    const files = await filesAfter(async (db) => {
      await db.createTables([Author, Book, Label])
      for (const statement of statements) await db.execute(sql.raw(statement))
    })
    expect(files.get('authors-book.ts')).toContain('class AuthorsBook extends')
    expect(files.get('author.ts')).toContain('through: () => AuthorsBook,')
    expect(files.get('label.ts')).toContain("through: 'labelled'")
  })

  it('writes a model for a table whose key is in another order, or whose rows stay', async () => {
    const keys = (more: string) =>
      ['author', 'book']
        .map((name) => `foreign key (${name}_id) references ${name}s (id) on update cascade${more}`)
        .join(', ')
    const table = (key: string, more: string) =>
      `create table authors_books (author_id integer not null, book_id integer not null, primary key (${key}), ${keys(more)})`
    for (const [key, more] of [
      ['book_id, author_id', ' on delete cascade'],
      ['author_id, book_id', ''],
    ] as const) {
      const files = await filesAfter(async (db) => {
        await db.createTables([Author, Book, Label])
        await db.execute(sql.raw('drop table authors_books'))
        await db.execute(sql.raw(table(key, more)))
      })
      expect(files.get('authors-book.ts')).toContain('class AuthorsBook extends')
    }
  })

  it('writes what a table without a primary key is, with the relations through it', async () => {
    const keys = ['author', 'book'].map((name) => `foreign key (${name}_id) references ${name}s (id)`).join(', ')
    const files = await filesAfter(async (db) => {
      await db.createTables([Author, Book, Label])
      for (const statement of [
        'drop table authors_books',
        `create table authors_books (author_id integer not null, book_id integer not null, ${keys})`,
        'create index by_book on authors_books (book_id, author_id)',
        'create table notes (place bigint, word varchar(20))',
        'create table fans (author_id bigint not null, fan_id bigint not null)',
        'create index fans_author on fans (author_id)',
        "insert into authors (name) values ('Ada')",
        "insert into books (title) values ('Hi')",
        'insert into authors_books values (1, 1), (1, 1)',
      ])
        await db.execute(sql.raw(statement))
    })
    const book = files.get('authors-book.ts')
    expect(book).toContain('readOnly: true, keyless: true')
    expect(files.get('author.ts')).toMatch(/books = Relation.manyToMany\(\(\) => Book, \{ through: \(\) => AuthorsBook/)
    expect(files.get('note.ts')).toMatch(/primaryKey: true, nullable: true/)
    expect(files.get('fan.ts')).toContain('keyless: true')
  })
})
