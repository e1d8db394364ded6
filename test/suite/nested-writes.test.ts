import {
  Database,
  type Entity,
  Field,
  ForeignKeyViolationError,
  Model,
  NotFoundError,
  Relation,
  UniqueViolationError,
  UnknownFieldError,
  UsageError,
  ValidationError,
} from 'corm'
import { beforeEach, describe, expect, it } from 'vitest'
import { expectQueries, expectRefusal, recordQueries } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'
import {
  Chapter,
  Country,
  Group,
  Home,
  Label,
  libraryModels,
  Note,
  Novel,
  Passport,
  Picture,
  Writer,
} from '../support/library.js'

const loose = Writer as unknown as { createWithRelations(data: unknown, options?: object): Promise<Writer> }
const save = (writer: object, data: unknown) =>
  (writer as { saveWithRelations(data: unknown): Promise<Writer> }).saveWithRelations(data)

/** Rows of all tables. */
async function counts() {
  const all = [Country, Writer, Home, Passport, Novel, Chapter, Group, Picture, Note, Label]
  return Promise.all(all.map((model) => model.count()))
}

describeDatabases('nested writes', (database) => {
  database.useTables(libraryModels)

  describe('createWithRelations()', () => {
    it('creates rows of every kind of relation', async () => {
      const writer = await Writer.createWithRelations({
        name: 'Jane',
        country: { code: 'GB', name: 'Britain' },
        home: { street: 'Hill' },
        passport: { number: '1' },
        novels: [{ title: 'Emma' }, { title: 'Persuasion' }],
        groups: [{ name: 'one' }, [{ name: 'two' }, { role: 'head' }]],
        friends: [{ name: 'Mary' }],
        portrait: { file: 'jane.png' },
        notes: [{ text: 'a' }, { text: 'b' }],
        labels: [{ word: 'x' }],
      })
      expect(writer.isPersisted).toBe(true)
      expect(writer.country).toMatchObject({ code: 'GB' })
      expect(writer.home?.street).toBe('Hill')
      expect(writer.passport?.number).toBe('1')
      expect(writer.novels.map((novel) => novel.title)).toEqual(['Emma', 'Persuasion'])
      expect(writer.groups.map((group) => [group.name, group.pivot.role]).sort()).toEqual([
        ['one', 'member'],
        ['two', 'head'],
      ])
      expect(writer.friends.map((friend) => friend.name)).toEqual(['Mary'])
      expect(writer.portrait?.file).toBe('jane.png')
      expect(writer.notes.map((note) => note.text)).toEqual(['a', 'b'])
      expect(writer.labels.map((label) => label.word)).toEqual(['x'])

      const stored = await Writer.with(
        'country',
        'home',
        'passport',
        'novels',
        'groups',
        'friends',
        'portrait',
        'notes',
        'labels',
      ).findOrFail(writer.id)
      const sorted = (value: unknown) =>
        JSON.parse(JSON.stringify(value), (_, each) =>
          Array.isArray(each) ? each.sort((a: { id: number }, b: { id: number }) => a.id - b.id) : each,
        )
      expect(sorted(stored)).toEqual(sorted(writer))
    })
    it('goes to any depth, with one INSERT for the rows of a level whoever their owners are', async () => {
      const { events } = await recordQueries(async () => {
        const writer = await Writer.createWithRelations({
          name: 'Jane',
          novels: [
            { title: 'A', chapters: [{ heading: 'a1', notes: [{ text: 'n1' }, { text: 'n2' }] }, { heading: 'a2' }] },
            { title: 'B', chapters: [{ heading: 'b1', notes: [{ text: 'n3' }] }] },
          ],
        })
        const [a, b] = writer.novels as unknown as { chapters: { heading: string; notes: { text: string }[] }[] }[]
        expect(a?.chapters.map((chapter) => chapter.heading)).toEqual(['a1', 'a2'])
        expect(a?.chapters[0]?.notes.map((note) => note.text)).toEqual(['n1', 'n2'])
        expect(b?.chapters[0]?.notes.map((note) => note.text)).toEqual(['n3'])
      })
      const inserts = events.map(({ sql }) => /^insert into .(\w+)/.exec(sql)?.[1]).filter((table) => table)
      // elsewhere a few rows are statements of their own, in one go
      expect([...new Set(inserts)]).toEqual(['writers', 'novels', 'chapters', 'notes'])
      if (database.capabilities.bulkInsert === 'lists') expect(inserts).toHaveLength(4)
      const notes = await Note.query().orderBy('text').values('text', 'aboutType')
      expect(notes.map((note) => note.aboutType)).toEqual(['Chapter', 'Chapter', 'Chapter'])
      const b1 = await Chapter.where('heading', 'b1').sole()
      expect(await Note.where('aboutId', b1.id).pluck('text')).toEqual(['n3'])
    })
    it('creates what a belongsTo or morphTo leads to first', async () => {
      const note = await Note.createWithRelations({ text: 'x', about: Writer.make({ name: 'Jane' }) })
      expect(note).toMatchObject({ aboutType: 'Writer' })
      expect((note.about as { name: string }).name).toBe('Jane')
      const chapter = await Chapter.createWithRelations({
        heading: 'One',
        novel: { title: 'Emma', writer: { name: 'Mary', country: { code: 'GB', name: 'Britain' } } },
      })
      expect(await Chapter.where('novel.writer.country.name', 'Britain').pluck('id')).toEqual([chapter.id])
      expect(chapter.novel.title).toBe('Emma')
    })
    it('connects instances and keys', async () => {
      await Country.create({ code: 'GB', name: 'Britain' })
      const [group, other] = await Group.createMany([{ name: 'a' }, { name: 'b' }])
      const label = await Label.create({ word: 'x' })
      const ghost = await Writer.create({ name: 'Ghost' })
      const novel = await Novel.create({ title: 'Lent', writerId: ghost.id })
      const writer = await Writer.createWithRelations({
        name: 'Jane',
        country: 'GB',
        novels: [novel],
        groups: { connect: [group!, [other!.id, { role: 'head' }]] },
        labels: { connect: label.id },
        friends: { connect: ghost },
      })
      expect(writer.country?.name).toBe('Britain')
      expect(writer.novels[0]).toBe(novel)
      expect(novel).toMatchObject({ writerId: writer.id })
      expect(novel.isDirty()).toBe(false)
      expect(writer.groups.map((each) => each.pivot.role).sort()).toEqual(['head', 'member'])
      expect(writer.labels.map((each) => each.word)).toEqual(['x'])
      expect(await ghost.related('friends').pluck('name')).toEqual(['Jane'])
    })
    it('saves unsaved instances, each once', async () => {
      const novel = Novel.make({ title: 'Emma' })
      const label = Label.make({ word: 'x' })
      const writer = await Writer.createWithRelations({ name: 'Jane', novels: [novel], labels: [label, label] })
      expect(writer.novels[0]).toBe(novel)
      expect(novel).toMatchObject({ isPersisted: true, writerId: writer.id })
      expect(label.isPersisted).toBe(true)
      expect(await Label.count()).toBe(1)
      expect(writer.labels).toHaveLength(1)
    })
    it('null and undefined lead nowhere', async () => {
      const writer = await Writer.createWithRelations({ name: 'Jane', country: null, home: null, novels: undefined })
      expect(writer.country).toBeNull()
      expect(writer.home).toBeNull()
      expect(writer.novels).toEqual([])
    })
    it('refuses rows of two databases, which could not be all or nothing', async () => {
      class Far extends Model(
        { nearCode: Field.string({ default: '' }), word: Field.string() },
        { database: 'far', table: 'fars' },
      ) {}
      class Near extends Model(
        { code: Field.char(2, { primaryKey: true }), name: Field.string() },
        { table: 'countries' },
      ) {
        static fars = Relation.hasMany(() => Far, { foreignKey: 'nearCode' })
      }
      await using far = await Database.connect({ name: 'far', url: 'sqlite::memory:' })
      await far.createTables([Far])
      await expect(Near.createWithRelations({ code: 'XX', name: 'x', fars: [{ word: 'y' }] })).rejects.toThrow(
        'another database',
      )
      expect(await Far.count()).toBe(0)
      expect(await Country.count()).toBe(0)
    })
    it('joins the transaction around it, and runs where the model is bound to', async () => {
      await expect(
        Writer.transaction(async (trx) => {
          await Writer.using(trx).createWithRelations({ name: 'Jane', novels: [{ title: 'A' }, { title: 'B' }] })
          expect(await Novel.count()).toBe(2)
          throw new Error('back')
        }),
      ).rejects.toThrow('back')
      expect(await counts()).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
      const writer = await Writer.using(database.db).createWithRelations({ name: 'Jane', novels: [{ title: 'A' }] })
      expect(await writer.novels.count()).toBe(1)
    })
  })

  describe('all or nothing', () => {
    it('a failure in the third level leaves nothing behind, in the database and in memory', async () => {
      const [before, label, novel] = [
        await Writer.create({ name: 'Old' }),
        Label.make({ word: 'x' }),
        Novel.make({ title: 'N' }),
      ]
      const lent = await Novel.create({ title: 'Lent', writerId: before.id })
      const start = await counts()
      const failing = loose.createWithRelations({
        name: 'Jane',
        labels: [label],
        novels: [
          novel,
          lent,
          { title: 'A', chapters: [{ heading: 'ok' }, { heading: 'x'.repeat(21), notes: [{ text: 'n' }] }] },
        ],
      })
      await expect(failing).rejects.toMatchObject({
        code: 'VALIDATION',
        model: 'Writer',
        issues: [{ path: 'novels.2.chapters.1.heading' }],
      })
      expect(await counts()).toEqual(start)
      for (const instance of [label, novel]) {
        expect(instance.isPersisted).toBe(false)
        expect((instance as { id?: number }).id).toBeUndefined()
      }
      expect((novel as { writerId?: number }).writerId).toBeUndefined()
      expect(lent).toMatchObject({ writerId: before.id })
      expect(lent.isDirty()).toBe(false)
      // and they can be used again
      const writer = await Writer.createWithRelations({ name: 'Jane', labels: [label], novels: [novel, lent] })
      expect(await writer.related('novels').count()).toBe(2)
    })
    it('so does an error of the database', async () => {
      await Label.create({ word: 'x' })
      const failing = Writer.createWithRelations({ name: 'Jane', novels: [{ title: 'A', labels: [{ word: 'x' }] }] })
      await expect(failing).rejects.toBeInstanceOf(UniqueViolationError)
      expect(await Writer.count()).toBe(0)
    })
    it('loaded relations are as they were', async () => {
      const writer = await Writer.createWithRelations({
        name: 'Jane',
        home: { street: 'Hill' },
        novels: [{ title: 'A' }, { title: 'B' }],
        drafts: [{ title: 'D', writer: { name: 'Other' } }],
        groups: [[{ name: 'g' }, { role: 'head' }]],
      })
      const { home, drafts } = writer
      const [a, b] = writer.novels
      const [draft] = drafts
      const [group] = writer.groups
      const failing = save(writer, {
        name: 'Changed',
        home: { street: 'New' },
        novels: { delete: a, create: { title: 'C' } },
        drafts: { disconnect: draft },
        groups: { connect: [[group, { role: 'low' }]], create: { name: 'h' } },
        notes: [{ text: 'fine' }],
        labels: [{ word: null }],
      })
      await expect(failing).rejects.toBeInstanceOf(ValidationError)
      expect(writer).toMatchObject({ name: 'Jane' })
      expect(writer.isDirty()).toBe(false)
      expect(writer.home).toBe(home)
      expect(home).toMatchObject({ writerId: writer.id, street: 'Hill' })
      expect([...writer.novels]).toEqual([a, b])
      expect(a?.isDeleted).toBe(false)
      expect([...writer.drafts]).toEqual([draft])
      expect(draft).toMatchObject({ ghostId: writer.id })
      expect(writer.groups.map((each) => each.pivot.role)).toEqual(['head'])
      expect(() => (writer as unknown as { notes: unknown[] }).notes.length).toThrow('not loaded')
      expect(await Writer.where('name', 'Changed').count()).toBe(0)
      expect(await Novel.count()).toBe(3)
    })
    it('a new instance that could not be saved is new again', async () => {
      const writer = Writer.make({ name: 'Jane' })
      await expect(save(writer, { novels: [{ title: 'A' }, {}] })).rejects.toMatchObject({
        issues: [{ path: 'novels.1.title', code: 'required' }],
      })
      expect(writer.isPersisted).toBe(false)
      expect(await Writer.count()).toBe(0)
      await save(writer, { novels: [{ title: 'A' }] })
      expect(await Novel.where('writer', writer).count()).toBe(1)
    })
    it('all rows of a list tell their problems', async () => {
      const failing = loose.createWithRelations({
        name: 'J',
        novels: { create: [{}, { title: 'ok' }, { title: 'x'.repeat(30) }] },
      })
      await expect(failing).rejects.toMatchObject({
        issues: [{ path: 'novels.create.0.title' }, { path: 'novels.create.2.title' }],
      })
    })
  })

  describe('saveWithRelations()', () => {
    let jane: Entity<typeof Writer>
    let mary: Entity<typeof Writer>
    beforeEach(async () => {
      const written = await Writer.createMany([{ name: 'Jane' }, { name: 'Mary' }])
      jane = written[0] as Entity<typeof Writer>
      mary = written[1] as Entity<typeof Writer>
      await Novel.createMany([
        { title: 'J1', writerId: jane.id, ghostId: jane.id },
        { title: 'J2', writerId: jane.id, ghostId: jane.id },
        { title: 'M1', writerId: mary.id, ghostId: mary.id },
      ])
    })
    const titled = (title: string) => Novel.where('title', title).sole()

    it('saves fields and relations, and loads what is named', async () => {
      const writer = await Writer.findOrFail(jane.id)
      const saved = await writer.saveWithRelations({
        name: 'Janet',
        novels: [{ title: 'J3' }],
        home: { street: 'Hill' },
      })
      expect(saved).toBe(writer)
      expect(saved.novels.map((novel) => novel.title)).toEqual(['J1', 'J2', 'J3'])
      expect(saved.home?.street).toBe('Hill')
      expect(await Writer.where('name', 'Janet').pluck('id')).toEqual([jane.id])
    })
    it('hasMany: takes rows away and adds them, in order', async () => {
      const writer = await Writer.with('drafts').findOrFail(jane.id)
      const [j1, j2] = writer.drafts
      const m1 = await titled('M1')
      await writer.saveWithRelations({
        drafts: {
          create: [{ title: 'New', writerId: mary.id }],
          connect: m1,
          disconnect: j1,
          delete: [j2!.id],
        },
      })
      expect(writer.drafts.map((novel) => novel.title)).toEqual(['M1', 'New'])
      expect(j1).toMatchObject({ ghostId: null, isDeleted: false })
      expect(j2!.isDeleted).toBe(true)
      expect(m1.ghostId).toBe(jane.id)
      expect(await Novel.where('ghost', jane).orderBy('title').pluck('title')).toEqual(['M1', 'New'])
      expect(await Novel.where('title', 'J2').count()).toBe(0)
      expect(await Novel.query().whereNull('ghostId').pluck('title')).toEqual(['J1'])
    })
    it('hasMany: set leaves exactly these', async () => {
      const writer = await Writer.findOrFail(jane.id)
      const j1 = await titled('J1')
      const saved = await writer.saveWithRelations({ drafts: { set: [j1, (await titled('M1')).id] } })
      expect(saved.drafts.map((novel) => novel.title).sort()).toEqual(['J1', 'M1'])
      expect(await Novel.where('ghost', jane).orderBy('title').pluck('title')).toEqual(['J1', 'M1'])
      await writer.saveWithRelations({ drafts: { set: [], create: { title: 'Only', writerId: jane.id } } })
      expect(await Novel.where('ghost', jane).pluck('title')).toEqual(['Only'])
      await expect(writer.saveWithRelations({ novels: { set: [] } })).rejects.toThrow(
        '"writerId" of "Novel" is not nullable',
      )
      await expect(writer.saveWithRelations({ novels: { disconnect: j1 } })).rejects.toBeInstanceOf(UsageError)
      expect(await Novel.where('writer', jane).count()).toBe(3)
    })
    it('never touches the rows of another owner', async () => {
      const writer = await Writer.findOrFail(jane.id)
      const m1 = await titled('M1')
      const group = await Group.create({ name: 'g' })
      const label = await Label.create({ word: 'x' })
      await mary.saveWithRelations({
        groups: { connect: group },
        labels: { connect: label },
        home: { street: 'Marys' },
        portrait: { file: 'm' },
        notes: [{ text: 'm' }],
      })
      const [home, portrait, note] = await Promise.all([
        Home.query().sole(),
        Picture.query().sole(),
        Note.query().sole(),
      ])
      const start = await counts()
      for (const data of [
        { drafts: { delete: m1 } },
        { drafts: { delete: [await titled('J1'), m1.id] } },
        { novels: { delete: m1.id } },
        { groups: { delete: group } },
        { labels: { delete: label.id } },
        { home: { delete: true } },
        { home: { delete: home } },
        { portrait: { delete: portrait } },
        { notes: { delete: note } },
        { friends: { delete: mary } },
        { country: { delete: true } },
      ])
        await expect(save(writer, data), JSON.stringify(data)).rejects.toBeInstanceOf(NotFoundError)
      for (const data of [
        { drafts: { disconnect: m1 } },
        { groups: { disconnect: group } },
        { labels: { disconnect: label.id } },
        { home: { disconnect: home } },
        { portrait: { disconnect: true } },
      ])
        await save(writer, data)
      expect(await counts()).toEqual(start)
      expect(await titled('M1')).toMatchObject({ writerId: mary.id, ghostId: mary.id })
      expect(m1.ghostId).toBe(mary.id)
      expect(await mary.related('groups').count()).toBe(1)
      expect(await mary.related('labels').count()).toBe(1)
      expect(await mary.related('home').count()).toBe(1)
      expect(await mary.related('portrait').count()).toBe(1)
    })
    it('a row that is not there can’t be connected or set', async () => {
      const writer = await Writer.findOrFail(jane.id)
      await expect(writer.saveWithRelations({ drafts: { connect: 987654 } })).rejects.toBeInstanceOf(NotFoundError)
      await expect(writer.saveWithRelations({ drafts: { set: [987654] } })).rejects.toBeInstanceOf(NotFoundError)
      await expect(writer.saveWithRelations({ groups: { connect: 987654 } })).rejects.toBeInstanceOf(
        ForeignKeyViolationError,
      )
      expect(await Novel.where('ghost', jane).count()).toBe(2)
    })
    it('hasOne: the row that was there gives way', async () => {
      const writer = await jane.saveWithRelations({ home: { street: 'Old' } })
      const old = writer.home
      await writer.saveWithRelations({ home: { street: 'New' } })
      expect(writer.home?.street).toBe('New')
      expect(old).toMatchObject({ writerId: null, isDeleted: false })
      expect(await Home.query().orderBy('street').pluck('writerId')).toEqual([jane.id, null])
      await writer.saveWithRelations({ home: { delete: true, connect: old! } })
      expect(writer.home).toBe(old)
      expect(await Home.query().pluck('street')).toEqual(['Old'])
      await writer.saveWithRelations({ home: old! })
      expect(await Home.query().pluck('writerId')).toEqual([jane.id])
      await writer.saveWithRelations({ home: null })
      expect(writer.home).toBeNull()
      expect(await Home.query().pluck('writerId')).toEqual([null])
      await writer.saveWithRelations({ home: { set: old!.id } })
      expect(writer.home?.street).toBe('Old')
      await writer.saveWithRelations({ home: { disconnect: true } })
      expect(await Home.query().pluck('writerId')).toEqual([null])
    })
    it('hasOne: where its key may not be null it has to be deleted', async () => {
      const writer = await jane.saveWithRelations({ passport: { number: '1' } })
      const old = writer.passport
      await expect(writer.saveWithRelations({ passport: { number: '2' } })).rejects.toThrow(/not nullable. Delete/)
      expect(writer.passport).toBe(old)
      await writer.saveWithRelations({ passport: { delete: true, create: { number: '2' } } })
      expect(writer.passport?.number).toBe('2')
      expect(old?.isDeleted).toBe(true)
      expect(await Passport.query().pluck('number')).toEqual(['2'])
    })
    it('hasOne: what the database has counts, not what was loaded', async () => {
      const writer = await Writer.with('passport').findOrFail(jane.id)
      await Passport.create({ number: '1', writerId: jane.id })
      await expect(writer.saveWithRelations({ passport: { number: '2' } })).rejects.toThrow('not nullable')
    })
    it('belongsTo: points elsewhere, nowhere, or loses its row', async () => {
      const writer = await jane.saveWithRelations({ country: { code: 'GB', name: 'Britain' } })
      expect(writer.country?.name).toBe('Britain')
      await writer.saveWithRelations({ country: { create: { code: 'FR', name: 'France' } } })
      expect(await Writer.where('name', 'Jane').pluck('countryCode')).toEqual(['FR'])
      await writer.saveWithRelations({ country: { disconnect: 'GB' } })
      expect(writer.country?.code).toBe('FR')
      await writer.saveWithRelations({ country: 'GB' })
      expect(writer.country?.code).toBe('GB')
      const gone = writer.country
      await writer.saveWithRelations({ country: { delete: true } })
      expect(writer.country).toBeNull()
      expect(gone?.isDeleted).toBe(true)
      expect(await Country.query().pluck('code')).toEqual(['FR'])
      await writer.saveWithRelations({ country: { connect: 'FR' } })
      await writer.saveWithRelations({ country: { delete: 'FR', create: { code: 'IT', name: 'Italy' } } })
      expect(await Country.query().pluck('code')).toEqual(['IT'])
      await writer.saveWithRelations({ country: null })
      expect(await Writer.where('name', 'Jane').pluck('countryCode')).toEqual([null])
      const novel = await titled('J1')
      await expect(novel.saveWithRelations({ writer: { disconnect: true } })).rejects.toThrow(
        '"writerId" is not nullable',
      )
      expect(novel.writerId).toBe(jane.id)
      await novel.saveWithRelations({ writer: mary })
      expect(novel.writer).toBe(mary)
    })
    it('morphTo: the same, with instances', async () => {
      const picture = await Picture.createWithRelations({ file: 'f', shown: jane })
      expect(picture).toMatchObject({ shownId: jane.id, shownType: 'Writer' })
      const novel = await titled('J1')
      await picture.saveWithRelations({ shown: { connect: novel } })
      expect(picture).toMatchObject({ shownId: novel.id, shownType: 'Novel' })
      await picture.saveWithRelations({ shown: { delete: true, create: Writer.make({ name: 'New' }) } })
      expect((picture.shown as unknown as Writer).name).toBe('New')
      expect(await Novel.where('title', 'J1').count()).toBe(0)
      await picture.saveWithRelations({ shown: null })
      expect(await Picture.query().values('shownId', 'shownType')).toEqual([{ shownId: null, shownType: null }])
    })
    it('morphOne and morphMany', async () => {
      const writer = await jane.saveWithRelations({ portrait: { file: 'a' }, notes: [{ text: '1' }, { text: '2' }] })
      const [note] = writer.notes
      await writer.saveWithRelations({ portrait: { file: 'b' }, notes: { delete: note!, create: { text: '3' } } })
      expect(writer.portrait?.file).toBe('b')
      expect(writer.notes.map((each) => each.text)).toEqual(['2', '3'])
      expect(await Picture.query().orderBy('file').pluck('shownType')).toEqual([null, 'Writer'])
      // notes are kept when they are deleted
      expect(note).toMatchObject({ isDeleted: true, isPersisted: true })
      expect(await Note.withTrashed().count()).toBe(3)
      await expect(writer.saveWithRelations({ notes: { delete: note! } })).rejects.toBeInstanceOf(NotFoundError)
    })
    it('many to many: links come and go, rows stay unless they are deleted', async () => {
      const writer = await jane.saveWithRelations({
        groups: [{ name: 'a' }, [{ name: 'b' }, { role: 'head' }], { name: 'c' }],
      })
      const byName = (name: string) => Group.where('name', name).sole()
      const [a, b, c] = [await byName('a'), await byName('b'), await byName('c')]
      await mary.saveWithRelations({ groups: { connect: [a, b] } })
      await writer.saveWithRelations({
        groups: { disconnect: a, delete: c, connect: [[b.id, { role: 'low' }]], create: [{ name: 'd' }] },
      })
      expect(writer.groups.map((group) => [group.name, group.pivot.role]).sort()).toEqual([
        ['b', 'low'],
        ['d', 'member'],
      ])
      expect(await Group.query().orderBy('name').pluck('name')).toEqual(['a', 'b', 'd'])
      await writer.saveWithRelations({ groups: { set: [a] } })
      expect(await writer.related('groups').pluck('name')).toEqual(['a'])
      expect(writer.groups.map((group) => group.name)).toEqual(['a'])
      expect(await mary.related('groups').orderBy('name').pluck('name')).toEqual(['a', 'b'])
      await writer.saveWithRelations({ groups: { set: [] } })
      expect(writer.groups).toEqual([])
    })
    it('morphToMany, morphedByMany and symmetrical relations', async () => {
      const writer = await jane.saveWithRelations({ labels: [{ word: 'x' }, { word: 'y' }], friends: [mary] })
      expect(await mary.related('friends').pluck('name')).toEqual(['Jane'])
      const [x, y] = [await Label.where('word', 'x').sole(), await Label.where('word', 'y').sole()]
      await x.saveWithRelations({ novels: { connect: [await titled('M1')] }, writers: { disconnect: jane } })
      expect(await writer.related('labels').pluck('word')).toEqual(['y'])
      expect(await (await titled('M1')).related('labels').pluck('word')).toEqual(['x'])
      await writer.saveWithRelations({ labels: { delete: y }, friends: { set: [] } })
      expect(await Label.query().pluck('word')).toEqual(['x'])
      expect(await mary.related('friends').count()).toBe(0)
    })
    it('is one statement for each relation besides what has to be read', async () => {
      const writer = await Writer.with('drafts', 'home').findOrFail(jane.id)
      const m1 = await titled('M1')
      await expectQueries(2, () => writer.saveWithRelations({ name: 'New', drafts: [m1] }))
      await expectQueries(0, () => writer.saveWithRelations({ name: 'New' }))
      await expectQueries(2, () => writer.saveWithRelations({ home: { street: 'Hill' } }))
    })
  })

  describe('refuses before anything is sent', () => {
    let writer: Writer
    beforeEach(async () => {
      writer = await Writer.create({ name: 'Jane' })
    })
    const refused = (data: unknown) => expectRefusal(() => save(writer, data))

    it('unknown names, with the place', async () => {
      const error = await expectRefusal(() => loose.createWithRelations({ name: 'x', novels: [{ titel: 'A' }] }))
      expect(error).toBeInstanceOf(UnknownFieldError)
      expect(error.message).toBe('"Novel" has no field or relation "titel" (at "novels.0"). Did you mean "title"?')
      expect((await refused({ novel: [] })).message).toContain('Did you mean "novels"?')
      expect((await refused(JSON.parse('{"__proto__": {"name": "x"}}'))).message).toContain('__proto__')
      expect((await refused({ novels: [JSON.parse('{"constructor": 1}')] })).message).toContain('constructor')
    })
    it('guarded fields anywhere, unless the call says so', async () => {
      const data = { name: 'x', friends: [{ name: 'y', rank: 3 }] }
      expect((await expectRefusal(() => loose.createWithRelations(data))).message).toContain('is guarded')
      expect((await refused({ rank: 3 })).message).toContain('is guarded')
      const made = await Writer.createWithRelations(data, { guarded: true })
      expect(made.friends.map((friend) => friend.rank)).toEqual([3])
    })
    it('operations mixed with data, unknown ones, and values that are neither', async () => {
      expect((await refused({ home: { create: {}, street: 'x' } })).message).toBe(
        '"Writer.home" was given "create" together with "street": an object is either data of a row, or has create, connect, disconnect, set and delete only.',
      )
      expect((await refused({ novels: { creat: [] } })).message).toContain(
        'create, connect, disconnect, set and delete',
      )
      expect((await refused({ novels: { title: 'x' } })).message).toContain('is a to-many relation')
      for (const data of [
        { novels: 'x' },
        { novels: null },
        { novels: [5] },
        { novels: [null] },
        { novels: [undefined] },
        { novels: [[]] },
        { novels: { disconnect: true } },
        { novels: { connect: null } },
        { novels: { connect: {} } },
        { novels: { create: 5 } },
        { novels: [new Group()] },
        { novels: { connect: [Novel.make({ title: 'x' })] } },
        { novels: { create: [await Group.create({ name: 'g' })] } },
        { home: [] },
        { home: true },
        { home: [{ street: 'x' }] },
        { home: { connect: [1, 2] } },
        { home: { connect: 1, create: { street: 'x' } } },
        { groups: [[{ name: 'x' }, 5]] },
        { groups: [[{ name: 'x' }, {}, {}]] },
        { country: { connect: Writer.make({ name: 'x' }) } },
      ])
        expect(await refused(data), JSON.stringify(data)).toBeInstanceOf(UsageError)
    })
    it('data for a morphTo, whose model it can’t tell', async () => {
      const note = Note.make({ text: 'x' })
      for (const about of [{ name: 'x' }, { create: { name: 'x' } }])
        expect((await expectRefusal(() => save(note, { about }))).message).toBe(
          `"about${'create' in about ? '.create' : ''}" can have rows of several models, and the data does not say which. Give an instance: Writer.make({ … }).`,
        )
      expect((await expectRefusal(() => save(note, { about: 5 }))).message).toContain('a key alone')
    })
    it('rows of several models for a morphTo, though their keys are equal', async () => {
      const author = await Writer.create({ name: 'x' })
      const novel = await Novel.create({ title: 'x', writerId: author.id, ghostId: author.id })
      const other = await Writer.create({ name: 'y' })
      const id = other.id + 1000
      await Writer.query().whereKey(other.id).update({ id }, { guarded: true })
      await Novel.query().whereKey(novel.id).update({ id }, { guarded: true })
      const [same, book] = [await Writer.findOrFail(id), await Novel.findOrFail(id)]
      const picture = Picture.make({ file: 'f' })
      const message = '"Picture.shown" takes one row, because it is a to-one relation.'
      for (const connect of [
        [same, book],
        [book, same],
      ])
        expect((await expectRefusal(() => save(picture, { shown: { connect } }))).message).toContain(message)
      await save(picture, { shown: { connect: [same, await Writer.findOrFail(id)] } })
      expect(picture).toMatchObject({ shownId: id, shownType: 'Writer' })
    })
    it('relations by way of other rows', async () => {
      const country = Country.make({ code: 'GB', name: 'x' })
      expect((await expectRefusal(() => save(country, { novels: [] }))).message).toContain('through another relation')
    })
    it('two keys of one row, with the place', async () => {
      const [a, b] = await Writer.createMany([{ name: 'A' }, { name: 'B' }])
      const before = await counts()
      const novel = () => Novel.make({ title: 'N' } as never)
      const shared = novel()
      const cases: [data: object, place: string][] = [
        [{ name: 'J', novels: [{ title: 'E', writer: { name: 'Other' } }] }, 'novels.0.writerId'],
        [{ name: 'J', novels: [{ title: 'E', writer: a }] }, 'novels.0.writerId'],
        [{ name: 'J', novels: [{ title: 'E', writerId: a!.id }] }, 'novels.0.writerId'],
        [{ name: 'J', novels: [shared], friends: [{ name: 'K', novels: [shared] }] }, 'writerId'],
        [{ name: 'J', country: { code: 'GB', name: 'Britain' }, countryCode: 'IE' }, 'countryCode'],
        [{ name: 'J', country: null, countryCode: 'IE' }, 'countryCode'],
      ]
      for (const [data, place] of cases) {
        const error = await loose.createWithRelations(data).catch((error: unknown) => error)
        expect(error).toBeInstanceOf(UsageError)
        expect((error as Error).message).toContain(`${place}" has two values`)
      }
      const create = (data: object) => (Novel as unknown as { create(data: object): Promise<unknown> }).create(data)
      for (const data of [
        { title: 'E', writer: a, writerId: b!.id },
        { title: 'E', writerId: b!.id, writer: a },
      ])
        expect((await expectRefusal(() => create(data))).message).toContain('has two values')
      expect(await counts()).toEqual(before)

      await create({ title: 'E', writer: a, writerId: a!.id })
      await save(a!, { novels: [{ title: 'F', writerId: a!.id, writer: a }] })
      expect(await Novel.where('writerId', a!.id).count()).toBe(2)
    })
    it('circles', async () => {
      const friend: Record<string, unknown> = { name: 'x' }
      friend.friends = [friend]
      expect((await refused({ friends: [friend] })).message).toContain('contains itself')
      const shared = { street: 'x' }
      await loose.createWithRelations({
        name: 'a',
        friends: [
          { name: 'b', home: shared },
          { name: 'c', home: shared },
        ],
      })
      expect(await Home.count()).toBe(2)
    })
    it('taking away from a new row', async () => {
      for (const data of [{ novels: { delete: 1 } }, { home: { disconnect: true } }])
        expect((await expectRefusal(() => loose.createWithRelations({ name: 'x', ...data }))).message).toContain(
          'new row',
        )
    })
    it('deleted instances', async () => {
      const novel = await Novel.create({ title: 'x', writerId: writer.id })
      await novel.delete()
      expect((await refused({ novels: [novel] })).message).toContain('deleted')
      await writer.delete()
      expect((await refused({ novels: [] })).message).toContain('deleted')
    })
  })
})
