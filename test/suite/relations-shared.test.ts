import { Field, Model, Relation, sql } from 'corm'
import { beforeEach, describe, expect, it } from 'vitest'
import { expectQueries } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'

// Rows that several owners share: each owner has instances of its own of them, however few the rows are that were read.

class Playlist extends Model({ name: Field.string() }, { table: 'shared_playlists' }) {
  static tracks = Relation.manyToMany(() => Track, { pivot: { place: Field.integer({ nullable: true }) } })
  static moods = Relation.manyToMany(() => Mood)
  static issues = Relation.manyToMany(() => Issue, { through: 'shared_playlists_issues' })
  static plays = Relation.hasMany(() => Play)
  static stamps = Relation.hasManyThrough(() => Stamp, { through: () => Play })
}

class Track extends Model(
  {
    title: Field.string(),
    wave: Field.binary(),
    facts: Field.json<{ tempo: number }>(),
    lyrics: Field.text({ lazy: true }),
    releasedAt: Field.dateTime(),
    deletedAt: Field.softDelete(),
  },
  { table: 'shared_tracks' },
) {
  static playlists = Relation.manyToMany(() => Playlist, { pivot: { place: Field.integer({ nullable: true }) } })
}

class Mood extends Model({ id: Field.bigId(), name: Field.string() }, { table: 'shared_moods' }) {}

class Issue extends Model(
  { id: Field.integer({ primaryKey: true }), name: Field.string() },
  { table: 'shared_issues' },
) {}

class Stamp extends Model({ playId: Field.foreignKey(() => Play, { lazy: true }) }, { table: 'shared_stamps' }) {}

class Play extends Model({ playlistId: Field.foreignKey(() => Playlist) }, { table: 'shared_plays' }) {}

const track = (title: string) => ({
  title,
  wave: new Uint8Array([1, 2, 3]),
  facts: { tempo: 120 },
  lyrics: `la ${title}`,
  releasedAt: new Date('2020-02-29T12:00:00.123Z'),
})

describeDatabases('rows that several owners share', (database) => {
  database.useTables([Playlist, Track, Mood, Issue, Play, Stamp])
  let lists: Playlist[]
  let tracks: Track[]
  beforeEach(async () => {
    lists = await Playlist.createMany(['run', 'rest', 'none'].map((name) => ({ name })))
    tracks = await Track.createMany(['a', 'b', 'c'].map(track))
    const [run, rest] = lists as [Playlist, Playlist]
    const [a, b, c] = tracks as [Track, Track, Track]
    await Playlist.attachMany('tracks', [
      [run, a, { place: 2 }],
      [run, b, { place: 1 }],
      [rest, b, { place: 7 }],
      [rest, c],
    ])
  })
  const load = () => Playlist.with('tracks').orderBy('id')
  const titles = (list: { tracks: readonly { title: string }[] }) => list.tracks.map(({ title }) => title).sort()
  const b = (list: Awaited<ReturnType<typeof load>>[number] | undefined) =>
    list?.tracks.find(({ title }) => title === 'b') as NonNullable<typeof list>['tracks'][number]

  it('come to each, with the pivot of each', async () => {
    const [run, rest, none] = await expectQueries({ apart: 2, together: 2 }, load)
    expect([run, rest, none].map((list) => titles(list!))).toEqual([['a', 'b'], ['b', 'c'], []])
    expect(b(run).pivot).toEqual({ playlistId: run!.id, trackId: tracks[1]!.id, place: 1 })
    expect(b(rest).pivot).toEqual({ playlistId: rest!.id, trackId: tracks[1]!.id, place: 7 })
    expect({ ...b(run), pivot: null }).toEqual({ ...(await Track.where('title', 'b').sole()), pivot: null })
  })

  it('are instances apart: what is done to one is not done to the other', async () => {
    const [run, rest] = await load()
    const [one, other] = [b(run), b(rest)]
    expect(one).not.toBe(other)
    one.wave[0] = 99
    one.facts.tempo = 60
    one.releasedAt.setUTCFullYear(1999)
    one.title = 'B'
    expect([other.wave[0], other.facts.tempo, other.releasedAt.getUTCFullYear()]).toEqual([1, 120, 2020])
    expect(one.isDirty('title')).toBe(true)
    expect(other.isDirty()).toBe(false)
    await one.save()
    expect(other.isDirty()).toBe(false)
    expect(other.title).toBe('b')
    await other.refresh()
    expect(other.title).toBe('B')
  })

  it('leave out what is deleted, and load the rest when they are awaited', async () => {
    await tracks[1]!.delete()
    const [run, rest] = await load()
    expect([titles(run!), titles(rest!)]).toEqual([['a'], ['c']])
    await tracks[1]!.restore()
    await Track.query().whereKey([tracks[0]!.id, tracks[2]!.id]).delete()
    const [again] = await load()
    expect(titles(again!)).toEqual(['b'])
    const [only] = again!.tracks
    await only!.load('playlists')
    expect((await only!.playlists).map(({ name }) => name).sort()).toEqual(['rest', 'run'])
  })

  it('are none where there are none', async () => {
    await Playlist.ref(lists[0]!.id).related('tracks').clear()
    await Playlist.ref(lists[1]!.id).related('tracks').clear()
    const found = await expectQueries({ apart: 2, together: 1 }, load)
    expect(found.map((list) => list.tracks.length)).toEqual([0, 0, 0])
    expect(await found[0]!.tracks.where('title', 'a').count()).toBe(0)
  })

  it('go on below, once for all', async () => {
    const [run] = await expectQueries({ apart: 3, together: 3 }, () => Playlist.with('tracks.playlists').orderBy('id'))
    const shared = run!.tracks.find(({ title }) => title === 'b')
    expect(shared!.playlists.map(({ name }) => name).sort()).toEqual(['rest', 'run'])
    const plays = await Play.createMany(lists.map(({ id }) => ({ playlistId: id })))
    expect(plays).toHaveLength(3)
    const deep = await Playlist.with('plays', 'tracks').orderBy('id')
    expect(deep.map((list) => [list.plays.length, list.tracks.length])).toEqual([
      [1, 2],
      [1, 2],
      [1, 0],
    ])
  })

  it('in a transaction see what it sees', async () => {
    await expect(
      database.db.transaction(async () => {
        await Track.where('title', 'b').update({ title: 'changed' })
        const [run, rest] = await load()
        expect([titles(run!), titles(rest!)]).toEqual([
          ['a', 'changed'],
          ['c', 'changed'],
        ])
        throw new Error('back')
      }),
    ).rejects.toThrow('back')
    expect((await load()).map(titles)).toEqual([['a', 'b'], ['b', 'c'], []])
  })

  describe('found by keys', () => {
    it('that are apart by less than a number tells', async () => {
      const [run, rest] = lists as [Playlist, Playlist]
      const even = await Mood.create({ id: 9007199254740992n, name: 'even' }, { guarded: true })
      const odd = await Mood.create({ id: 9007199254740993n, name: 'odd' }, { guarded: true })
      const low = await Mood.create({ id: 7n, name: 'low' }, { guarded: true })
      await Playlist.attachMany('moods', [
        [run, even],
        [run, low],
        [rest, odd],
        [rest, low],
      ])
      const found = await Playlist.with('moods').orderBy('id')
      expect(found.map(({ moods }) => moods.map(({ name }) => name).sort())).toEqual([
        ['even', 'low'],
        ['low', 'odd'],
        [],
      ])
      expect(found[1]!.moods.map(({ id }) => id).sort()).toEqual([7n, 9007199254740993n])
      await Mood.createMany(
        [8n, 9n, 10n].map((id) => ({ id, name: `n${id}` })),
        { guarded: true },
      )
      await Playlist.ref(run.id).related('moods').sync([7n, 9n, 8n])
      await Playlist.ref(rest.id).related('moods').sync([10n])
      const again = await Playlist.with('moods').orderBy('id')
      expect(again.map(({ moods }) => moods.map(({ name }) => name).sort())).toEqual([['low', 'n8', 'n9'], ['n10'], []])
    })

    it('below zero, with and without gaps between them', async () => {
      const [run, rest] = lists as [Playlist, Playlist]
      const ids = [-3, -2, -1, 0, 1, 2, 5]
      await Issue.createMany(ids.map((id) => ({ id, name: `n${id}` })))
      const names = async () =>
        (await Playlist.with('issues').orderBy('id')).map(({ issues }) =>
          issues.map(({ id }) => id).sort((a, c) => a - c),
        )
      await Playlist.attachMany(
        'issues',
        [-2, -1, 0, 1].map((id) => [run.id, id] as const),
      )
      await Playlist.attachMany('issues', [[rest.id, 0]])
      expect(await names()).toEqual([[-2, -1, 0, 1], [0], []])
      await Playlist.attachMany('issues', [[rest.id, 5]])
      expect(await names()).toEqual([[-2, -1, 0, 1], [0, 5], []])
    })

    it('as often as a table without a constraint names them', async () => {
      const [run] = lists as [Playlist]
      const table = sql.id('shared_playlists_issues')
      await Issue.create({ id: 1, name: 'one' })
      await database.db.execute(sql`drop table ${table}`)
      await database.db.execute(sql`create table ${table} (playlist_id integer, issue_id integer)`)
      await database.db.execute(sql`create index shared_twice on ${table} (playlist_id)`)
      for (const key of [1, 1, 404, null])
        await database.db.execute(sql`insert into ${table} (playlist_id, issue_id) values (${run.id}, ${key})`)
      const [found] = await Playlist.with('issues').orderBy('id')
      expect(found!.issues.map(({ id }) => id)).toEqual([1, 1])
    })
  })

  it('of one value each come like others', async () => {
    const [first] = await Play.createMany([{ playlistId: lists[0]!.id }, { playlistId: lists[1]!.id }])
    const [stamp] = await Stamp.createMany([{ playId: first!.id }])
    const found = await Playlist.with({ stamps: true }).orderBy('id')
    expect(found.map(({ stamps }) => stamps.map(({ id }) => id))).toEqual([[stamp!.id], [], []])
  })
})
