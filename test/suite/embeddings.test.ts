import { createHash } from 'node:crypto'
import { DefinitionError, Field, Model, UsageError } from 'corm'
import { beforeEach, describe, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { looseField, looseModel } from '../support/loose.js'
import { useVectorTables } from '../support/vectors.js'

/** A vector that says what it was made of. */
const vectorOf = (text: string) => [text.length, text.charCodeAt(0) || 1, 1]
const calls: string[][] = []
let embed: (texts: readonly string[]) => unknown = (texts) => texts.map(vectorOf)
const embedder = (texts: readonly string[]) => {
  calls.push([...texts])
  return embed(texts) as number[][]
}

const from = ['title', 'body'] as const
class Page extends Model(
  {
    title: Field.string(),
    body: Field.text({ nullable: true }),
    views: Field.integer({ default: 0 }),
    changedAt: Field.dateTime({ autoNow: true }),
    deletedAt: Field.softDelete(),
    embedding: Field.embedding(3, { from, embed: embedder, model: 'one' }),
  },
  { table: 'embedded_pages' },
) {
  override beforeSave() {
    if (this.title === 'hook') this.title = 'from a hook'
  }
}

class Note extends Model(
  {
    text: Field.text(),
    vector: Field.embedding(3, { from: ['text'], embed: embedder, model: 'one', onFailure: 'stale' }),
  },
  { table: 'embedded_notes' },
) {}

class Filled extends Model(
  {
    title: Field.string(),
    kind: Field.string({ dbDefault: 'filled' }),
    vector: Field.embedding(3, { from: ['title', 'kind'], embed: embedder, model: 'one' }),
  },
  { table: 'embedded_filled' },
) {}

/** The rows of `Note`, of a time with another model. */
class Renewed extends Model(
  {
    text: Field.text(),
    vector: Field.embedding(3, { from: ['text'], embed: embedder, model: 'two', onFailure: 'stale' }),
  },
  { table: 'embedded_notes' },
) {}

const list = (vector: Float32Array | null) => (vector === null ? null : [...vector])
const fails = () => {
  throw new Error('the service is down')
}

describe('Field.embedding()', () => {
  const make = looseField.embedding as (...args: unknown[]) => unknown
  const options = { from: ['title'], embed: embedder, model: 'one' }

  it('needs dimensions, sources, a function and the name of its model', () => {
    for (const wrong of [
      undefined,
      {},
      { ...options, from: [] },
      { ...options, from: 'title' },
      { ...options, embed: undefined },
      { ...options, model: '' },
      { ...options, model: 'x'.repeat(201) },
      { ...options, onFailure: 'ignore' },
      { ...options, nullable: true },
    ])
      expect(() => make(3, wrong), JSON.stringify(wrong)).toThrow(DefinitionError)
    expect(() => make(0, options)).toThrow(DefinitionError)
    expect(() => make(3, options)).not.toThrow()
  })

  it('embeds texts only, and has the names of its other columns for itself', async () => {
    class Wrong extends looseModel({ n: Field.integer(), v: make(3, { ...options, from: ['n'] }) as never }) {}
    await expect(Wrong.create({ n: 1 } as never)).rejects.toThrow(
      '"Wrong.v" embeds "Wrong.n", which is not a text. List fields of strings and texts in "from".',
    )
    expect(() => looseModel({ title: Field.string(), v: make(3, options) as never, vHash: Field.string() })).toThrow(
      `A field can't be called "vHash", which is stored with "v". Rename it.`,
    )
  })
})

describeDatabases('embeddings', (database) => {
  useVectorTables(database, [Page, Note, Filled])

  beforeEach(() => {
    calls.length = 0
    embed = (texts) => texts.map(vectorOf)
  })

  it('follow the text: made on create, and again only when a source changes', async () => {
    const page = await Page.create({ title: 'a', body: 'bc' })
    expect(calls).toEqual([['a\nbc']])
    expect(list(page.embedding)).toEqual([4, 97, 1])
    expect(list((await Page.findOrFail(page.id)).embedding)).toEqual([4, 97, 1])
    await page.update({ views: 2 })
    await page.save()
    expect(calls.length).toBe(1)
    await page.update({ body: null })
    expect(calls[1]).toEqual(['a\n'])
    expect(list((await page.refresh()).embedding)).toEqual([2, 97, 1])
    page.title = 'b'
    await page.save({ only: ['title'] })
    expect(list((await Page.findOrFail(page.id)).embedding)).toEqual([2, 98, 1])
    expect(await Page.staleEmbeddings().count()).toBe(0)
  })

  it('are made of what hooks leave behind', async () => {
    const page = await Page.create({ title: 'hook' })
    expect(calls).toEqual([['hook\n'], ['from a hook\n']])
    expect(list(page.embedding)).toEqual([12, 102, 1])
    expect(await Page.staleEmbeddings().exists()).toBe(false)
  })

  it('are made in batches for many rows', async () => {
    const pages = await Page.createMany(Array.from({ length: 250 }, (_, i) => ({ title: `page ${i}` })))
    expect(calls.map(({ length }) => length)).toEqual([100, 100, 50])
    calls.length = 0
    for (const page of pages.slice(0, 3)) page.title += '!'
    await Page.saveMany(pages)
    expect(calls).toEqual([['page 0!\n', 'page 1!\n', 'page 2!\n']])
    expect(list((await Page.findOrFail(pages[2]?.id as number)).embedding)).toEqual([8, 112, 1])
    expect(await Page.staleEmbeddings().count()).toBe(0)
  })

  it('embed the texts of searches where the model has no embedQuery', async () => {
    await Note.createMany([{ text: 'abc' }, { text: 'zz' }])
    calls.length = 0
    for (const later of [false, true]) {
      embed = (texts) => (later ? Promise.resolve(texts.map(vectorOf)) : texts.map(vectorOf))
      expect((await Note.query().search('abd', { limit: 1 })).map(({ text }) => text)).toEqual(['abc'])
    }
    expect(calls).toEqual([['abd'], ['abd']])
    embed = () => []
    await expect(Note.query().search('a').get()).rejects.toThrow('was given 1 text, and returned 0 vectors')
    embed = () => 7
    await expect(Note.query().search('a').get()).rejects.toThrow('returned no list')
    embed = () => Promise.reject(new Error('no service'))
    await expect(Note.query().search('a').get()).rejects.toThrow('no service')
    embed = (texts) => texts.map(vectorOf)
  })

  it('that are set to null are stale until they are embedded again', async () => {
    const page = await Page.create({ title: 'a' })
    page.embedding = null
    await page.save()
    expect((await Page.findOrFail(page.id)).embedding).toBeNull()
    expect(await Page.staleEmbeddings().pluck('id')).toEqual([page.id])
    expect(await Page.embedAll()).toEqual({ total: 1, embedded: 1, failed: 0 })
    expect(list((await Page.findOrFail(page.id)).embedding)).toEqual(vectorOf('a\n'))
    const again = await Page.findOrFail(page.id)
    again.embedding = null
    again.body = 'b'
    await again.save()
    expect(list(again.embedding)).toEqual(vectorOf('a\nb'))
  })

  it('are null for a row without text', async () => {
    const note = await Note.create({ text: '' })
    expect(calls).toEqual([])
    expect(note.vector).toBeNull()
    expect(await Note.staleEmbeddings().count()).toBe(0)
    await note.update({ text: 'x' })
    expect(list(note.vector)).toEqual([1, 120, 1])
    await note.update({ text: '' })
    expect((await Note.findOrFail(note.id)).vector).toBeNull()
  })

  it('stay as the application sets them', async () => {
    const page = new Page({ title: 'given' })
    page.embedding = new Float32Array([1, 2, 3])
    await page.save()
    expect(calls).toEqual([])
    expect(list((await Page.findOrFail(page.id)).embedding)).toEqual([1, 2, 3])
    expect(await Page.staleEmbeddings().count()).toBe(0)
    await expect(Page.create({ title: 'x', embedding: [1, 2, 3] } as never)).rejects.toThrow(UsageError)
    await page.update({ title: 'new' })
    expect(list(page.embedding)).toEqual([4, 110, 1])
  })

  it('hide the hash and the name of the model that are stored with them', async () => {
    const page = await Page.create({ title: 'a' })
    expect(Object.keys(page.toJSON())).not.toContain('embeddingHash')
    const [row] = (await Page.where('id', page.id).values(
      'embeddingHash' as never,
      'embeddingModel' as never,
    )) as unknown[]
    const hash = createHash('sha256').update('a\n').digest('hex')
    expect(row).toEqual({ embeddingHash: hash, embeddingModel: 'one' })
  })

  it('fail the save with the error of the function, and leave the row as it was', async () => {
    const page = await Page.create({ title: 'a' })
    embed = fails
    await expect(Page.create({ title: 'b' })).rejects.toThrow('the service is down')
    await expect(page.update({ title: 'c' })).rejects.toThrow('the service is down')
    expect(await Page.count()).toBe(1)
    expect((await Page.findOrFail(page.id)).title).toBe('a')
    embed = (texts) => texts.map(vectorOf)
    await page.save()
    expect(list((await Page.findOrFail(page.id)).embedding)).toEqual([2, 99, 1])
  })

  it('stay stale after a failure, where the field says so', async () => {
    const note = await Note.create({ text: 'a' })
    embed = fails
    await note.update({ text: 'bc' })
    const fresh = await Note.create({ text: 'd' })
    expect(list((await Note.findOrFail(note.id)).vector)).toEqual([1, 97, 1])
    expect((await Note.findOrFail(fresh.id)).vector).toBeNull()
    expect(await Note.staleEmbeddings().orderBy('id').pluck('text')).toEqual(['bc', 'd'])
  })

  it('refuse what is not a vector for each text', async () => {
    for (const wrong of [
      () => [],
      () => null,
      () => [[1, 2]],
      () => [[0, 0, 0]],
      () => [[1, 2, Number.NaN]],
      () => ['x'],
    ]) {
      embed = wrong
      await expect(Note.create({ text: 'a' }), String(wrong)).rejects.toThrow(UsageError)
    }
    embed = () => []
    await expect(Note.create({ text: 'a' })).rejects.toThrow(
      'The function "embed" of "Note.vector" was given 1 text, and returned 0 vectors. Return a list with one vector for each text.',
    )
    expect(await Note.count()).toBe(0)
  })

  it('are embedded again after a save that failed later', async () => {
    const page = await Page.create({ title: 'a' })
    page.title = 'b'
    page.views = 1.5
    await expect(page.save()).rejects.toThrow()
    page.title = 'cc'
    page.views = 1
    await page.save()
    expect(list((await Page.findOrFail(page.id)).embedding)).toEqual([3, 99, 1])
    expect(await Page.staleEmbeddings().count()).toBe(0)
  })

  it('find rows that were written without them', async () => {
    const page = await Page.create({ title: 'a', body: 'ü' })
    await Page.create({ title: 'b' })
    await Page.insertMany([{ title: 'inserted' }])
    await Page.where('id', page.id).update({ body: 'ÿ' })
    expect(await Page.staleEmbeddings().orderBy('id').pluck('title')).toEqual(['a', 'inserted'])
    await Page.where('id', page.id).update({ body: 'ü' })
    expect(await Page.staleEmbeddings().pluck('title')).toEqual(['inserted'])
    await Page.where('title', 'inserted').delete()
    expect(await Page.staleEmbeddings().count()).toBe(0)
    expect(await Page.staleEmbeddings().withTrashed().count()).toBe(1)
    expect(await Page.embedAll()).toEqual({ total: 0, embedded: 0, failed: 0 })
    expect(await Page.staleEmbeddings().withTrashed().count()).toBe(1)
    const { sql } = Page.staleEmbeddings().select('id').toSQL({ dialect: 'mysql' })
    expect(sql).toContain('sha2(convert(concat(coalesce(`title`, ?), ?, coalesce(`body`, ?)) using utf8mb4), 256)')
  })

  it('are made again for all rows of another model', async () => {
    await Note.createMany([{ text: 'a' }, { text: '' }, { text: 'b' }])
    expect(await Note.staleEmbeddings().count()).toBe(0)
    expect(await Renewed.staleEmbeddings().count()).toBe(2)
    expect(await Renewed.embedAll()).toEqual({ total: 2, embedded: 2, failed: 0 })
    expect(await Renewed.staleEmbeddings().count()).toBe(0)
    expect(await Note.staleEmbeddings().count()).toBe(2)
  })

  it('are made by embedAll() in batches, and nothing else of the rows changes', async () => {
    await Page.insertMany(Array.from({ length: 25 }, (_, i) => ({ title: `p${i}`, changedAt: new Date(0) })) as never)
    const before = await Page.query().orderBy('id').values('id', 'changedAt')
    const progress: number[] = []
    const result = await Page.embedAll({ batchSize: 10, onProgress: ({ embedded }) => void progress.push(embedded) })
    expect(result).toEqual({ total: 25, embedded: 25, failed: 0 })
    expect(progress).toEqual([10, 20, 25])
    expect(calls.map(({ length }) => length)).toEqual([10, 10, 5])
    expect(await Page.query().orderBy('id').values('id', 'changedAt')).toEqual(before)
    expect(list((await Page.where('title', 'p7').firstOrFail()).embedding)).toEqual([3, 112, 1])
    expect(await Page.embedAll()).toEqual({ total: 0, embedded: 0, failed: 0 })
  })

  it('stop waiting for a function that never returns when the signal is aborted', async () => {
    await Page.insertMany(Array.from({ length: 20 }, (_, i) => ({ title: `p${i}` })))
    const controller = new AbortController()
    let rounds = 0
    embed = (texts) => {
      if (++rounds > 1) setTimeout(() => controller.abort(new Error('enough')), 5)
      return rounds > 1 ? new Promise(() => {}) : Promise.resolve(texts.map(() => [1, 2, 3]))
    }
    const run = Page.embedAll({ batchSize: 5, concurrency: 2, signal: controller.signal })
    await expect(run).rejects.toMatchObject({ code: 'ABORTED', cause: new Error('enough') })
    expect(await Page.staleEmbeddings().count()).toBe(15)
  })

  it('go on where a run was stopped, side by side if asked', async () => {
    await Page.insertMany(Array.from({ length: 40 }, (_, i) => ({ title: `p${i}` })))
    const controller = new AbortController()
    const stop = () => controller.abort(new Error('enough'))
    await expect(Page.embedAll({ batchSize: 10, signal: controller.signal, onProgress: stop })).rejects.toMatchObject({
      code: 'ABORTED',
    })
    expect(await Page.staleEmbeddings().count()).toBe(30)
    let most = 0
    let running = 0
    embed = async (texts) => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setTimeout(resolve, 5))
      running--
      return texts.map(vectorOf)
    }
    await Page.embedAll({ batchSize: 5, concurrency: 3 })
    expect(most).toBe(3)
    expect(await Page.staleEmbeddings().count()).toBe(0)
  })

  it('leave a row stale whose text changes while it is embedded', async () => {
    await Page.insertMany([{ title: 'old' }, { title: 'kept' }])
    embed = async (texts) => {
      if (texts[0] === 'old\n') await Page.where('title', 'old').update({ title: 'new' })
      return texts.map(vectorOf)
    }
    expect(await Page.embedAll()).toEqual({ total: 2, embedded: 1, failed: 0 })
    expect(await Page.staleEmbeddings().pluck('title')).toEqual(['new'])
    expect((await Page.where('title', 'new').firstOrFail()).embedding).toBeNull()
    await Page.embedAll()
    expect(await Page.staleEmbeddings().count()).toBe(0)
  })

  it('count rows whose function failed, or stop there', async () => {
    await Note.insertMany(Array.from({ length: 4 }, (_, i) => ({ text: `n${i}` })))
    embed = (texts) => (texts.includes('n0') ? fails() : texts.map(vectorOf))
    expect(await Note.embedAll({ batchSize: 2 })).toEqual({ total: 4, embedded: 2, failed: 2 })
    expect(await Note.staleEmbeddings().orderBy('id').pluck('text')).toEqual(['n0', 'n1'])
    await Page.insertMany([{ title: 'p' }])
    embed = fails
    await expect(Page.embedAll()).rejects.toThrow('the service is down')
  })

  it('are made again for a clone whose text changes, and only then', async () => {
    const created = await Page.create({ title: 'abc' })
    for (const page of [created, await Page.findOrFail(created.id)]) {
      calls.length = 0
      const copy = page.clone()
      await copy.save()
      expect(calls).toEqual([])
      const other = page.clone()
      other.title = 'zz'
      await other.save()
      expect(list((await Page.findOrFail(other.id)).embedding)).toEqual([3, 122, 1])
    }
    const given = new Page({ title: 'given' })
    given.embedding = new Float32Array([1, 2, 3])
    const copy = given.clone()
    await copy.save()
    expect(list((await Page.findOrFail(copy.id)).embedding)).toEqual([1, 2, 3])
    expect(await Page.staleEmbeddings().count()).toBe(0)
  })

  it('are made of the text that is stored, where a save leaves out fields', async () => {
    const page = await Page.create({ title: 'a', body: 'b' })
    page.title = 'cc'
    page.body = 'long body'
    await page.save({ only: ['title'] })
    expect(list((await Page.findOrFail(page.id)).embedding)).toEqual([4, 99, 1])
    expect(await Page.staleEmbeddings().count()).toBe(0)
    await page.save()
    expect(list((await Page.findOrFail(page.id)).embedding)).toEqual([12, 99, 1])
    expect(await Page.staleEmbeddings().count()).toBe(0)
  })

  it('are made of a part of the fields only if the others are loaded', async () => {
    const { id } = await Page.create({ title: 'a', body: 'b' })
    const titled = await Page.query().select('id', 'title').findOrFail(id)
    titled.title = 'c'
    await expect(titled.save()).rejects.toThrow('"Page.body" was not loaded')
    const page = await Page.query().select('id', 'title', 'body').findOrFail(id)
    page.title = 'ccc'
    await page.save()
    expect(list((await Page.findOrFail(id)).embedding)).toEqual([5, 99, 1])
    expect(await Page.staleEmbeddings().count()).toBe(0)
  })

  it('follow a text that changes while it is embedded', async () => {
    const page = await Page.create({ title: 'a' })
    embed = async (texts) => {
      if (texts[0] === 'one\n') page.title = 'three'
      return texts.map(vectorOf)
    }
    await page.update({ title: 'one' })
    expect(list((await Page.findOrFail(page.id)).embedding)).toEqual([6, 116, 1])
    expect((await Page.findOrFail(page.id)).title).toBe('three')
    expect(await Page.staleEmbeddings().count()).toBe(0)
    // one that always changes ends at some time, and is stale
    embed = (texts) => {
      page.title += '!'
      return texts.map(vectorOf)
    }
    await page.update({ title: 'more' })
    expect(await Page.staleEmbeddings().count()).toBe(1)
  })

  it('leave a row stale whose text the database makes', async () => {
    await Filled.create({ title: 'a' })
    expect(calls).toEqual([])
    expect(await Filled.embedAll()).toEqual({ total: 1, embedded: 1, failed: 0 })
    expect(calls).toEqual([['a\nfilled']])
    expect(await Filled.staleEmbeddings().count()).toBe(0)
  })

  it('take any list of vectors from the function, whatever it does to its texts', async () => {
    embed = (texts) => (texts as string[]).splice(0).map((text) => new Float64Array(vectorOf(text)))
    await Note.createMany([{ text: 'a' }, { text: 'bb' }])
    expect((await Note.query().orderBy('id').pluck('vector')).map(list)).toEqual([
      [1, 97, 1],
      [2, 98, 1],
    ])
    embed = () => Object.assign(new Array(2), { 1: [1, 2, 3] })
    await expect(Note.createMany([{ text: 'a' }, { text: 'b' }])).rejects.toThrow(UsageError)
  })

  it('fail embedAll() with the first error of batches at the same time', async () => {
    await Page.insertMany(Array.from({ length: 20 }, (_, i) => ({ title: `p${i}` })))
    let n = 0
    embed = (texts) => (n++ === 0 ? fails() : texts.map(vectorOf))
    await expect(Page.embedAll({ batchSize: 1, concurrency: 5 })).rejects.toThrow('the service is down')
    expect(n).toBeLessThan(20)
    expect(await Page.staleEmbeddings().exists()).toBe(true)
  })

  it('are found by nearest()', async () => {
    await Page.createMany([{ title: 'aaaaaaaaaa' }, { title: 'b' }])
    const [first] = await Page.query().nearest('embedding', [2, 98, 1], { limit: 1 })
    expect(first?.title).toBe('b')
  })

  it('refuse models without embeddings', async () => {
    class Plain extends Model({ name: Field.string() }) {}
    expect(() => Plain.staleEmbeddings()).toThrow(
      'staleEmbeddings() needs an embedding, and "Plain" has none. Add a Field.embedding() to it.',
    )
    await expect(Plain.embedAll()).rejects.toThrow(UsageError)
  })
})
