import { Decimal } from 'decimal.js'
import { beforeEach, describe, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { looseField, looseModel, looseRelation } from '../support/loose.js'

// Two keys are one when the database stores the same for them, however they are written.

type Make = (options: object) => any

interface Case {
  readonly fields: Readonly<Record<string, Make>>
  /** The first three are rows; for each key the ways to write it. */
  readonly keys: readonly (readonly unknown[])[]
}

class Code {
  constructor(readonly text: string) {}
}
const code = looseField.custom?.({
  type: 'string',
  encode: (value: Code) => value.text,
  decode: (raw: unknown) => new Code(String(raw)),
}) as Make

const { integer, bigInteger, uuid, string, char, decimal, dateTime, date, time, binary } = looseField as Record<
  string,
  (...args: unknown[]) => any
>

const one = (make: Make, ...keys: (readonly unknown[])[]): Case => ({ fields: { id: make }, keys })
const bytes = (...values: number[]) => new Uint8Array(values)
const at = (text: string) => new Date(text)
const id = (last: string) => `abcdef00-0000-4000-8000-00000000000${last}`

const CASES: Readonly<Record<string, Case>> = {
  integers: one((o) => integer?.(o), [1, 1n], [-2, -2n], [0, -0, 0n]),
  'big integers': one((o) => bigInteger?.(o), [9007199254740993n], [9007199254740992n], [5n, 5]),
  'big integers as texts': one(
    (o) => bigInteger?.({ as: 'string', ...o }),
    ['9007199254740993', 9007199254740993n],
    ['9007199254740992', '09007199254740992'],
    ['5', 5, 5n, '05'],
  ),
  'big integers as numbers': one((o) => bigInteger?.({ as: 'number', ...o }), [1, 1n], [2 ** 53 - 1], [-3, -3n]),
  uuids: one((o) => uuid?.(o), [id('a'), id('a').toUpperCase()], [id('b'), id('B')], [id('0')]),
  texts: one((o) => string?.({ max: 40, ...o }), ['a'], ['A'], ['a ']),
  'texts that look like numbers': one((o) => string?.({ max: 40, ...o }), ['1'], ['01'], ['1.0']),
  'texts that are separators': one((o) => string?.({ max: 40, ...o }), ['","'], ['\\'], ['null']),
  'texts of a fixed length': one((o) => char?.(6, o), ['ab'], ['AB'], ['x']),
  'texts of a fixed length that end in blanks': one((o) => char?.(6, o), ['ab'], ['ab '], ['ab    ']),
  decimals: one(
    (o) => decimal?.({ precision: 10, scale: 2, ...o }),
    ['1.00', 1, '1', '1.0', new Decimal('1.000'), '+1', '01'],
    ['0.10', 0.1, '.1', new Decimal('0.1')],
    ['0.00', 0, '-0', '-0.00'],
  ),
  'decimals as texts': one(
    (o) => decimal?.({ precision: 10, scale: 2, as: 'string', ...o }),
    ['1.00', 1, '1.0'],
    ['10.00', 10],
    ['-0.50', '-.5'],
  ),
  'decimals as numbers': one(
    (o) => decimal?.({ precision: 10, scale: 2, as: 'number', ...o }),
    [1, '1.00'],
    [10, '10.0'],
    [0.25, '.25'],
  ),
  moments: one(
    (o) => dateTime?.(o),
    [at('2026-01-02T03:04:05.678Z'), at('2026-01-02T04:04:05.678+01:00')],
    [at('2026-01-02T03:04:05.679Z')],
    [at('1969-12-31T23:59:59.999Z')],
  ),
  'moments of a microsecond': one(
    (o) => dateTime?.({ precision: 6, ...o }),
    [at('2026-01-02T03:04:05.678Z'), at('2026-01-02T04:04:05.678+01:00')],
    [at('2026-01-02T03:04:05.679Z')],
    [at('2000-01-01T00:00:00Z')],
  ),
  days: one((o) => date?.(o), ['2026-01-02'], ['2026-02-01'], ['0099-12-31'].slice(0, 0).concat('1999-12-31')),
  times: one(
    (o) => time?.(o),
    ['10:00:00', '10:00', '10:00:00.000'],
    ['10:00:00.5', '10:00:00.500'],
    ['00:00:00', '00:00'],
  ),
  bytes: one(
    (o) => binary?.(o),
    [bytes(1, 2), Buffer.from([1, 2])],
    [bytes(1, 2, 0)],
    [bytes(255), Buffer.from([255])],
  ),
  'values of a custom type': one(
    (o) => code({ ...o }),
    [new Code('a'), new Code('a')],
    [new Code('A')],
    [new Code('a,b')],
  ),
  'several fields': {
    fields: {
      part: (o) => decimal?.({ precision: 10, scale: 2, ...o }),
      mark: (o) => uuid?.(o),
      text: (o) => string?.({ max: 40, ...o }),
    },
    keys: [
      [
        { part: '1.00', mark: id('a'), text: 'a' },
        { text: 'a', mark: id('A'), part: 1 },
      ],
      [
        { part: '1.00', mark: id('a'), text: 'A' },
        { part: new Decimal(1), mark: id('A'), text: 'A' },
      ],
      [{ part: '1.00', mark: id('b'), text: '","' }],
    ],
  },
}

/** As data has it: the fields of a key under these names. */
const named = ({ fields }: Case, form: unknown, nameOf = (name: string) => name) =>
  Object.fromEntries(
    Object.keys(fields).map((name) => [
      nameOf(name),
      Object.keys(fields).length === 1 ? form : (form as Record<string, unknown>)[name],
    ]),
  )

const ownerName = (name: string) => `owner${name.slice(0, 1).toUpperCase()}${name.slice(1)}`

/** Models with keys of this kind: owners, their rows, and rows that they are linked to. */
function modelsOf({ fields }: Case, number: number) {
  const entries = Object.entries(fields)
  const key = () => Object.fromEntries(entries.map(([name, make]) => [name, make({ primaryKey: true })]))
  const foreign = Object.fromEntries(entries.map(([name, make]) => [ownerName(name), make({ nullable: true })]))
  const foreignKey = Object.keys(foreign)
  const title = () => looseField.string?.({ max: 40 })
  class Owner extends looseModel({ ...key(), title: title() }, { table: `identity_owners_${number}` }) {
    static rows = looseRelation.hasMany?.(() => Row, { foreignKey })
    static links = looseRelation.manyToMany?.(() => Link, { through: `identity_pairs_${number}` })
  }
  class Row extends looseModel({ ...key(), title: title(), ...foreign }, { table: `identity_rows_${number}` }) {
    static owner = looseRelation.belongsTo?.(() => Owner, { foreignKey })
  }
  class Link extends looseModel({ ...key(), title: title() }, { table: `identity_links_${number}` }) {
    static owners = looseRelation.manyToMany?.(() => Owner, { through: `identity_pairs_${number}` })
  }
  const deletedAt = looseField.softDelete?.()
  class Node extends looseModel(
    { ...key(), title: title(), ...foreign, deletedAt },
    { table: `identity_nodes_${number}` },
  ) {
    static nodes = looseRelation.hasMany?.(() => Node, { foreignKey, onSoftDelete: 'cascade' })
  }
  return { Owner: Owner as any, Row: Row as any, Link: Link as any, Node: Node as any }
}

const ALL = Object.entries(CASES).map(([name, given], i) => ({ name, given, models: modelsOf(given, i) }))

const titles = (rows: Iterable<{ title: string }>) => [...rows].map(({ title }) => title)

describeDatabases('keys are the same by what is stored', (database) => {
  database.useTables(ALL.flatMap(({ models }) => Object.values(models)) as never)

  describe.each(ALL)('$name', ({ given, models: { Owner, Row, Link, Node } }) => {
    const { keys } = given
    const every = keys.flatMap((ways, i) => ways.map((way) => ({ way, title: `${i}` })))
    const first = (i: number) => keys[i]?.[0]
    const last = (i: number) => keys[i]?.at(-1)

    beforeEach(async () => {
      for (const model of [Owner, Row, Link])
        await model.createMany(keys.map((ways, i) => ({ ...named(given, ways[0]), title: `${i}` })))
    })

    it('findMany() has a row for each key that it is given', async () => {
      const found = await Owner.findMany([...every, ...every].map(({ way }) => way))
      expect(titles(found)).toEqual([...every, ...every].map(({ title }) => title))
      for (const { way, title } of every) expect((await Owner.find(way)).title).toBe(title)
    })

    it('eager loading gives each owner its rows', async () => {
      for (const ways of keys)
        await Row.findOrFail(ways[0]).then((row: any) => row.update(named(given, ways.at(-1), ownerName)))
      const owners = await Owner.with('rows').orderBy('title')
      expect(owners.map((owner: any) => titles(owner.rows))).toEqual(keys.map((_, i) => [`${i}`]))
      const rows = await Row.with('owner').orderBy('title')
      expect(rows.map((row: any) => row.owner.title)).toEqual(keys.map((_, i) => `${i}`))
      expect(new Set(rows.map((row: any) => row.owner.title)).size).toBe(keys.length)
    })

    it('upsertMany() writes each row once', async () => {
      const data = every.map(({ way }, i) => ({ ...named(given, way), title: `new ${i}` }))
      const conflict = Object.keys(given.fields)
      expect(await Owner.upsertMany(data, { conflict })).toEqual({
        inserted: 0,
        updated: keys.length,
        skipped: every.length - keys.length,
      })
      const kept = keys.map((ways) => `new ${every.findLastIndex(({ way }) => ways.includes(way))}`)
      expect(titles(await Owner.findMany(keys.map((ways) => ways[0])))).toEqual(kept)
    })

    it('saveMany() takes the later of two instances of one row', async () => {
      const [a, b] = [await Owner.find(first(0)), await Owner.find(last(0))]
      const other = await Owner.find(first(1))
      a.title = 'first'
      b.title = 'second'
      other.title = 'other'
      await Owner.saveMany([a, other, b])
      expect(titles(await Owner.findMany([first(0), first(1)]))).toEqual(['second', 'other'])
    })

    it('links are made, kept and removed once', async () => {
      const owner = await Owner.with('links').find(first(0))
      expect(await owner.related('links').attach(keys.flat())).toBe(keys.length)
      expect(await owner.related('links').attach(keys.flat())).toBe(0)
      expect(await owner.related('links').sync([last(0), last(1)])).toEqual({ attached: 0, detached: 1, updated: 0 })
      expect(titles(owner.links).sort()).toEqual(['0', '1'])
      expect(await owner.related('links').detach(last(1))).toBe(1)
      expect(titles(owner.links)).toEqual(['0'])
      expect(titles((await Owner.with('links').find(last(0))).links)).toEqual(['0'])
    })

    it('rows are taken over, kept and let go once', async () => {
      const owner = await Owner.with('rows').find(first(0))
      expect(await owner.related('rows').attach(keys.flat())).toBe(keys.length)
      expect(await owner.related('rows').sync([...(keys[0] ?? []), last(1)])).toEqual({
        attached: 0,
        detached: 1,
        updated: 0,
      })
      expect(titles(owner.rows).sort()).toEqual(['0', '1'])
      expect(await owner.related('rows').detach(last(1))).toBe(1)
      expect(titles(owner.rows)).toEqual(['0'])
    })

    it('nested writes connect, keep and disconnect rows once', async () => {
      const owner = await Owner.find(first(0))
      await owner.saveWithRelations({ rows: { connect: keys.flat() }, links: { connect: keys.flat() } })
      await owner.saveWithRelations({
        rows: { set: [last(0), first(0), last(1)] },
        links: { set: [last(0), first(0), last(1)] },
      })
      await owner.saveWithRelations({
        rows: { disconnect: [last(1), first(1)] },
        links: { disconnect: [last(1), first(1)] },
      })
      const read = await Owner.with('rows', 'links').find(last(0))
      expect([titles(read.rows), titles(read.links)]).toEqual([['0'], ['0']])
    })

    it('an instance and a reference write the row of their key', async () => {
      for (const { way, title } of every) {
        const ref = Owner.ref(way)
        ref.title = `ref ${title}`
        await ref.save()
        expect((await Owner.find(way)).title).toBe(`ref ${title}`)
        expect((await Owner.findOrFail(ref.pk)).title).toBe(`ref ${title}`)
        const read = await Owner.find(way)
        await read.update({ title: 'read' })
        await read.refresh()
        expect(read.title).toBe('read')
      }
      await (await Row.find(last(0))).delete()
      await Row.ref(last(1)).delete()
      expect(titles(await Row.all())).toEqual(['2'])
    })

    it('changes of rows are read back by their keys', async () => {
      const rows = await Owner.all().orderBy('title').updateReturning({ title: 'changed' })
      expect(titles(rows)).toEqual(keys.map(() => 'changed'))
      const gone = await Owner.query()
        .whereKey([...(keys[0] ?? []), last(1)])
        .deleteReturning()
      expect(gone.length).toBe(2)
      expect(await Owner.count()).toBe(1)
    })

    it('soft deletes go round a circle once, and back', async () => {
      await Node.createMany(
        keys.map((ways, i) => ({
          ...named(given, ways[0]),
          title: `${i}`,
          ...named(given, keys[(i + 1) % keys.length]?.at(-1), ownerName),
        })),
      )
      const node = await Node.find(last(0))
      await node.delete()
      expect(await Node.count()).toBe(0)
      await node.restore()
      expect(await Node.count()).toBe(keys.length)
    })

    it('deleteMany() deletes each row once', async () => {
      expect(await Link.deleteMany([...(keys[0] ?? []), ...(keys[1] ?? [])])).toBe(2)
      expect(titles(await Link.all())).toEqual(['2'])
    })
  })
})

let last = 0
const madeKeys: readonly Make[] = [
  (o) => binary?.({ ...o, default: () => bytes(1, ++last) }),
  (o) => dateTime?.({ ...o, default: () => new Date(Date.UTC(2026, 0, 1) + ++last) }),
  (o) => decimal?.({ precision: 10, scale: 2, ...o, default: () => ++last }),
  (o) => uuid?.({ ...o, default: () => id(`${++last % 10}`).toUpperCase() }),
]
const Made = madeKeys.map((make, i) => {
  class Made extends looseModel(
    { id: make({ primaryKey: true }), title: looseField.string?.({ max: 40, unique: true }) },
    { table: `identity_made_${i}` },
  ) {}
  return Made as any
})

describeDatabases('a key that a default has made', (database) => {
  database.useTables(Made)

  it.each(Made.map((model, i) => ({ model, i })))('is that of a new row in a transaction ($i)', ({ model }) =>
    model.transaction(async () => {
      const [made, isNew] = await model.firstOrCreate({ title: 'a' })
      const [found, again] = await model.firstOrCreate({ title: 'a' })
      expect([isNew, again]).toEqual([true, false])
      expect(found.pk).toEqual((await model.find(made.pk)).pk)
    }),
  )
})
