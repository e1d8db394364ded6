import { Field, Model, Relation, UsageError } from 'corm'
import { beforeEach, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Song extends Model({ name: Field.string() }) {
  static plays = Relation.hasMany(() => Play)
  static tags = Relation.manyToMany(() => Tag, { through: () => SongTag })
}
class Play extends Model({ day: Field.integer(), songId: Field.foreignKey(() => Song) }) {
  static song = Relation.belongsTo(() => Song)
}
class Tag extends Model({ name: Field.string() }) {}
class SongTag extends Model({ songId: Field.foreignKey(() => Song), tagId: Field.foreignKey(() => Tag) }) {}

const list = async (rows: AsyncIterable<{ id: number } | { id: number }[]>) => {
  const ids: number[] = []
  for await (const row of rows) ids.push(...[row].flat().map(({ id }) => id))
  return ids
}

describeDatabases('walking rows that come several times', (database) => {
  database.useTables([Song, Play, Tag, SongTag])
  beforeEach(async () => {
    const songs = await Song.createMany([{ name: 'one' }, { name: 'two' }, { name: 'three' }])
    const tag = await Tag.create({ name: 'tag' })
    for (const { id } of songs) {
      await Play.insertMany([
        { day: 1, songId: id },
        { day: 2, songId: id },
      ])
      await SongTag.insertMany([
        { songId: songs[0]?.id as number, tagId: tag.id },
        { songId: id, tagId: tag.id },
      ])
    }
  })

  type Songs = ReturnType<typeof Song.query>
  /** Every row as often as the query gives it, or an error. */
  const walks = async (query: Songs) => {
    const all = (await query.orderBy('id')).map(({ id }) => id)
    let refused = 0
    for (const size of [1, 2, 3, 4, 5, 100])
      for (const walk of [
        () => list(query.stream({ chunkSize: size })),
        () => list(query.batches(size)),
        () => list(query.idBatches(size)),
        () => pages(query, size),
      ]) {
        const outcome = await walk().catch((error: unknown) => error)
        if (outcome instanceof Error) refused++
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(UsageError)
        else expect(outcome).toEqual(all)
      }
    return refused
  }
  const pages = async (query: Songs, size: number) => {
    const ids: number[] = []
    for (let after: string | null = null; ; ) {
      const page: Awaited<ReturnType<Songs['cursorPaginate']>> = await query.cursorPaginate({ size, after })
      ids.push(...page.items.map(({ id }) => id))
      after = page.nextCursor
      if (after === null) return ids
    }
  }

  it('loses none of a unionAll', async () => {
    expect(await walks(Song.query().unionAll(Song.query()))).toBeGreaterThan(0)
    expect(await walks(Song.where('name', 'one').unionAll(Song.query().whereNot('name', 'one')))).toBe(0)
    expect(await walks(Song.query().union(Song.query()))).toBe(0)
    expect(await walks(Song.query().unionAll(Song.query()).distinct())).toBe(0)
  })

  it('loses none of a join', async () => {
    const joined = Song.query().join(Play, (c, t) => c.id.eq(t.songId), { alias: 'p' })
    expect(await walks(joined as unknown as Songs)).toBeGreaterThan(0)
    expect(await walks(joined.distinct() as unknown as Songs)).toBe(0)
    const first = Song.query().join(Play, (c, t) => c.id.eq(t.songId).and(t.day.eq(1)), { alias: 'p' })
    expect(await walks(first as unknown as Songs)).toBe(0)
    expect(await walks(Song.query().from(joined as never))).toBeGreaterThan(0)
  })

  it('loses none of pairs that are there twice', async () => {
    const song = await Song.where('name', 'one').sole()
    const tags = song.related('tags')
    expect(await tags.count()).toBe(4)
    await expect(list(tags.stream({ chunkSize: 2 }))).rejects.toThrow(UsageError)
    expect(await list(tags.stream({ chunkSize: 20 }))).toHaveLength(4)
    await expect(tags.cursorPaginate({ size: 2 })).rejects.toThrow(UsageError)
  })
})
