import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { Database, DefinitionError, DiskStorage, Field, MemoryStorage, Model, UsageError, ValidationError } from 'corm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Paper extends Model(
  {
    title: Field.string({ max: 40, min: 2 }),
    scan: Field.file({ uploadTo: 'papers/scans', maxSize: 1000, nullable: true }),
    pdf: Field.file({ types: ['application/pdf', 'text/plain'], nullable: true }),
    cover: Field.image({ uploadTo: 'covers', maxPixels: 100, nullable: true }),
  },
  { table: 'file_papers' },
) {}

class Sketch extends Model(
  { picture: Field.image(), deletedAt: Field.softDelete(), version: Field.version() },
  { table: 'file_sketches' },
) {
  static seen: unknown[] = []
  override beforeSave() {
    Sketch.seen.push(this.picture)
    if (this.picture === (null as unknown)) this.picture = png(3, 3) as never
  }
  override afterSave() {
    if (Sketch.seen.length > 100) throw new Error('late')
  }
}

/** An image of one colour: its signature and its size are real. */
function png(width: number, height: number): Uint8Array {
  const bytes = Buffer.alloc(60)
  Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex').copy(bytes)
  bytes.writeUInt32BE(width, 16)
  bytes.writeUInt32BE(height, 20)
  Buffer.from('0802000000', 'hex').copy(bytes, 24)
  Buffer.from('0000000049444154', 'hex').copy(bytes, 33)
  return new Uint8Array(bytes)
}
const pdf = new TextEncoder().encode('%PDF-1.4\n%âãÏÓ\n1 0 obj')
const text = (content: string) => new TextEncoder().encode(content)
const issuesOf = (error: unknown) => (error as ValidationError).issues.map(({ path, code }) => `${path} ${code}`)

class Folder extends Model(
  {
    title: Field.string({ default: '' }),
    scan: Field.file({ nullable: true }),
    copy: Field.file({ nullable: true, maxSize: 5 }),
    back: Field.file({ nullable: true, lazy: true }),
    secret: Field.file({ nullable: true, hidden: true }),
    cover: Field.image({ nullable: true }),
  },
  { table: 'file_folders' },
) {
  static before: (folder: Folder) => void = () => undefined
  override beforeSave() {
    Folder.before(this)
  }
}

const contentOf = async (file: { read(): Promise<Uint8Array> } | null | undefined) =>
  file ? Buffer.from(await file.read()).toString() : file

describeDatabases('file fields', (database) => {
  database.useTables([Paper, Sketch, Folder])
  let storage: MemoryStorage
  beforeEach(() => {
    storage = new MemoryStorage()
    Sketch.seen = []
    Folder.before = () => undefined
    Database.configure({ files: storage })
  })
  afterEach(() => Database.configure({ files: undefined }))

  it('store content under a generated name, and give it back', async () => {
    const paper = await Paper.create({ title: 'one', scan: text('hello'), cover: png(4, 4) })
    expect(paper.scan?.name).toMatch(/^papers\/scans\/\d{4}\/\d\d\/[0-9a-f-]{36}\.txt$/)
    expect(paper.cover?.name).toMatch(/^covers\/\d{4}\/\d\d\/[0-9a-f-]{36}\.png$/)
    const loaded = await Paper.findOrFail(paper.id)
    expect(Buffer.from((await loaded.scan?.read()) ?? []).toString()).toBe('hello')
    expect(await loaded.cover?.stat()).toEqual({ size: 60 })
    expect(await loaded.cover?.url()).toBe(`memory:/${paper.cover?.name}`)
    expect(loaded.toJSON()).toMatchObject({ scan: paper.scan?.name, pdf: null })
    expect([paper.isDirty(), loaded.isDirty(), storage.names.length]).toEqual([false, false, 2])
  })
  it('take files of forms, blobs and streams', async () => {
    async function* parts() {
      yield text('a')
      yield text('b')
    }
    for (const scan of [new File(['ab'], '../../evil.php'), new Blob(['ab']), parts(), Buffer.from('ab')]) {
      const { name } = (await Paper.create({ title: 'one', scan })).scan as { name: string }
      expect(name).toMatch(/^papers\/scans\/.*\.txt$/)
      expect(await storage.stat(name)).toEqual({ size: 2 })
    }
  })
  it('replace and delete files after the commit', async () => {
    const paper = await Paper.create({ title: 'one', scan: text('a'), pdf })
    const first = paper.scan?.name as string
    await database.db.transaction(async () => {
      paper.scan = text('b') as never
      await paper.save()
      expect(storage.names).toContain(first)
    })
    expect(storage.names).not.toContain(first)
    expect(storage.names).toHaveLength(2)
    await paper.update({ title: 'two' })
    await paper.update({ scan: null })
    expect(storage.names).toEqual([paper.pdf?.name])
    await paper.delete()
    expect(storage.names).toEqual([])
  })
  it('are stored by the write that names them', async () => {
    const paper = await Paper.create({ title: 'one', scan: text('a') })
    const other = await Paper.create({ title: 'two', scan: text('other') })
    for (const scan of [text('b'), new Blob(['b']), other.scan, new File(['too long'.repeat(500)], 'x')]) {
      paper.scan = scan as never
      await paper.update({ title: 'changed' })
      await paper.save({ only: ['title', 'pdf'] })
      expect([paper.scan, paper.isDirty('scan'), storage.names.length]).toEqual([scan, true, 2])
      expect(await contentOf((await Paper.findOrFail(paper.id)).scan)).toBe('a')
    }
    paper.scan = text('c') as never
    await paper.save({ only: ['scan'] })
    expect([await contentOf((await Paper.findOrFail(paper.id)).scan), paper.isDirty()]).toEqual(['c', false])
    const sketch = await Sketch.create({ picture: png(1, 1) })
    sketch.picture = null as never // the hook gives it another one
    await sketch.save({ only: ['deletedAt'] })
    expect((await Sketch.findOrFail(sketch.id)).picture.name).toBe(sketch.picture.name)
    expect(storage.names).toHaveLength(3)
  })
  it('leave no file of what was rolled back, and none missing', async () => {
    const paper = await Paper.create({ title: 'one', scan: text('a') })
    const before = paper.scan
    const added = new Paper({ title: 'two', scan: text('c') })
    await expect(
      database.db.transaction(async (trx) => {
        paper.scan = text('b') as never
        await paper.save()
        await added.save()
        await trx.transaction(async () => (await Paper.findOrFail(paper.id)).delete())
        throw new Error('undo')
      }),
    ).rejects.toThrow('undo')
    await wait(5)
    expect(storage.names).toEqual([before?.name])
    expect([paper.isDirty('scan'), added.isPersisted]).toEqual([true, false])
    await paper.save()
    await added.save()
    const contents = await Promise.all(
      [paper, added].map(async ({ scan }) => Buffer.from((await scan?.read()) ?? []).toString()),
    )
    expect([contents, storage.names.length]).toEqual([['b', 'c'], 2])
  })
  it('delete nothing where a savepoint was rolled back, and leave nothing of a save that failed', async () => {
    const paper = await Paper.create({ title: 'one', scan: text('a') })
    await database.db.transaction(async (trx) => {
      await trx
        .transaction(async () => {
          await paper.delete()
          throw new Error('inner')
        })
        .catch(() => undefined)
    })
    expect(storage.names).toEqual([paper.scan?.name])
    await expect(Paper.create({ title: 'x', scan: text('b') })).rejects.toThrow(ValidationError)
    await wait(5)
    expect(storage.names).toEqual([paper.scan?.name])
  })
  it('tell what content is by looking at it, and report it with all other problems', async () => {
    const wrong: [object, string][] = [
      [{ pdf: png(2, 2) }, 'pdf file'],
      [{ cover: pdf }, 'cover file'],
      [{ cover: text('<svg xmlns="http://www.w3.org/2000/svg"/>') }, 'cover file'],
      [{ cover: text('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>') }, 'cover file'],
      [{ cover: text('GIF89a<?php echo 1; ?>') }, 'cover size'],
      [{ cover: png(11, 10) }, 'cover size'],
      [{ cover: png(0, 0) }, 'cover file'],
      [{ scan: new Uint8Array(1001) }, 'scan size'],
      [{ scan: new Blob(['x'.repeat(1001)]) }, 'scan size'],
      [{ scan: new Uint8Array(0) }, 'scan size'],
      [{ pdf: new Uint8Array([0, 1, 2, 3]) }, 'pdf file'],
    ]
    for (const [data, problem] of wrong) {
      const error = await Paper.create({ title: 'x', ...data }).catch((thrown: unknown) => thrown)
      expect(error, problem).toBeInstanceOf(ValidationError)
      expect(issuesOf(error).sort()).toEqual([problem, 'title length'].sort())
      await expect(Paper.create({ title: 'ok', ...data }), problem).rejects.toThrow(ValidationError)
      await expect(Paper.insertMany([{ title: 'ok', ...data }]), problem).rejects.toThrow(ValidationError)
    }
    expect([storage.names, await Paper.query().count()]).toEqual([[], 0])
    expect((await Paper.create({ title: 'ok', pdf: text('plain') })).pdf?.name).toMatch(/\.txt$/)
    expect((await Paper.create({ title: 'ok', scan: new Uint8Array([0, 255]) })).scan?.name).toMatch(/\.bin$/)
  })
  it('refuse names and other values, and content in writes that store no files', async () => {
    const paper = await Paper.create({ title: 'one' })
    for (const scan of ['../../etc/passwd', 7, {}, { name: 'papers/x.txt' }]) {
      await expect(Paper.create({ title: 'two', scan: scan as never })).rejects.toThrow(ValidationError)
      await expect(paper.update({ scan: scan as never })).rejects.toThrow(ValidationError)
      paper.scan = null
    }
    await expect(Paper.insertMany([{ title: 'two', scan: text('x') }])).rejects.toThrow(ValidationError)
    await expect(Paper.where('id', paper.id).update({ scan: text('x') } as never)).rejects.toThrow(ValidationError)
    expect([storage.names, await Paper.query().count()]).toEqual([[], 1])
  })
  it('copy the file of another row, so that each row has its own', async () => {
    const one = await Paper.create({ title: 'one', scan: text('a') })
    const two = await Paper.create({ title: 'two', scan: one.scan })
    const three = one.clone()
    await three.save()
    expect(new Set([one, two, three].map(({ scan }) => scan?.name)).size).toBe(3)
    await one.delete()
    expect(storage.names).toHaveLength(2)
    expect(Buffer.from((await three.scan?.read()) ?? []).toString()).toBe('a')
  })
  it('keep the content of files that move between the fields of one instance', async () => {
    const folder = await Folder.create({ scan: text('a'), copy: text('b') })
    const { scan, copy } = folder
    folder.scan = copy
    folder.copy = scan
    await folder.save()
    const swapped = await Folder.findOrFail(folder.id)
    expect([await contentOf(swapped.scan), await contentOf(swapped.copy)]).toEqual(['b', 'a'])
    folder.copy = folder.scan
    await folder.save()
    expect([folder.scan?.name === folder.copy?.name, storage.names.length]).toEqual([false, 2])
    await folder.update({ scan: null })
    expect([await contentOf(folder.copy), storage.names.length]).toEqual(['b', 1])
  })
  it('never name a file again that was replaced', async () => {
    const folder = await Folder.create({ scan: text('a') })
    const first = folder.scan
    await folder.update({ scan: text('b') })
    await expect(folder.update({ scan: first })).rejects.toThrow(/no file of this name/)
    expect(await contentOf((await Folder.findOrFail(folder.id)).scan)).toBe('b')
    const within = await database.db.transaction(async () => {
      const made = await Folder.create({ scan: text('c') })
      const { scan } = made
      await made.update({ scan: text('d') })
      await made.update({ scan })
      return made
    })
    expect([await contentOf(within.scan), storage.names.length]).toEqual(['c', 2])
  })
  it('refuse a file of another row whose content their field does not allow', async () => {
    const folder = await Folder.create({ scan: text('long text') })
    const error = await Folder.create({ copy: folder.scan, cover: folder.scan }).catch((thrown: unknown) => thrown)
    expect(issuesOf(error)).toEqual(['copy size', 'cover file'])
    await expect(folder.update({ cover: folder.scan })).rejects.toThrow(ValidationError)
    expect(storage.names).toEqual([folder.scan?.name])
    expect(await contentOf((await Folder.create({ scan: folder.scan })).scan)).toBe('long text')
  })
  it('leave none behind that a hook has replaced or moved', async () => {
    Folder.before = (folder) => {
      if (folder.scan?.name !== undefined) folder.scan = text('hook') as never
    }
    const folder = await Folder.create({ scan: text('given') })
    expect([await contentOf(folder.scan), storage.names.length]).toEqual(['hook', 1])
    Folder.before = (each) => {
      each.copy = each.scan
      each.scan = null
    }
    await folder.update({ scan: text('moved') })
    expect([folder.scan, await contentOf(folder.copy), storage.names.length]).toEqual([null, 'moved', 1])
  })
  it('store what is assigned while another file is stored', async () => {
    const put = storage.put.bind(storage)
    const folder = await Folder.create({})
    storage.put = async (name, data) => {
      if (Buffer.from(data).toString() === 'one') {
        folder.scan = text('two') as never
        folder.copy = text('more') as never
      }
      await put(name, data)
    }
    await folder.update({ scan: text('one') })
    const saved = await Folder.findOrFail(folder.id)
    expect([await contentOf(saved.scan), await contentOf(saved.copy)]).toEqual(['two', 'more'])
    expect([folder.isDirty(), storage.names.length]).toEqual([false, 2])
  })
  it('delete the files of fields that were not loaded', async () => {
    const { id } = await Folder.create({ title: 'a', scan: text('a'), back: text('b') })
    const partial = await Folder.where('id', id).select('id', 'title').sole()
    await (partial as unknown as Folder).update({ scan: text('c') })
    expect(storage.names).toHaveLength(2)
    const lazy = await Folder.findOrFail(id)
    await lazy.update({ back: text('d') })
    expect(storage.names).toHaveLength(2)
    const last = (await Folder.where('id', id).select('id', 'title').sole()) as unknown as Folder
    last.scan = text('not stored') as never
    await last.delete()
    expect(storage.names).toEqual([])
  })
  it('can be hidden', async () => {
    const folder = await Folder.create({ secret: text('a') })
    expect([await contentOf(folder.secret), JSON.stringify(folder).includes('secret')]).toEqual(['a', false])
    await folder.update({ secret: text('b') })
    expect([await contentOf((await Folder.findOrFail(folder.id)).secret), storage.names.length]).toEqual(['b', 1])
  })
  it('refuse streams of texts', async () => {
    await expect(Paper.create({ title: 'one', scan: Readable.from(['12', 'ab']) })).rejects.toThrow(/must give bytes/)
    expect([storage.names, await Paper.query().count()]).toEqual([[], 0])
  })
  it('work with hooks, soft deletes and versions', async () => {
    const sketch = await Sketch.create({ picture: png(2, 2) })
    expect(String(Sketch.seen[0])).toBe(sketch.picture.name)
    sketch.picture = null as never
    await sketch.save()
    expect(sketch.picture.name).toMatch(/\.png$/)
    expect(storage.names).toEqual([sketch.picture.name])
    await sketch.delete()
    expect(storage.names).toHaveLength(1)
    await sketch.restore()
    Sketch.seen.length = 101
    sketch.picture = png(5, 5) as never
    await expect(sketch.save()).rejects.toThrow('late')
    await wait(5)
    expect(storage.names).toHaveLength(1)
    Sketch.seen = []
    await sketch.save()
    expect((await sketch.picture.read())[19]).toBe(5)
    await sketch.forceDelete()
    expect(storage.names).toEqual([])
  })
  it('store many at once, all or none', async () => {
    const papers = await Paper.createMany([1, 2, 3].map((n) => ({ title: `p${n}`, scan: text(`${n}`) })))
    expect(storage.names).toHaveLength(3)
    for (const paper of papers) paper.scan = text('new') as never
    await Paper.saveMany(papers)
    expect(storage.names).toHaveLength(3)
    await expect(Paper.createMany([{ title: 'ok', scan: text('x') }, { title: 'x' }])).rejects.toThrow(ValidationError)
    await wait(5)
    expect(storage.names).toHaveLength(3)
  })
  it('need a storage', async () => {
    Database.configure({ files: undefined })
    await expect(Paper.create({ title: 'one', scan: text('x') })).rejects.toThrow(/Database.configure/)
    await Paper.create({ title: 'one' })
  })
})

describe('DiskStorage', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'corm-files-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('stores, reads and deletes files in its folder', async () => {
    const storage = new DiskStorage(join(folder, 'uploads'), { baseUrl: 'https://example.org/media/' })
    await storage.put('a/b/c.txt', text('hello'))
    expect(statSync(join(folder, 'uploads/a/b/c.txt')).size).toBe(5)
    expect(readdirSync(join(folder, 'uploads/a/b'))).toEqual(['c.txt'])
    await expect(storage.put('a/b/c.txt', text('other'))).rejects.toThrow()
    const parts: Uint8Array[] = []
    for await (const part of storage.open('a/b/c.txt')) parts.push(part)
    expect([Buffer.concat(parts).toString(), await storage.stat('a/b/c.txt')]).toEqual(['hello', { size: 5 }])
    expect(storage.url('a/b/c.txt')).toBe('https://example.org/media/a/b/c.txt')
    await storage.delete('a/b/c.txt')
    await storage.delete('a/b/c.txt')
    expect([existsSync(join(folder, 'uploads/a/b/c.txt')), await storage.stat('a/b/c.txt')]).toEqual([false, null])
    expect(() => new DiskStorage(folder).url('a.txt')).toThrow(UsageError)
  })
  it('does not leave its folder, by names or by links', async () => {
    const storage = new DiskStorage(join(folder, 'uploads'))
    await storage.put('ok.txt', text('x'))
    writeFileSync(join(folder, 'secret.txt'), 'secret')
    symlinkSync(folder, join(folder, 'uploads/out'))
    symlinkSync(join(folder, 'secret.txt'), join(folder, 'uploads/link.txt'))
    const names = [
      '../secret.txt',
      '/etc/passwd',
      'a/../../secret.txt',
      'a\\b',
      'a\0b',
      '',
      '.',
      '..',
      '.hidden',
      'a//b',
      'C:x',
      'out/secret.txt',
      'link.txt',
    ]
    for (const name of names) {
      if (name !== 'link.txt') await expect(storage.put(name, text('x')), name).rejects.toThrow(UsageError)
      await expect(storage.stat(name), name).rejects.toThrow(UsageError)
      await expect(storage.delete(name), name).rejects.toThrow(UsageError)
      await expect(storage.open(name)[Symbol.asyncIterator]().next(), name).rejects.toThrow(UsageError)
    }
    expect(readdirSync(folder).sort()).toEqual(['secret.txt', 'uploads'])
  })
})

it('options of file fields that make no sense are a DefinitionError', () => {
  for (const define of [
    () => Field.file({ uploadTo: '../up' }),
    () => Field.file({ uploadTo: '/abs' }),
    () => Field.file({ maxSize: 0 }),
    () => Field.file({ types: ['pdf'] }),
    () => Field.file({ types: [] }),
    () => Field.file({ maxPixels: 5 } as never),
    () => Field.image({ maxPixels: 0 }),
  ])
    expect(define, String(define)).toThrow(DefinitionError)
  expect(() => Database.configure({ files: {} as never })).toThrow(UsageError)
})
