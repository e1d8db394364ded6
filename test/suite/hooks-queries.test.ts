import { Database, Field, Model, Relation } from 'corm'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { recordQueries } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'

let log: string[] = []
let act: (task: any, hook: string) => any = () => {}

const hook = (task: { name: string }, name: string): void | Promise<void> => {
  log.push(`${name} ${task.name}`)
  return act(task, name)
}

class Task extends Model(
  {
    name: Field.string({ max: 50 }),
    state: Field.string({ max: 50, default: 'new' }),
    data: Field.json({ nullable: true }),
    updatedAt: Field.dateTime({ autoNow: true }),
    deletedAt: Field.softDelete(),
  },
  { table: 'query_tasks' },
) {
  static steps = Relation.hasMany(() => Step)
  override beforeSave() {
    return hook(this, 'beforeSave')
  }
  override afterUpdate() {
    return hook(this, 'afterUpdate')
  }
  override beforeDelete() {
    return hook(this, 'beforeDelete')
  }
  override afterRestore() {
    return hook(this, 'afterRestore')
  }
}
class Step extends Model(
  { name: Field.string({ max: 50 }), taskId: Field.foreignKey(() => Task) },
  { table: 'query_steps' },
) {
  override beforeDelete() {
    return hook(this, 'beforeDelete')
  }
}
class Plain extends Model({ name: Field.string({ max: 50 }) }, { table: 'query_plain' }) {}

class Versioned extends Model(
  { name: Field.string({ max: 50 }), version: Field.version() },
  { table: 'query_versioned' },
) {
  override beforeDelete() {
    return hook(this, 'beforeDelete')
  }
}
class Part extends Model(
  { name: Field.string({ max: 50 }), wholeId: Field.foreignKey(() => Part, { nullable: true }) },
  { table: 'query_parts' },
) {
  override beforeDelete() {
    return hook(this, 'beforeDelete')
  }
}
let team = 1
class Ours extends Model(
  { name: Field.string({ max: 50 }), team: Field.integer() },
  { table: 'query_ours', globalScopes: { ours: { apply: (q) => q.where('team', team), locked: true } } },
) {
  override beforeDelete() {
    return hook(this, 'beforeDelete')
  }
}

describeDatabases('writes over a query, with hooks', (database) => {
  database.useTables([Task, Step, Plain, Versioned, Part, Ours])

  async function deletesOf(work: () => Promise<unknown>): Promise<number> {
    const { events, error } = await recordQueries(work)
    if (error !== undefined) throw error
    return events.filter(({ sql }) => sql.startsWith('delete')).length
  }

  const made = (...names: string[]) => Task.insertMany(names.map((name) => ({ name })))

  beforeEach(() => {
    log = []
    act = () => {}
  })
  afterEach(() => Database.configure({ warnings: true }))

  async function warningsOf(work: () => Promise<unknown>): Promise<string[]> {
    const warnings: string[] = []
    const listener = (warning: Error & { code?: string }) => {
      if (warning.code === 'CORM_HOOKS_SKIPPED') warnings.push(warning.message)
    }
    process.on('warning', listener)
    await work()
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', listener)
    return warnings
  }

  it('load the rows and run the hooks of each', async () => {
    await made('a', 'b', 'c')
    const rows = Task.where('name', '!=', 'c').orderBy('-id')
    act = (task, name) => {
      if (name === 'beforeSave') task.state += '!'
    }
    expect(await Task.where('name', '!=', 'c').update({ state: 'done', data: { n: 1 } }, { hooks: true })).toBe(2)
    expect(log.sort()).toEqual(['afterUpdate a', 'afterUpdate b', 'beforeSave a', 'beforeSave b'])
    expect(await Task.query().orderBy('id').valuesList('name', 'state')).toEqual([
      ['a', 'done!'],
      ['b', 'done!'],
      ['c', 'new'],
    ])
    act = () => {}
    log = []
    expect(await Task.where('name', '!=', 'c').delete({ hooks: true })).toBe(2)
    expect(log.sort()).toEqual(['beforeDelete a', 'beforeDelete b'])
    expect(await Task.onlyTrashed().count()).toBe(2)
    log = []
    expect(await Task.where('name', 'a').restore({ hooks: true })).toBe(1)
    expect(log).toEqual(['afterRestore a'])
    log = []
    expect(await Task.where('name', 'a').forceDelete({ hooks: true })).toBe(1)
    expect(log).toEqual(['beforeDelete a'])
    expect(await Task.withTrashed().orderBy('id').valuesList('name')).toEqual([['b'], ['c']])
    expect(await rows.count()).toBe(0)
  })

  it('are all or nothing, and mean the rows that were there before the first hook', async () => {
    await made('a', 'b')
    act = (task, name) => {
      if (name === 'afterUpdate' && task.name === 'b') throw new Error('no')
    }
    await expect(Task.query().all().update({ state: 'x' }, { hooks: true })).rejects.toThrow('no')
    expect(await Task.where('state', 'x').count()).toBe(0)
    act = (task, name) => (name === 'afterUpdate' ? made(`after ${task.name}`) : undefined)
    expect(await Task.where('state', 'new').update({ state: 'x' }, { hooks: true })).toBe(2)
    expect(await Task.where('state', 'new').count()).toBe(2)
  })

  it('take more rows than one batch', async () => {
    await made(...Array.from({ length: 1_100 }, (_, i) => `t${i}`))
    expect(await Task.query().all().update({ state: 'x' }, { hooks: true })).toBe(1_100)
    expect([log.length, await Task.where('state', 'x').count()]).toEqual([2_200, 1_100])
  })

  it('are one statement for a model without hooks', async () => {
    await Plain.insertMany([{ name: 'a' }])
    const sent: string[] = []
    const stop = database.db.on('query', ({ sql }) => void sent.push(sql.split(' ')[0] as string))
    await Plain.where('name', 'a').update({ name: 'b' }, { hooks: true })
    await Plain.where('name', 'b').delete({ hooks: true })
    stop()
    expect(sent).toEqual(['update', 'delete'])
  })

  it('take no expressions', async () => {
    await made('a')
    const message =
      'update() with { hooks: true } sets values on instances, so it takes no expressions. Pass values, or update without hooks.'
    const rows = Task.where('name', 'a')
    await expect(rows.update({ name: Task.columns.state }, { hooks: true })).rejects.toThrow(message)
    await expect(
      (rows.update as (...given: unknown[]) => Promise<number>)((c: typeof Task.columns) => ({ name: c.state }), {
        hooks: true,
      }),
    ).rejects.toThrow(message)
    expect(await rows.update((c) => ({ name: c.state }), { hooks: false })).toBe(1)
  })

  it('delete the rows by one statement where nothing but their keys is asked', async () => {
    await made('a', 'b', 'c', 'd')
    expect(await deletesOf(() => Task.where('name', '!=', 'd').forceDelete({ hooks: true }))).toBe(1)
    expect(log.sort()).toEqual(['beforeDelete a', 'beforeDelete b', 'beforeDelete c'])
    expect(await Task.query().valuesList('name')).toEqual([['d']])
    await Ours.insertMany(['a', 'b', 'c'].map((name) => ({ name, team })))
    // a hook that hides its row from the locked scope keeps it
    act = async (row) => {
      if (row.name === 'b') team = 2
    }
    expect(await deletesOf(() => Ours.where('name', '!=', 'c').delete({ hooks: true }))).toBe(1)
    expect(await Ours.query().count()).toBe(0)
    team = 1
    expect(await Ours.query().count()).toBe(3)
  })

  it('delete row by row what has a version, or may point at another row of them', async () => {
    await Versioned.insertMany([{ name: 'a' }, { name: 'b' }])
    expect(await deletesOf(() => Versioned.all().delete({ hooks: true }))).toBe(2)
    const whole = await Part.create({ name: 'whole' })
    await Part.create({ name: 'part', wholeId: whole.id })
    expect(await deletesOf(() => Part.all().orderBy('-id').delete({ hooks: true }))).toBe(2)
    expect([await Versioned.count(), await Part.count()]).toEqual([0, 0])
  })

  it('give instances that were deleted together back when the transaction is rolled back', async () => {
    const tasks = await Task.createMany([{ name: 'a' }, { name: 'b' }])
    const seen: any[] = []
    act = (task, name) => {
      if (name === 'beforeDelete') seen.push(task)
    }
    const work = Task.transaction(async () => {
      await Task.all().forceDelete({ hooks: true })
      expect(seen.map((task) => task.isDeleted)).toEqual([true, true])
      throw new Error('stays')
    })
    await expect(work).rejects.toThrow('stays')
    expect(seen.map((task) => [task.isPersisted, task.isDeleted])).toEqual([
      [true, false],
      [true, false],
    ])
    expect(await Task.count()).toBe(tasks.length)
  })

  it('run for what nested writes delete', async () => {
    const task = await Task.create({ name: 'a' })
    const step = await task.related('steps').create({ name: 's' })
    await task.related('steps').create({ name: 'kept' })
    log = []
    await task.saveWithRelations({ steps: { delete: step } })
    expect(log).toEqual(['beforeSave a', 'beforeDelete s'])
    expect([step.isDeleted, await Step.query().valuesList('name')]).toEqual([true, [['kept']]])
    act = () => {
      throw new Error('stays')
    }
    const [kept] = await Step.query()
    await expect(task.saveWithRelations({ steps: { delete: kept as Step } })).rejects.toThrow('stays')
    expect(await Step.count()).toBe(1)
  })

  it('warn once for each model whose hooks do not run', async () => {
    class Fresh extends Model({ name: Field.string({ max: 50 }) }, { table: 'query_plain' }) {
      override afterUpdate() {}
      override beforeDelete() {}
    }
    await Fresh.insertMany([{ name: 'a' }])
    expect(await warningsOf(() => Fresh.where('name', 'a').update({ name: 'b' }, { hooks: false }))).toEqual([])
    Database.configure({ warnings: false })
    expect(await warningsOf(() => Fresh.where('name', 'a').update({ name: 'b' }))).toEqual([])
    Database.configure({ warnings: true })
    expect(
      await warningsOf(async () => {
        await Fresh.where('name', 'a').update({ name: 'b' })
        await Fresh.where('name', 'a').update({ name: 'b' })
        await Fresh.where('name', 'a').delete()
        await Plain.where('name', 'a').delete()
      }),
    ).toEqual([
      expect.stringMatching(
        /^A query wrote rows of "Fresh" at .*hooks-queries\.test\.ts:\d+ without its hooks \(afterUpdate\)\. Pass { hooks: true } to load the rows and run the hooks, or { hooks: false } to show that you know\.$/,
      ),
    ])
  })
})
