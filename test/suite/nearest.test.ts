import { Field, fn, Model, NotFoundError, Relation, sql, UsageError, ValidationError } from 'corm'
import { describe, expect, it } from 'vitest'
import { recordQueries } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'
import { numbers, useVectorTables } from '../support/vectors.js'

class Author extends Model({ name: Field.string() }) {
  static documents = Relation.hasMany(() => Document)
}
class Document extends Model(
  {
    title: Field.string(),
    language: Field.string({ default: 'en' }),
    at: Field.vector(2, { index: { method: 'hnsw' } }),
    spare: Field.vector(2, { nullable: true }),
    far: Field.vector(2, { nullable: true, index: { method: 'ivfflat', metric: 'euclidean', lists: 2, probes: 2 } }),
    authorId: Field.foreignKey(() => Author, { nullable: true }),
    deletedAt: Field.softDelete(),
  },
  { globalScopes: { public: (q) => q.where('language', '!=', 'xx') } },
) {
  static author = Relation.belongsTo(() => Author)
}
/** Too many for each to be looked at by an index that is asked once. */
class Item extends Model({ tenant: Field.integer(), at: Field.vector(16, { index: { m: 8, efConstruction: 32 } }) }) {}

/** A vector of length 1 at this angle in degrees. */
const angle = (degrees: number): [number, number] => [
  Math.cos((degrees * Math.PI) / 180),
  Math.sin((degrees * Math.PI) / 180),
]
const titles = (rows: readonly { title: string }[]) => rows.map(({ title }) => title)

describeDatabases('nearest()', (database) => {
  describe('of documents', () => {
    useVectorTables(database, [Author, Document])

    /** Documents at these angles, each named by it. */
    const fill = (...angles: number[]) =>
      Document.insertMany(
        angles.map((degrees) => ({
          title: String(degrees),
          at: angle(degrees),
          spare: degrees < 100 ? [degrees + 1, 0] : null,
          far: [degrees, 1],
        })),
      )

    it('gives the rows in the order of their distances, with these', async () => {
      await fill(90, 0, 180, 45, 10)
      const rows = await Document.query().nearest('at', angle(0))
      expect(rows.map(({ title, distance }) => [title, distance])).toEqual([
        ['0', 0],
        ['10', 0.015192],
        ['45', 0.292893],
        ['90', 1],
        ['180', 2],
      ])
      expect(rows[0]).toBeInstanceOf(Document)
      expect(JSON.parse(JSON.stringify(rows[1]))).toMatchObject({ title: '10', distance: 0.015192 })
      expect(rows[1]?.isDirty()).toBe(false)
    })

    it('compares by the metric of the index, or by another one without it', async () => {
      await fill(3, 1, 2)
      const by = async (field: 'far' | 'spare', metric?: 'cosine' | 'euclidean' | 'dot', exact?: true) => {
        const query = Document.query().nearest(field, [2, 1], {
          ...(metric !== undefined && { metric }),
          ...(exact && { exact }),
        })
        return (await query).map(({ title, distance }) => [title, distance])
      }
      const euclidean = [
        ['2', 0],
        ...[
          ['1', 1],
          ['3', 1],
        ].sort(),
      ]
      expect((await by('far')).map(([, distance]) => distance)).toEqual([0, 1, 1])
      expect((await by('far', 'euclidean', true))[0]).toEqual(euclidean[0])
      expect(await by('far', 'dot', true)).toEqual([
        ['3', -7],
        ['2', -5],
        ['1', -3],
      ])
      expect(await by('spare', 'euclidean')).toEqual([
        ['1', 1],
        ['2', Number(Math.SQRT2.toFixed(6))],
        ['3', 2.236068],
      ])
      expect(await by('spare')).toEqual([
        ['3', 0.105573],
        ['1', 0.105573],
        ['2', 0.105573],
      ])
    })

    it('gives rows of one distance in the order of their keys', async () => {
      await fill(30, -30, 30, -30, 0)
      const ids = await Document.query().orderBy('id').pluck('id')
      const found = await Document.query().nearest('at', [2, 0], { exact: true }).pluck('id')
      expect(found).toEqual([ids[4], ids[0], ids[1], ids[2], ids[3]])
    })

    it('finds ten rows where nothing is said, and as many as are wanted', async () => {
      await fill(...Array.from({ length: 15 }, (_, i) => i))
      const query = Document.query().nearest('at', angle(0))
      expect(titles(await query)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
      expect(await query.count()).toBe(10)
      expect(titles(await Document.query().nearest('at', angle(0), { limit: 2 }))).toEqual(['0', '1'])
      expect(titles(await query.limit(3))).toEqual(['0', '1', '2'])
      expect(titles(await Document.query().limit(3).nearest('at', angle(0)))).toEqual(['0', '1', '2'])
      expect((await query.first())?.title).toBe('0')
      expect((await query.last())?.title).toBe('9')
      expect(await Document.query().nearest('at', angle(0), { limit: 12 }).count()).toBe(12)
      expect(titles(await Document.query().orderBy('-id').nearest('at', angle(0), { limit: 2 }))).toEqual(['0', '1'])
    })

    it('goes on page by page', async () => {
      await fill(...Array.from({ length: 15 }, (_, i) => i))
      const query = Document.query().nearest('at', angle(0))
      expect(titles(await query.page(2, 4))).toEqual(['4', '5', '6', '7'])
      const page = await query.paginate({ page: 3, size: 6 })
      expect([titles(page.items), page.total, page.pages]).toEqual([['12', '13', '14'], 15, 3])
      expect(page.items[0]?.distance).toBe(0.021852)
      await expect(Document.query().nearest('at', angle(0), { limit: 3 }).paginate()).rejects.toThrow(UsageError)
    })

    it('leaves out what is farther than wanted, whatever stands before it', async () => {
      await fill(0, 20, 60, 90)
      const near = { maxDistance: 0.5 }
      expect(titles(await Document.query().nearest('at', angle(0), near))).toEqual(['0', '20', '60'])
      const either = Document.where('title', '90').orWhere('title', '20')
      expect(titles(await either.nearest('at', angle(0), near))).toEqual(['20'])
      expect(await Document.query().nearest('at', angle(0), { maxDistance: -1 })).toEqual([])
    })

    it('leaves out rows without a vector', async () => {
      await fill(150, 20, 120)
      expect(titles(await Document.query().nearest('spare', [1, 0]))).toEqual(['20'])
    })

    it('searches among the rows that conditions, scopes and soft deletes leave', async () => {
      await fill(...Array.from({ length: 30 }, (_, i) => i))
      await Document.where('id', '<', ((await Document.query().min('id')) ?? 0) + 12).update({ language: 'xx' })
      const deleted = Document.query().whereIn('title', ['12', '13', '14'])
      expect(await deleted.delete()).toBe(3)
      const search = () => Document.query().nearest('at', angle(0), { limit: 3 })
      expect(titles(await search())).toEqual(['15', '16', '17'])
      expect(titles(await search().withTrashed())).toEqual(['12', '13', '14'])
      expect(titles(await search().withoutGlobalScopes())).toEqual(['0', '1', '2'])
      expect(titles(await search().where('title', 'like', '2_'))).toEqual(['20', '21', '22'])
      expect(titles(await Document.where('title', 'like', '2_').nearest('at', angle(0), { limit: 3 }))).toEqual([
        '20',
        '21',
        '22',
      ])
      expect(titles(await search().where('distance', '>', 0.1))).toEqual(['26', '27', '28'])
    })

    it('works with joins, relations and the queries around it', async () => {
      const [ann, ben] = await Author.createMany([{ name: 'Ann' }, { name: 'Ben' }])
      await fill(0, 10, 20, 30, 40, 50)
      await Document.query()
        .whereIn('title', ['10', '30', '50'])
        .update({ authorId: ann?.id ?? 0 })
      await Document.query()
        .whereIn('title', ['20', '40'])
        .update({ authorId: ben?.id ?? 0 })
      const near = Document.query().nearest('at', angle(0), { limit: 2 })
      expect(titles(await near.where('author.name', 'Ben'))).toEqual(['20', '40'])
      const joined = near
        .join(Author, (c, t) => c.authorId.eq(t.id), { alias: 'w' })
        .annotate({ by: (_, t) => t.w.name })
      expect((await joined).map(({ title, by, distance }) => [title, by, distance])).toEqual([
        ['10', 'Ann', 0.015192],
        ['20', 'Ben', 0.060307],
      ])
      const loaded = await near.with('author').where('author.name', 'Ann')
      expect(loaded.map(({ author }) => author?.name)).toEqual(['Ann', 'Ann'])
      const authors = await Author.query()
        .orderBy('name')
        .with({ documents: (q) => q.nearest('at', angle(35), { limit: 2 }) })
      const found = authors.map(({ documents }) => [...documents].map((each) => each as unknown as { title: string }))
      expect(found.map(titles)).toEqual([
        ['30', '50'],
        ['40', '20'],
      ])
      expect(await ann?.related('documents').nearest('at', angle(60), { limit: 1 }).pluck('title')).toEqual(['50'])
      expect(
        await Author.query()
          .whereHas('documents', (q) => q.nearest('at', angle(40), { maxDistance: 0.001 }))
          .pluck('name'),
      ).toEqual(['Ben'])
      expect(await Document.query().from(near.withoutGlobalScopes()).orderBy('-title').pluck('title')).toEqual([
        '10',
        '0',
      ])
      expect(await Document.query().whereIn('id', near.select('id')).orderBy('-title').pluck('title')).toEqual([
        '10',
        '0',
      ])
    })

    it('gives values and aggregates, and can be changed or deleted', async () => {
      await fill(0, 10, 20, 30)
      const near = Document.query().nearest('at', angle(0), { limit: 2 })
      expect(await near.values('title', 'distance')).toEqual([
        { title: '0', distance: 0 },
        { title: '10', distance: 0.015192 },
      ])
      expect(await near.select('title').get()).toMatchObject([{ title: '0', distance: 0 }, { title: '10' }])
      expect(await near.max('distance')).toBe(0.015192)
      expect(await near.exists()).toBe(true)
      expect(await near.update({ language: 'de' })).toBe(2)
      expect(await Document.where('language', 'de').orderBy('title').pluck('title')).toEqual(['0', '10'])
      expect(await near.forceDelete()).toBe(2)
      expect(await Document.query().orderBy('title').pluck('title')).toEqual(['20', '30'])
      expect(await near.sole().catch((error: Error) => error)).not.toBeInstanceOf(NotFoundError)
    })

    it('keeps the vector that it was given, and one text for all vectors', async () => {
      await fill(0, 90)
      const vector = new Float32Array([1, 0])
      const query = Document.query().nearest('at', vector, { limit: 1 })
      vector.set([0, 1])
      expect(titles(await query)).toEqual(['0'])
      const search = (degrees: number) =>
        Document.query().nearest('at', angle(degrees), { limit: 1, maxDistance: 1 + degrees / 1000 })
      const { events } = await recordQueries(async () => {
        expect(titles(await search(80))).toEqual(['90'])
        expect(titles(await search(3))).toEqual(['0'])
      })
      expect(new Set(events.map((event) => event.sql)).size).toBe(1)
    })

    it('is refused as it makes no sense', async () => {
      const query = Document.query() as any
      const vector = angle(0)
      const refused = (message: string, ...args: unknown[]) => {
        expect(() => query.nearest(...args)).toThrow(UsageError)
        expect(() => query.nearest(...args)).toThrow(message)
      }
      refused('nearest() needs a vector, and "Document.title" is none', 'title', vector)
      refused('"metric"', 'at', vector, { metric: 'manhattan' })
      refused('The index of "Document.at" is for the metric "cosine", and nearest() asks for "dot".', 'at', vector, {
        metric: 'dot',
      })
      refused('"limit"', 'at', vector, { limit: 0 })
      refused('"limit"', 'at', vector, { limit: '10' })
      refused('"maxDistance"', 'at', vector, { maxDistance: Number.NaN })
      refused('"exact"', 'at', vector, { exact: 1 })
      refused('"top"', 'at', vector, { top: 3 })
      refused('no field', 'vector', vector)
      expect(() => query.nearest('at', undefined)).toThrow(ValidationError)
      expect(() => query.nearest('at', vector).nearest('at', vector)).toThrow(
        `nearest() can't name a value "distance": "Document" or the query has that name already.`,
      )
    })
  })

  describe('over many rows', () => {
    useVectorTables(database, [Item])
    const random = numbers(7)
    const vectorOf = () => Float32Array.from({ length: 16 }, random)
    const COUNT = 3000

    const cosine = (a: Float32Array, b: Float32Array) => {
      let [product, one, other] = [0, 0, 0]
      a.forEach((value, i) => {
        const second = b[i] as number
        product += value * second
        one += value * value
        other += second * second
      })
      return 1 - product / Math.sqrt(one * other)
    }

    it('finds exactly what a look at each of them finds', async () => {
      const rows = Array.from({ length: COUNT }, (_, i) => ({ tenant: i % 100, at: vectorOf() }))
      await Item.insertMany(rows)
      const first = await Item.query().min('id')
      const best = (query: Float32Array, tenant?: number) =>
        rows
          .map(({ at, tenant: of }, i) => ({ id: i + (first ?? 0), of, distance: cosine(at, query) }))
          .filter(({ of }) => tenant === undefined || of === tenant)
          .sort((a, b) => a.distance - b.distance)
          .slice(0, 10)
      const recall = { index: 0, wide: 0 }
      for (let i = 0; i < 10; i++) {
        const query = vectorOf()
        const all = best(query)
        const exact = await Item.query().nearest('at', query, { exact: true })
        expect(exact.map(({ id }) => id)).toEqual(all.map(({ id }) => id))
        exact.forEach(({ distance }, k) => expect(distance).toBeCloseTo(all[k]?.distance ?? 0, 5))
        // one in a hundred rows: the index alone would find hardly any of them
        const few = await Item.where('tenant', i).nearest('at', query, { exact: true })
        expect(few.map(({ id }) => id)).toEqual(best(query, i).map(({ id }) => id))
        const filtered = await Item.where('tenant', i).nearest('at', query)
        expect(filtered.length).toBe(10)
        const found = new Set((await Item.query().nearest('at', query)).map(({ id }) => id))
        recall.index += all.filter(({ id }) => found.has(id)).length / 100
      }
      const isExact = database.capabilities.vectors?.indexes !== true
      console.info(`recall of the ten nearest among ${COUNT} on ${database.kind}: ${recall.index.toFixed(2)}`)
      if (isExact) expect(recall.index).toBeCloseTo(1, 10)
      expect(recall.index).toBeGreaterThan(0.8)
    })
  })

  describe('and the session', () => {
    useVectorTables(database, [Item])
    const vector = new Float32Array(16).fill(1)

    it('leaves no setting behind, nor in the transaction that it runs in', async (context) => {
      if (database.capabilities.vectors?.indexes !== true) context.skip()
      const { db } = database
      const setting = async () =>
        (await db.select(sql`select current_setting('hnsw.iterative_scan', true) as it`))[0]?.it
      await Item.insertMany([{ tenant: 1, at: vector }])
      await Item.query().nearest('at', vector)
      expect(await setting()).toBe('off')
      await db.transaction(async () => {
        await db.execute(sql`set local hnsw.iterative_scan = 'relaxed_order'`)
        const found = await Promise.all([1, 2].map(() => Item.query().nearest('at', vector)))
        expect(found.flat().length).toBe(2)
        expect(await setting()).toBe('relaxed_order')
        await Item.create({ tenant: 2, at: vector })
      })
      expect(await setting()).toBe('off')
      expect(await Item.query().count()).toBe(2)
      await expect(
        db.transaction(async () => {
          await Item.query().nearest('at', vector).whereRaw(sql`1 / (tenant - tenant) = 1`)
        }),
      ).rejects.toThrow('division by zero')
    })

    it('uses the index, unless it is to be exact', async (context) => {
      if (database.capabilities.vectors?.indexes !== true) context.skip()
      const random = numbers(3)
      await Item.insertMany(
        Array.from({ length: 2000 }, () => ({ tenant: 1, at: Float32Array.from({ length: 16 }, random) })),
      )
      await database.db.execute(sql`analyze items`)
      expect(await Item.query().nearest('at', vector).explain()).toContain('Index Scan using items_at_index')
      expect(await Item.query().nearest('at', vector, { exact: true }).explain()).not.toContain('Index Scan')
    })
  })

  describe('with sqlite-vec and without', () => {
    useVectorTables(database, [Item])

    it('finds the same rows in the same order', async (context) => {
      const query = () => Item.query().nearest('at', vector, { limit: 300 })
      const vector = new Float32Array([3, ...new Array<number>(15).fill(1)])
      if (!JSON.stringify(query().toSQL()).includes('vec_distance_cosine')) context.skip()
      const random = numbers(11)
      await Item.insertMany(
        Array.from({ length: 600 }, (_, i) => {
          // ties: the same vector, and others that are as far
          const at = new Float32Array(16).fill(i % 3 === 0 ? 1 : 0)
          if (i % 3 === 1) at.forEach((_each, k) => void (at[k] = random()))
          if (i % 3 === 2) at[1 + (i % 15)] = 2
          return { tenant: i, at }
        }),
      )
      for (const metric of ['cosine', 'euclidean'] as const) {
        const search = Item.query().nearest('at', vector, { limit: 300, metric, exact: true }).select('tenant')
        const found = (await search).map(({ id, tenant, distance }) => [id, tenant, distance])
        const own = search.toSQL({ dialect: 'sqlite' })
        expect(own.sql).toContain(`corm_${metric}("at", (select corm_vector(?)))`)
        const rows = await database.db.connection((raw) =>
          (raw as Raw)
            .prepare(own.sql)
            .raw(true)
            .all(...own.parameters),
        )
        expect(rows.map(([id]) => id)).toEqual(found.map(([id]) => id))
        // the extension computes with 32 bits
        rows.forEach(([, , distance], k) =>
          expect(Math.abs(Number(distance) - Number(found[k]?.[2]))).toBeLessThan(1.5e-6),
        )
      }
    })
  })
})

/** The part of the driver's object that is used here. */
interface Raw {
  prepare(sql: string): { raw(on: boolean): { all(...parameters: unknown[]): unknown[][] } }
}

describe('the SQL of nearest()', () => {
  class Note extends Model({
    title: Field.string(),
    at: Field.vector(2, { index: { method: 'hnsw', efSearch: 100 } }),
    plain: Field.vector(2, { nullable: true }),
  }) {}
  const sqlOf = (query: { toSQL(options: { dialect: 'sqlite' | 'postgres' }): { sql: string } }) => [
    query.toSQL({ dialect: 'sqlite' }).sql,
    query.toSQL({ dialect: 'postgres' }).sql,
  ]
  const notes = () => Note.query().select('title')

  it('has the operator of the index, and the settings that it is searched with', () => {
    expect(sqlOf(notes().where('title', 'a').nearest('at', [1, 2]))).toEqual([
      'select "id", "title", corm_cosine("at", (select corm_vector(?))) as "distance" from "notes" where "title" = ? order by "distance" asc, "id" asc limit 10',
      `select "id", "title", round(("at" <=> $1::vector) * 1000000) / 1000000 + 0 as "distance" from "notes" where ((select set_config('hnsw.iterative_scan', 'strict_order', true) || set_config('hnsw.ef_search', '100', true)) is not null) and "title" = $2 order by "at" <=> $3::vector asc, "id" asc limit 10`,
    ])
  })

  it('compares all rows where there is no index, or where it is to be exact', () => {
    expect(sqlOf(notes().nearest('plain', [1, 2], { metric: 'euclidean', maxDistance: 2, limit: 3 }))).toEqual([
      'select "id", "title", corm_euclidean("plain", (select corm_vector(?))) as "distance" from "notes" where "plain" is not null and (corm_euclidean("plain", (select corm_vector(?)))) <= ? order by "distance" asc, "id" asc limit 3',
      'select "id", "title", round(("plain" <-> $1::vector) * 1000000) / 1000000 + 0 as "distance" from "notes" where "plain" is not null and (round(("plain" <-> $2::vector) * 1000000) / 1000000 + 0) <= $3::float8 order by "distance" asc, "id" asc limit 3',
    ])
    expect(sqlOf(notes().nearest('at', [1, 2], { metric: 'dot', exact: true }))[1]).toBe(
      'select "id", "title", round(("at" <#> $1::vector) * 1000000) / 1000000 + 0 as "distance" from "notes" order by "distance" asc, "id" asc limit 10',
    )
  })

  it('is the only order of vectors', () => {
    expect(() => notes().orderBy('at' as never)).toThrow('Rows are not ordered by a vector')
    expect(() => notes().orderBy((c) => c.at as never)).toThrow('Rows are not ordered by a vector')
    expect(() => notes().annotate({ least: (c) => fn.min(c.at as never) })).toThrow('fn.min() takes no vector')
  })

  it('is refused by dialects without vectors', () => {
    expect(() => notes().nearest('at', [1, 2]).toSQL({ dialect: 'mariadb' })).toThrow(
      'A vector is not supported by MariaDB 10.11.0. MariaDB has vectors since 11.7, MySQL since 9.0; SQLite and PostgreSQL have them too.',
    )
    expect(() => notes().nearest('at', [1, 2]).toSQL({ dialect: 'mysql' })).toThrow('MySQL 8.4.0')
  })
})
