import { type Database, DeadlockError, StaleModelError } from 'corm'
import { canon, changeInstance, changeTwin } from './changes.js'
import { check, checkKnown, checkRows } from './compare.js'
import { create, duplicate, load, makeNew } from './made.js'
import { Expected, type Memory, type Twin, type Value, type Values } from './memory.js'
import { Enough, type Instance, type Kind, Label, Shelf, type Thing, written } from './models.js'
import { labels, shelf } from './relations.js'
import { type Change, FIELDS, type Step } from './steps.js'
import { deleteOne, increment, query, refresh, restore, saveMany, saveOne } from './writes.js'

// Does the steps of a program with corm, and with the model in memory, and compares both after each.

/** An instance, and what it must hold. */
export interface Pair {
  readonly instance: Instance
  readonly twin: Twin
}

/** What a new instance holds besides what is given. */
const NEW: Readonly<Record<Kind, Values>> = {
  Thing: {
    ...{ id: undefined, amount: 0, level: undefined, made: undefined, changed: undefined, shelfId: null },
    ...{ at: null, fine: null, bytes: null, data: null, price: null },
  },
  Note: { id: undefined, amount: 0, changed: undefined, version: 1, deletedAt: null },
  Entry: { id: undefined, amount: 0, mark: null },
}

export type StepOf<S extends Step['s']> = Extract<Step, { s: S }>

// classes that name each other have no types for their relations
export const manager = (instance: object, relation: string) => (instance as any).related(relation)

export class Play {
  readonly pairs: Pair[] = []
  #names = 0

  constructor(
    readonly db: Database,
    readonly program: number,
    readonly shelves: readonly Shelf[],
    readonly labels: readonly Label[],
    readonly memory: Memory,
  ) {}

  static async begin(db: Database, program: number, memory: Memory): Promise<Play> {
    const shelves = await Shelf.createMany([{ program }, { program }])
    const labels = await Label.createMany([{ program }, { program }, { program }])
    return new Play(db, program, shelves, labels, memory)
  }

  /** All steps; then what the code has assigned is stored by a last save, wherever the others went. */
  async run(steps: readonly Step[]): Promise<void> {
    await this.#steps(steps)
    for (const pair of this.pairs) {
      if (pair.twin.gone) continue
      await this.both(
        () => pair.instance.save(),
        () => this.save(pair),
      )
    }
    await this.#checkAll()
  }

  async #steps(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      await this.#step(step)
      for (const pair of this.pairs) check(pair, this)
    }
    await this.#checkAll()
  }

  async #checkAll(): Promise<void> {
    for (const pair of this.pairs) {
      check(pair, this)
      checkKnown(pair, this)
    }
    await checkRows(this)
  }

  #step(step: Step): Promise<void> {
    switch (step.s) {
      case 'transaction':
        return this.#transaction(step)
      case 'new':
        return makeNew(this, step)
      case 'create':
        return create(this, step)
      case 'load':
        return load(this, step)
      case 'save':
        return saveOne(this, step)
      case 'saveMany':
        return saveMany(this, step)
      case 'increment':
        return increment(this, step)
      case 'query':
        return query(this, step)
      case 'shelf':
        return shelf(this, step)
      case 'labels':
        return labels(this, step)
      case 'duplicate':
        return duplicate(this, step)
      case 'delete':
        return deleteOne(this, step)
      case 'restore':
        return restore(this, step)
      case 'refresh':
        return refresh(this, step)
    }
  }

  /** Does it with corm and then in memory: both succeed, or fail alike. */
  async both(work: () => Promise<unknown>, twin: () => void): Promise<void> {
    const got = await work().then(
      () => null,
      (error: unknown) => error,
    )
    let expected: Expected | null = null
    try {
      twin()
    } catch (error) {
      if (!(error instanceof Expected)) throw error
      expected = error
    }
    if (expected === null && got !== null) throw got
    const kind = got === null ? 'no error' : kindOf(got)
    if (expected !== null && kind !== expected.kind)
      throw new Error(`expected ${expected.kind}, got ${kind}`, { cause: got })
  }

  async #transaction({ steps, fails, again }: StepOf<'transaction'>): Promise<void> {
    const { memory } = this
    const { depth } = memory
    let left = depth === 0 ? (again?.deadlocks ?? 0) : 0
    const options = depth === 0 && again !== null ? { retries: again.retries } : {}
    let failed: unknown = null
    await this.db
      .transaction(async () => {
        if (memory.depth > depth) memory.rollback()
        memory.begin()
        await this.#steps(steps)
        if (left-- > 0) throw new DeadlockError('made up')
        if (fails) throw new Enough()
      }, options)
      .catch((error: unknown) => {
        failed = error
      })
    if (failed === null) return memory.release()
    if (!(failed instanceof Enough || failed instanceof DeadlockError)) throw failed
    memory.rollback()
  }

  nextName(): string {
    return `name ${this.program} ${++this.#names}`
  }

  /** One of those that the step can be done to. */
  pick(who: number, kinds: readonly Kind[], isNew = false): Pair | null {
    const found = this.pairs.filter(
      ({ twin }) => kinds.includes(twin.kind) && !twin.gone && (isNew || twin.known !== null),
    )
    return found.length === 0 ? null : (found[who % found.length] as Pair)
  }

  add(instance: Instance, kind: Kind, given: Values): Pair {
    const values = { ...NEW[kind], program: this.program, ...given }
    const pair = { instance, twin: { kind, values, known: null, gone: false, labels: null } }
    this.pairs.push(pair)
    return pair
  }

  /** A new instance, not saved. */
  make(kind: Kind, name: string): Pair {
    return this.add(new (written[kind] as typeof Thing)({ name, program: this.program }), kind, { name })
  }

  change({ instance, twin }: Pair, changes: readonly Change[]): void {
    for (const change of changes) {
      if (!FIELDS[twin.kind].includes(change.field)) continue
      const name = change.field.startsWith('name') ? this.nextName() : ''
      changeInstance(instance, change, name)
      changeTwin(twin.values, change, name)
    }
  }

  /** What a save does to the row, in memory. */
  save(pair: Pair, only?: readonly string[]): void {
    const { memory } = this
    const { instance, twin } = pair
    if (twin.kind === 'Entry') return memory.saveEntries([twin], () => instance.id, only)
    if (twin.known === null) return memory.insert(twin, this.filled(pair))
    let fields = memory.dirty(twin, only)
    if (fields.length === 0) return
    // a time that the code has assigned is kept
    if (only !== undefined) fields = [...fields, ...memory.dirty(twin, ['changed'])]
    const version = { version: (twin.known.version as number) + 1 }
    const set: Values = { ...(!fields.includes('changed') && this.now(pair)), ...(twin.kind === 'Note' && version) }
    memory.update(twin, Object.fromEntries(fields.map((field) => [field, twin.values[field]])), set)
  }

  /** A write that no instance knows of has set fields of a row. Its time is read, as nobody can know it. */
  async overwrite(kind: Kind, row: Values, set: Values): Promise<void> {
    const id = row.id as number
    const model = written[kind] as typeof Thing
    const [changed] = kind === 'Entry' ? [] : await model.withoutGlobalScopes().where('id', id).pluck('changed')
    this.memory.rows[kind].set(id, { ...row, ...set, ...(kind !== 'Entry' && { changed: canon(changed) }) })
  }

  /** What corm and the database fill in of a new row. */
  filled({ instance, twin }: Pair): Values {
    const id = instance.id
    const times = this.now({ instance, twin })
    return twin.kind === 'Note' ? { id, ...times } : { id, level: 7, ...times, made: canon((instance as Thing).made) }
  }

  /** The time that a write has set. */
  now({ instance }: Pair): { changed: Value } {
    const original = (instance as Thing).isPersisted ? (instance as Thing).getOriginal('changed') : undefined
    return { changed: canon(original) }
  }

  /** Two calls at once: the second waits, and does what is left then. */
  async twice(work: () => Promise<unknown>, twin: () => void): Promise<void> {
    const results = await Promise.allSettled([work(), work()])
    for (const result of results)
      await this.both(async () => {
        if (result.status === 'rejected') throw result.reason
      }, twin)
  }
}

function kindOf(error: unknown): string {
  if (error instanceof StaleModelError) return `StaleModelError ${error.reason}`
  return (error as Error).constructor.name
}
