import { Field, Relation } from 'corm'
import { beforeEach, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { looseModel } from '../support/loose.js'

// A model of an SQLite file may declare more digits of a second than the columns of other databases have.

class Beat extends looseModel(
  {
    at: Field.dateTime({ digits: 7, trim: 'zeros', primaryKey: true }),
    ended: Field.dateTime({ digits: 9, nullable: true }),
    n: Field.integer(),
  },
  { table: 'digit_beats' },
) {
  static notes = Relation.hasMany(() => Note, { foreignKey: 'beatAt' })
}

class Note extends looseModel(
  { text: Field.string({ max: 20 }), beatAt: Field.dateTime({ digits: 7 }) },
  { table: 'digit_notes' },
) {
  static beat = Relation.belongsTo(() => Beat, { foreignKey: 'beatAt' })
}

const AT = [1670, 2000, 2001].map((time) => new Date(time))

describeDatabases('moments of more than six digits', (database) => {
  database.useTables([Beat, Note])
  beforeEach(async () => {
    await Beat.insertMany(AT.map((at, n) => ({ at, ended: at, n })))
    await Note.insertMany(AT.map((beatAt, n) => ({ beatAt, text: `n${n}` })))
  })

  it('are the same moments, whatever the column has', async () => {
    const [first] = await Beat.query().orderBy('at')
    first.ended = new Date(1670)
    expect(first.isDirty()).toBe(false)
    expect(await Beat.where('ended', first.ended).pluck('n')).toEqual([0])
    expect((await Beat.findMany([AT[2], AT[0]])).map(({ n }: { n: number }) => n)).toEqual([2, 0])
    expect(
      await Beat.query()
        .annotate({ k: (c: any) => c.ended.coalesce(AT[0]) })
        .where('k', AT[0])
        .pluck('n'),
    ).toEqual([0])
    await first.update({ n: 7 })
    await first.refresh()
    expect(first.n).toBe(7)
  })

  it('are keys of upserts, relations and deletions', async () => {
    const rows = [
      { at: AT[0], n: 5 },
      { at: new Date(9000), n: 6 },
    ]
    expect(await Beat.upsertMany(rows, { conflict: 'at' })).toEqual({ inserted: 1, updated: 1, skipped: 0 })
    const beats = await Beat.query().orderBy('at').with('notes')
    expect(beats.map(({ notes }: any) => notes.map(({ text }: any) => text))).toEqual([['n0'], ['n1'], ['n2'], []])
    expect((await Note.query().orderBy('text').with('beat')).map(({ beat }: any) => beat.n)).toEqual([5, 1, 2])
    expect(await Beat.deleteMany([AT[1], new Date(9000)])).toBe(2)
  })

  it('are orders of cursors, streams and batches', async () => {
    const seen: number[][] = [[], [], []]
    for (let after: string | null | undefined; after !== null; ) {
      const page: any = await Beat.query()
        .orderBy('ended')
        .cursorPaginate({ size: 1, ...(after && { after }) })
      seen[0]?.push(...page.items.map(({ n }: { n: number }) => n))
      after = page.nextCursor
    }
    for await (const { n } of Beat.query().orderBy('ended').stream({ chunkSize: 1 })) seen[1]?.push(n)
    for await (const rows of Beat.query().idBatches(1)) seen[2]?.push(...rows.map(({ n }: { n: number }) => n))
    expect(seen).toEqual([
      [0, 1, 2],
      [0, 1, 2],
      [0, 1, 2],
    ])
  })
})
