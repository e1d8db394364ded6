import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  AbortedError,
  Database,
  DiskStorage,
  Field,
  MemoryStorage,
  Model,
  pruneFiles,
  Relation,
  UsageError,
} from 'corm'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { forgetFileModels } from '../../src/model/runtime/file-models.js'
import { describeDatabases } from '../support/databases.js'

// those of tests that ran before in this process
forgetFileModels()

class Paper extends Model(
  {
    title: Field.string({ default: '' }),
    scan: Field.file({ uploadTo: 'papers', nullable: true }),
    copy: Field.file({ nullable: true, lazy: true, hidden: true }),
    deletedAt: Field.softDelete(),
  },
  {
    table: 'prune_papers',
    globalScopes: { named: { apply: (query) => query.where('title', '!=', 'hidden'), locked: true } },
  },
) {
  static notes = Relation.hasMany(() => Note)
}
class Note extends Model(
  {
    paperId: Field.foreignKey(() => Paper, { onDelete: 'cascade' }),
    file: Field.file({ uploadTo: 'notes', nullable: true }),
  },
  { table: 'prune_notes' },
) {}
/** Has no table, and no files. */
abstract class Base extends Model({ scan: Field.file() }, { abstract: true }) {}
class Other extends Model({ name: Field.string() }) {}
void Base

const text = (content: string) => new TextEncoder().encode(content)
const models = [Paper, Note]
const all = { olderThan: 0 }

/** A name that corm made at this time. */
function madeAt(folder: string, time: number): string {
  const hex = time.toString(16).padStart(12, '0')
  return `${folder}2020/01/${hex.slice(0, 8)}-${hex.slice(8)}-7abc-8abc-0123456789ab.txt`
}

describeDatabases('pruneFiles', (database) => {
  database.useTables(models)
  let storage: MemoryStorage
  beforeEach(() => {
    storage = new MemoryStorage()
    Database.configure({ files: storage })
  })
  afterEach(() => Database.configure({ files: undefined }))

  it('deletes the files that no row names, and no others', async () => {
    const paper = await Paper.create({ scan: text('a'), copy: text('b') })
    const trashed = await Paper.create({ scan: text('c') })
    await trashed.delete()
    const hidden = await Paper.create({ scan: text('d') })
    await Paper.withoutGlobalScope('named').where('id', hidden.id).update({ title: 'hidden' })
    const gone = await Paper.create({ scan: text('e') })
    const note = await Note.create({ paperId: gone.id, file: text('f') })
    await Paper.where('id', gone.id).forceDelete()
    expect([await Note.query().count(), storage.names.length]).toEqual([0, 6])
    const orphans = [gone.scan?.name, note.file?.name].sort()

    const dry = await pruneFiles(models, { ...all, dryRun: true })
    expect([dry.names.sort(), dry.checked, storage.names.length]).toEqual([orphans, 6, 6])
    const { names, checked } = await pruneFiles(models, all)
    expect([names.sort(), checked]).toEqual([orphans, 6])
    const kept = [paper.scan?.name, paper.copy?.name, trashed.scan?.name, hidden.scan?.name]
    expect(storage.names.sort()).toEqual(kept.sort())
    expect(await pruneFiles(models, all)).toEqual({ names: [], checked: 4 })
  })
  it('keeps what is younger than a day, and what corm did not name', async () => {
    const day = 24 * 60 * 60 * 1000
    const old = [madeAt('papers/', Date.now() - day - 1000), madeAt('', Date.now() - day - 1000)]
    const others = [
      madeAt('papers/', Date.now() - day + 60_000),
      madeAt('papers/more/', 0),
      madeAt('elsewhere/', 0),
      'papers/logo.png',
      'papers/2020/01/logo.png',
      // of version 4
      'papers/2020/01/0192f0c4-8a3b-4abc-8abc-0123456789ab.txt',
    ]
    for (const name of [...old, ...others]) await storage.put(name, text('x'))
    expect((await pruneFiles(models)).names.sort()).toEqual(old.sort())
    expect(storage.names.sort()).toEqual(others.sort())
  })
  it('finds rows that name a file in the folder of another field', async () => {
    const paper = await Paper.create({ scan: text('a') })
    await Paper.insertMany([{ title: 'row', copy: paper.scan }])
    await Paper.where('id', paper.id).forceDelete()
    expect((await pruneFiles(models, all)).names).toEqual([])
    expect(storage.names).toHaveLength(1)
  })
  it('works through many files, and stops with a signal', async () => {
    const names = Array.from({ length: 6000 }, (_, i) => madeAt('notes/', 1000 + i))
    for (const name of names) await storage.put(name, text('x'))
    const controller = new AbortController()
    const remove = storage.delete.bind(storage)
    storage.delete = async (name) => {
      await remove(name)
      if (storage.names.length === 5990) controller.abort()
    }
    await expect(pruneFiles(models, { signal: controller.signal })).rejects.toThrow(AbortedError)
    expect(storage.names).toHaveLength(5990)
    expect(await pruneFiles(models)).toMatchObject({ checked: 5990, names: { length: 5990 } })
    expect(storage.names).toEqual([])
  })
  it('refuses lists that lack a model with files, and models without', async () => {
    const paper = await Paper.create({ scan: text('a') })
    await Paper.where('id', paper.id).forceDelete()
    await expect(pruneFiles([Paper], all)).rejects.toThrow(/was not given "(Note|prune_notes)"/)
    await expect(pruneFiles([Note], all)).rejects.toThrow(/was not given "(Paper|prune_papers)"/)
    await expect(pruneFiles([], all)).rejects.toThrow(UsageError)
    await expect(pruneFiles(Paper as never, all)).rejects.toThrow(/takes a list of models/)
    await expect(pruneFiles([{}] as never, all)).rejects.toThrow()
    expect(storage.names).toHaveLength(1)
    expect((await pruneFiles([...models, Other, Paper], all)).names).toHaveLength(1)
  })
  it('refuses transactions, and storages that can not list files', async () => {
    const paper = await Paper.create({ scan: text('a') })
    await database.db.transaction(async (trx) => {
      await Paper.where('id', paper.id).forceDelete()
      await expect(pruneFiles(models, all)).rejects.toThrow(/inside a transaction/)
      await expect(pruneFiles([Paper.using(trx), Note.using(trx)], all)).rejects.toThrow(/inside a transaction/)
    })
    Database.configure({ files: Object.assign(new MemoryStorage(), { list: undefined }) })
    await expect(pruneFiles(models, all)).rejects.toThrow(/list\(prefix\)/)
    Database.configure({ files: undefined })
    await expect(pruneFiles(models, all)).rejects.toThrow(/no storage/)
    expect(storage.names).toHaveLength(1)
  })
  it('looks at the rows of all databases that it is given', async () => {
    const second = await Database.connect({ name: 'prune-second', url: 'sqlite::memory:' })
    try {
      await second.createTables(models)
      await Paper.create({ scan: text('a') })
      const far = await Paper.using(second).create({ scan: text('b') })
      const databases = [database.db, second]
      expect((await pruneFiles(models, { ...all, databases })).names).toEqual([])
      const bound = [Paper, Note, Paper.using(second), Note.using(second)]
      expect((await pruneFiles(bound, all)).names).toEqual([])
      expect((await pruneFiles(models, { ...all, dryRun: true })).names).toEqual([far.scan?.name])
      await expect(pruneFiles(models, { databases: [] })).rejects.toThrow(/list of databases/)
    } finally {
      await second.close()
    }
  })
  it('lists the files of a folder on disk, and follows no links', async () => {
    const root = mkdtempSync(join(tmpdir(), 'corm-prune-'))
    const outside = mkdtempSync(join(tmpdir(), 'corm-outside-'))
    try {
      const disk = new DiskStorage(join(root, 'files'))
      Database.configure({ files: disk })
      expect(await pruneFiles(models, all)).toEqual({ names: [], checked: 0 })
      const paper = await Paper.create({ scan: text('a'), copy: text('b') })
      const note = await Note.create({ paperId: paper.id, file: text('c') })
      await Note.where('id', note.id).delete()
      writeFileSync(join(root, 'files/papers/.hidden'), '')
      writeFileSync(join(outside, 'x.txt'), '')
      symlinkSync(outside, join(root, 'files/papers/linked'))
      symlinkSync(join(outside, 'x.txt'), join(root, 'files/papers/x.txt'))
      mkdirSync(join(root, 'files/papers/empty'))
      const listed: string[] = []
      for await (const name of disk.list('papers/')) listed.push(name)
      expect(listed).toEqual([paper.scan?.name])
      expect(await pruneFiles(models, all)).toEqual({ names: [note.file?.name], checked: 3 })
      expect([await disk.stat(note.file?.name as string), await paper.scan?.stat()]).toEqual([null, { size: 1 }])
    } finally {
      for (const path of [root, outside]) rmSync(path, { recursive: true, force: true })
    }
  })
})
