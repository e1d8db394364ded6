import {
  type Database,
  DefinitionError,
  Field,
  Model,
  Relation,
  sql,
  UniqueViolationError,
  UnsupportedError,
  UsageError,
} from 'corm'
import { describe, expect, it } from 'vitest'
import { readTypeComment } from '../../src/dialect/sqlite/type-comment.js'
import { NamedStatement, TEMPLATE } from '../../src/execution/statement.js'
import { describeDatabases } from '../support/databases.js'

/** What the database knows about tables, by the name of the dialect. */
interface Catalog {
  /** The comments of a table and of its column "name". */
  comments(db: Database, table: string): Promise<(string | null)[]>
  /** The columns of each index that is not the primary key's, in their order. */
  indexes(db: Database, table: string): Promise<string[]>
}

const sqliteIndexes = (table: string) => sql`
  select (select group_concat(i.name, ' ') from pragma_index_info(l.name) as i) as columns
  from pragma_index_list(${table}) as l where l.origin <> 'pk'`
const postgresIndexes = (table: string) => sql`
  select (select string_agg(a.attname, ' ' order by k.ord) from unnest(i.indkey) with ordinality as k(num, ord)
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.num) as columns
  from pg_index i where i.indrelid = ${table}::regclass and not i.indisprimary`
const mysqlIndexes = (table: string) => sql`
  select group_concat(column_name order by seq_in_index separator ' ') as columns from information_schema.statistics
  where table_schema = database() and table_name = ${table} and index_name <> 'PRIMARY' group by index_name`

const indexesBy = (query: (table: string) => ReturnType<typeof sqliteIndexes>) => async (db: Database, table: string) =>
  (await db.select<{ columns: string }>(query(table))).map(({ columns }) => columns).sort()

const catalogs: Readonly<Record<string, Catalog>> = {
  sqlite: {
    async comments(db, table) {
      const [row] = await db.select<{ sql: string }>(sql`select sql from sqlite_schema where name = ${table}`)
      const text = row?.sql ?? ''
      const [, ofTable = '/**/'] = /^create table "\w+" \(\n {2}(\/\*.*?\*\/)/is.exec(text) ?? []
      const [, ofName = ''] = /"name" (\/\*.*?\*\/) TEXT not null/s.exec(text) ?? []
      return [readTypeComment(ofTable)?.text ?? null, readTypeComment(ofName)?.text ?? null]
    },
    indexes: indexesBy(sqliteIndexes),
  },
  postgres: {
    async comments(db, table) {
      const rows = await db.select<{ text: string | null }>(sql`
        select obj_description(${table}::regclass) as text
        union all select col_description(a.attrelid, a.attnum) from pg_attribute a
        where a.attrelid = ${table}::regclass and a.attname = 'name'`)
      return rows.map(({ text }) => text)
    },
    indexes: indexesBy(postgresIndexes),
  },
  mysql: {
    async comments(db, table) {
      const rows = await db.select<{ text: string }>(sql`
        select table_comment as text from information_schema.tables
        where table_schema = database() and table_name = ${table}
        union all select column_comment from information_schema.columns
        where table_schema = database() and table_name = ${table} and column_name = 'name'`)
      return rows.map(({ text }) => text || null)
    },
    indexes: indexesBy(mysqlIndexes),
  },
}

const HOSTILE = [
  'plain',
  'it\'s 100% "sure" -- isn\'t it',
  'two\nlines; drop table notes;',
  "'); drop table notes; --",
  'back\\slash and `ticks`',
  'Ünïcødé 表',
]

describeDatabases('table definitions', (database) => {
  const catalog = () => catalogs[database.db.dialect.name] as Catalog

  /** Creates the tables, calls the function, and drops them. */
  async function withTables<R>(models: Parameters<Database['createTables']>[0], work: () => Promise<R>): Promise<R> {
    await database.db.createTables(models)
    try {
      return await work()
    } finally {
      await database.db.dropTables(models)
    }
  }

  const tables = async () => {
    const { rows } = await database.db.run(
      new NamedStatement(
        { ...TEMPLATE, sql: database.db.dialect.listTables, intent: 'read', prepare: false, rows: true },
        [],
      ),
    )
    return rows.map(([name]) => String(name))
  }

  describe('comments', () => {
    it.each(HOSTILE)('reach the database as they are: %j', async (text) => {
      class Note extends Model({ name: Field.string({ description: text }) }, { comment: `of ${text}` }) {}
      await withTables([Note], async () => {
        expect(await catalog().comments(database.db, 'notes')).toEqual([`of ${text}`, text])
        expect((await Note.create({ name: 'a' })).name).toBe('a')
      })
    })

    it('with an emoji reach the database, or are refused', async () => {
      class Note extends Model({ name: Field.string({ description: 'fine 😀' }) }) {}
      if (!database.facts.commentsWithEmoji) {
        await expect(database.db.createTables([Note])).rejects.toThrow(DefinitionError)
        return
      }
      await withTables([Note], async () => {
        expect(await catalog().comments(database.db, 'notes')).toEqual([null, 'fine 😀'])
      })
    })

    it('are left out where there are none', async () => {
      class Note extends Model({ name: Field.string() }) {}
      await withTables([Note], async () => {
        expect(await catalog().comments(database.db, 'notes')).toEqual([null, null])
      })
    })

    it('can not end the comment that holds them', async () => {
      const text = '*/ ); drop table notes; create table evil (a integer) /* *\\/ *\\\\/ **/'
      class Note extends Model({ name: Field.string({ description: text }) }, { comment: text }) {}
      await withTables([Note], async () => {
        const [ofTable, ofName] = await catalog().comments(database.db, 'notes')
        expect([ofTable, ofName]).toEqual([text, text])
        expect(await tables()).not.toContain('evil')
        expect((await Note.create({ name: 'a' })).name).toBe('a')
      })
    })

    it.each(['a\0b', 'half \ud800'])('that no database can hold are refused: %j', async (text) => {
      class Note extends Model({ name: Field.string({ description: text }) }) {}
      await expect(database.db.createTables([Note])).rejects.toThrow(
        new DefinitionError('The description of "Note.name" must be a string of valid Unicode without NUL characters.'),
      )
      class Remark extends Model({ name: Field.string() }, { comment: text }) {}
      await expect(database.db.createTables([Remark])).rejects.toThrow(DefinitionError)
    })
  })

  describe('keys of bytes and long texts', () => {
    class Blob extends Model({ hash: Field.binary({ primaryKey: true }), size: Field.integer() }) {
      static copies = Relation.hasMany(() => Copy)
    }
    class Copy extends Model({
      blobHash: Field.foreignKey(() => Blob, { key: 'string' }),
      mark: Field.binary({ unique: true }),
      body: Field.binary({ index: true }),
    }) {
      static blob = Relation.belongsTo(() => Blob, { foreignKey: 'blobHash' })
    }
    class Slug extends Model({ text: Field.text({ primaryKey: true }), hits: Field.integer() }) {}
    const bytes = (...values: number[]) => Uint8Array.from(values)

    it('work as primary keys, foreign keys, uniques and indexes', async () => {
      await withTables([Blob, Copy, Slug], async () => {
        const one = await Blob.create({ hash: bytes(0, 1, 255), size: 3 })
        await Blob.create({ hash: bytes(0, 1), size: 2 })
        await expect(Blob.create({ hash: bytes(0, 1), size: 4 })).rejects.toBeInstanceOf(UniqueViolationError)
        expect((await Blob.findOrFail(bytes(0, 1, 255) as never)).size).toBe(3)
        await one.related('copies').create({ mark: bytes(7), body: new Uint8Array(1000) })
        await expect(
          Copy.create({ blobHash: bytes(0, 1) as never, mark: bytes(7), body: bytes() }),
        ).rejects.toBeInstanceOf(UniqueViolationError)
        const [copy] = await Copy.with('blob').where('mark', bytes(7))
        expect(copy?.blob?.size).toBe(3)
        await Slug.create({ text: 'a/b', hits: 1 })
        await expect(Slug.create({ text: 'a/b', hits: 2 })).rejects.toBeInstanceOf(UniqueViolationError)
        expect((await Slug.findOrFail('a/b')).hits).toBe(1)
      })
    })

    it('of several long columns share what an index can hold', async () => {
      class Wide extends Model(
        {
          a: Field.string({ max: 255 }),
          b: Field.string({ max: 255 }),
          c: Field.string({ max: 255 }),
          d: Field.text(),
          n: Field.integer(),
        },
        { indexes: [['a', 'b', 'c', 'd', 'n']] },
      ) {}
      await withTables([Wide], async () => {
        await Wide.create({ a: 'a', b: 'b', c: 'c', d: 'd', n: 1 })
        expect(await Wide.where({ a: 'a', b: 'b', c: 'c' }).count()).toBe(1)
        expect(await catalog().indexes(database.db, 'wides')).toEqual(['a b c d n'])
      })
    })
  })

  describe('names that are too long', () => {
    const long = 'a_name_that_goes_on_and_on_and_on_until_it_has_more_than_64_characters'
    const withIndex = (name: string) =>
      class Indexed extends Model({ a: Field.integer() }, { table: 'indexed', indexes: [{ fields: ['a'], name }] }) {}
    const refused = {
      'a table': class Long extends Model({ a: Field.integer() }, { table: long }) {},
      'a column': class Long extends Model({ a: Field.integer({ column: long }) }, { table: 'longs' }) {},
      'an index': withIndex(long),
    }

    it.each(Object.entries(refused))('are refused before anything is sent: of %s', async (_, model) => {
      const { db } = database
      if (database.capabilities.identifiers === null) {
        await withTables([model], async () => expect(await model.count()).toBe(0))
        return
      }
      await expect(db.createTables([model])).rejects.toThrow(DefinitionError)
      await expect(db.createTables([model])).rejects.toThrow(/has the name "a_name_that_.*longer than the 6[34] /)
    })

    it('are refused in statements', async () => {
      class Note extends Model({ name: Field.string(), n: Field.integer() }) {}
      await withTables([Note], async () => {
        const { db } = database
        await Note.create({ name: 'a', n: 1 })
        const tooLong = new UsageError(
          `The name "${long}" is longer than the 63 bytes that databases take. Choose a shorter one.`,
        )
        const queries = {
          annotation: () => Note.query().annotate({ [long]: (c) => c.n.plus(1) }),
          aggregate: () => Note.query().aggregate({ [long]: (c) => c.n }),
          'join alias': () => Note.query().join(Note, (c) => c.id.eq(1), { alias: long }),
          cte: () => Note.query().withCte(long, Note.query()),
        }
        for (const [what, run] of Object.entries(queries)) expect(run, what).toThrow(tooLong)
        const written = db.select(sql`select ${sql.id('name')} as ${sql.id(long)} from notes`)
        if (database.capabilities.identifiers === null) expect(await written).toEqual([{ [long]: 'a' }])
        else await expect(written).rejects.toThrow(DefinitionError)
      })
    })

    it('are those that corm makes neither', async () => {
      const end = 'with_a_name_of_sixty_three_bytes_which_is_the_most_it_can_have'.slice(0, 61)
      class Shelf extends Model({ code: Field.string({ column: `a_${end}` }) }, { table: `s_${end}` }) {}
      class Volume extends Model(
        {
          title: Field.string({ column: `b_${end}` }),
          veryLongNameOfAShelfId: Field.foreignKey(() => Shelf, { column: `c_${end}` }),
        },
        { table: `v_${end}` },
      ) {
        static theShelfOnWhichThisVolumeHasItsPlace = Relation.belongsTo(() => Shelf, {
          foreignKey: 'veryLongNameOfAShelfId',
        })
        static marks = Relation.manyToMany(() => Mark, {
          through: `p_${end}`,
          foreignKey: 'theKeyOfTheVolumeInTheTableBetweenBothModels',
          otherKey: 'theKeyOfTheMarkInTheTableBetweenBothModels',
        })
      }
      class Mark extends Model({ word: Field.string({ column: `d_${end}` }) }, { table: `m_${end}` }) {}
      await withTables([Shelf, Volume, Mark], async () => {
        const shelf = await Shelf.create({ code: 'A' })
        const volume = await Volume.create({ title: 'T', veryLongNameOfAShelfId: shelf.id })
        await volume.related('marks').create({ word: 'w' })
        await volume.related('marks').create({ word: 'x' })
        expect(await Volume.where('theShelfOnWhichThisVolumeHasItsPlace.code', 'A').pluck('title')).toEqual(['T'])
        const [read] = await Volume.with({ marks: (q) => q.orderBy('word').limit(1) })
        expect(read?.marks.map(({ word }) => word)).toEqual(['w'])
        expect(await Volume.query().withCount('marks').pluck('marksCount')).toEqual([2])
      })
    })
  })

  describe('toSQLCreateTables()', () => {
    it('has the statements that createTables() sends, and sends none', async () => {
      class Owner extends Model({ name: Field.string({ description: 'As in "the owner"; no other' }) }) {
        static tags = Relation.manyToMany(() => Tag)
      }
      class Tag extends Model({ word: Field.string({ unique: true }) }) {}
      const { db } = database
      const sent: string[] = []
      const stop = db.on('query', ({ sql: text }) => sent.push(text))
      const text = db.toSQLCreateTables([Owner, Tag])
      expect(sent).toEqual([])
      expect(await tables()).not.toContain('owners')
      await withTables([Owner, Tag], async () => {
        stop()
        const made = sent.filter((statement) => /^(create|comment|alter)/.test(statement))
        expect(made.length).toBeGreaterThan(3)
        expect(text).toBe(made.map((statement) => `${statement};\n`).join('\n'))
        expect(text).toContain('owners_tags')
      })
    })

    it('refuses two models of one table', () => {
      class One extends Model({ a: Field.integer() }, { table: 'shared' }) {}
      class Two extends Model({ a: Field.integer(), b: Field.integer() }, { table: 'shared' }) {}
      expect(() => database.db.toSQLCreateTables([One, Two])).toThrow(
        new DefinitionError('"One" and "Two" both have the table "shared". Create it from one of them.'),
      )
    })

    it('refuses what the database lacks', () => {
      class Odd extends Model({ a: Field.integer() }, { indexes: [{ fields: ['a'], method: 'no such method' }] }) {}
      expect(() => database.db.toSQLCreateTables([Odd])).toThrow(UnsupportedError)
    })
  })

  describe('index methods', () => {
    class Tree extends Model({ a: Field.integer() }, { indexes: [{ fields: ['a'], method: 'btree' }] }) {}
    class Odd extends Model({ a: Field.integer() }, { indexes: [{ fields: ['a'], method: 'no such method' }] }) {}

    it('that every database has are taken', async () => {
      await withTables([Tree], async () => {
        expect(await catalog().indexes(database.db, 'trees')).toEqual(['a'])
      })
    })

    it('that a database lacks are refused before anything is sent', async () => {
      const { db } = database
      const error = db.createTables([Tree, Odd])
      await expect(error).rejects.toThrow(UnsupportedError)
      await expect(error).rejects.toThrow('The index method "no such method" is not supported by ')
      expect(await tables()).not.toContain('trees')
      expect(await tables()).not.toContain('odds')
    })
  })

  describe('the index of a foreign key', () => {
    class Owner extends Model({ name: Field.string() }) {}
    class Led extends Model(
      { ownerId: Field.foreignKey(() => Owner), otherId: Field.foreignKey(() => Owner), name: Field.string() },
      { table: 'led', uniques: [['ownerId', 'name']], indexes: [['name', 'otherId']] },
    ) {}
    class Asked extends Model(
      { ownerId: Field.foreignKey(() => Owner, { index: true }), name: Field.string() },
      { table: 'asked', uniques: [['ownerId', 'name']] },
    ) {}

    it('is left out where another index begins with its column', async () => {
      await withTables([Owner, Led], async () => {
        expect(await catalog().indexes(database.db, 'led')).toEqual(['name other_id', 'other_id', 'owner_id name'])
      })
    })

    it('is made where it was asked for', async () => {
      await withTables([Owner, Asked], async () => {
        expect(await catalog().indexes(database.db, 'asked')).toEqual(['owner_id', 'owner_id name'])
      })
    })

    it('is made where the other index has only some of the rows', async () => {
      if (!database.capabilities.partialIndexes) {
        expect(database.capabilities.partialIndexes).toBe(false)
        return
      }
      class Partly extends Model(
        { ownerId: Field.foreignKey(() => Owner), name: Field.string() },
        { table: 'partly', indexes: [{ fields: ['ownerId', 'name'], where: (c) => c.name.ne('') }] },
      ) {}
      await withTables([Owner, Partly], async () => {
        expect(await catalog().indexes(database.db, 'partly')).toEqual(['owner_id', 'owner_id name'])
      })
    })
  })
})
