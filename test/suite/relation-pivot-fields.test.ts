import { Field, Model, Relation } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Article extends Model({ title: Field.string() }, { table: 'pf_articles' }) {
  static tags = Relation.manyToMany(() => Tag, {
    pivot: { position: Field.integer({ default: 7 }), note: Field.string({ nullable: true }) },
  })
}
class Tag extends Model({ name: Field.string() }, { table: 'pf_tags' }) {
  static articles = Relation.manyToMany(() => Article)
}

class Label extends Model({ name: Field.string() }, { table: 'pf_labels' }) {
  static songs = Relation.morphedByMany(() => Song, 'pfable')
  static films = Relation.morphedByMany(() => Film, 'pfable')
}
class Song extends Model({ title: Field.string() }, { table: 'pf_songs' }) {
  static labels = Relation.morphToMany(() => Label, 'pfable')
}
class Film extends Model({ title: Field.string() }, { table: 'pf_films' }) {
  static labels = Relation.morphToMany(() => Label, 'pfable', { pivot: { weight: Field.integer({ default: 3 }) } })
}

class Note extends Model(
  { body: Field.string(), ...Field.morphs('subject', { nullable: true }) },
  { table: 'pf_notes' },
) {
  static subject = Relation.morphTo([() => Song, () => Film])
}

class Guest extends Model({ name: Field.string() }, { table: 'pf_guests' }) {
  static rooms = Relation.manyToMany(() => Room, { through: () => Stay })
}
class Room extends Model({ name: Field.string() }, { table: 'pf_rooms' }) {}
class Stay extends Model(
  {
    guestId: Field.foreignKey(() => Guest, { primaryKey: true, hidden: true }),
    roomId: Field.foreignKey(() => Room, { primaryKey: true }),
  },
  { table: 'pf_stays' },
) {}

describeDatabases('fields of a join table', (database) => {
  database.useTables([Article, Tag, Label, Song, Film, Note, Guest, Room, Stay])

  it('are known to both sides, though one names them', async () => {
    const article = await Article.create({ title: 'a' })
    const tag = await Tag.create({ name: 't' })
    await tag.related('articles').attach(article)
    expect((await article.tags)[0]?.pivot.position).toBe(7)
    await tag.related('articles').updatePivot(article, { position: 8 })
    expect((await Article.with('tags').findOrFail(article.id)).tags[0]?.pivot.position).toBe(8)
    expect((await tag.articles)[0]?.pivot).toEqual({ articleId: article.id, tagId: tag.id, position: 8, note: null })
  })

  it('stay as they are where a link that is there is given others', async () => {
    const article = await Article.create({ title: 'a' })
    const [one, two] = await Tag.createMany([{ name: 'one' }, { name: 'two' }])
    if (!one || !two) throw new Error('created')
    await article.related('tags').attach([one, two], { position: 1, note: 'first' })
    const added = await article.related('tags').attach([
      [one, { position: 5 }],
      [two, { note: 'second' }],
    ])
    expect(added).toBe(0)
    const tags = await article.related('tags').orderBy('name')
    expect(tags.map(({ pivot }) => [pivot.position, pivot.note])).toEqual([
      [5, 'first'],
      [1, 'second'],
    ])
  })

  it('are known to all models of a morph table, though one names them', async () => {
    const song = await Song.create({ title: 's' })
    const film = await Film.create({ title: 'f' })
    const label = await song.related('labels').create({ name: 'l' })
    await label.related('films').attach(film)
    expect((await label.songs)[0]?.pivot.weight).toBe(3)
    expect((await song.labels)[0]?.pivot.weight).toBe(3)
    expect((await film.labels)[0]?.pivot.weight).toBe(3)
  })

  it('lead to their owners where the key is hidden, and do not show it', async () => {
    const [ann, bob] = await Guest.createMany([{ name: 'Ann' }, { name: 'Bob' }])
    const room = await Room.create({ name: 'Blue' })
    if (!ann || !bob) throw new Error('created')
    await ann.related('rooms').attach(room)
    const guests = await Guest.query().with('rooms').orderBy('id')
    expect(guests.map(({ rooms }) => rooms.map(({ name, pivot }) => [name, pivot]))).toEqual([
      [['Blue', { roomId: room.id }]],
      [],
    ])
  })

  it('say so where a field is left out that is hidden', async () => {
    const ann = await Guest.create({ name: 'Ann' })
    await ann.related('rooms').attach(await Room.create({ name: 'Blue' }))
    const asked = await ann.related('rooms').firstOrFail()
    const embedded = (await Guest.query().with('rooms').firstOrFail()).rooms[0]
    for (const room of [asked, embedded]) {
      expect(() => room?.pivot.guestId).toThrow(
        '"Stay.guestId" is not in pivot, which leaves out hidden and lazy fields. Query "Stay" to read it.',
      )
      expect(JSON.parse(JSON.stringify(room)).pivot).toEqual({ roomId: room?.id })
    }
  })

  it('are told by the metadata as soon as there is a table', () => {
    expect(Article.tags.metadata?.through).toEqual({
      table: 'pf_articles_pf_tags',
      from: ['article_id'],
      to: ['tag_id'],
    })
  })
})

describeDatabases('associate() of a relation to several models', (database) => {
  database.useTables([Label, Song, Film, Note])

  it('keeps the relation in step', async () => {
    const song = await Song.create({ title: 's' })
    const film = await Film.create({ title: 'f' })
    const note = await Note.create({ body: 'n' })
    expect(note.subject).toBeNull()
    await note.related('subject').associate(song)
    expect(note.subject).toBe(song)
    await note.related('subject').associate(film)
    expect(note.subject).toBe(film)
    expect([note.subjectId, note.subjectType]).toEqual([film.id, 'Film'])
    await note.related('subject').dissociate()
    expect(note.subject).toBeNull()
    expect(await Note.where('subject', null).count()).toBe(1)
  })
})
