import { Random } from '../../fuzz/random.js'
import type { Kind } from './models.js'

// A program is data. `who` picks one of the instances that a step can be done to, so a program without some of its steps is one too.

/** A new value for a field, made of a small number; with "!" its value is changed in place. */
export interface Change {
  readonly field: string
  readonly n: number
}

/** How often the callback of an outermost transaction ends in a deadlock, and how often it may be repeated. */
interface Attempts {
  readonly deadlocks: number
  readonly retries: number
}

export type Step =
  | {
      readonly s: 'transaction'
      readonly steps: readonly Step[]
      readonly fails: boolean
      readonly again: Attempts | null
    }
  | { readonly s: 'new'; readonly kind: Kind; readonly changes: readonly Change[]; readonly bad: boolean }
  | {
      readonly s: 'create'
      readonly kind: Kind
      readonly way: 'one' | 'many' | 'first' | 'related'
      readonly shelf: number
    }
  | { readonly s: 'load'; readonly who: number }
  | {
      readonly s: 'save'
      readonly who: number
      readonly way: SaveWay
      readonly changes: readonly Change[]
      readonly later: readonly Change[]
    }
  | {
      readonly s: 'saveMany'
      readonly kind: Kind
      readonly who: readonly number[]
      readonly changes: readonly Change[]
    }
  | { readonly s: 'increment'; readonly who: number; readonly by: number }
  | { readonly s: 'query'; readonly who: number; readonly n: number }
  | { readonly s: 'shelf'; readonly who: number; readonly way: ShelfWay; readonly shelf: number }
  | { readonly s: 'labels'; readonly who: number; readonly way: LabelWay; readonly labels: readonly number[] }
  | { readonly s: 'duplicate'; readonly who: number; readonly also: number | null; readonly changes: readonly Change[] }
  | { readonly s: 'delete'; readonly who: number; readonly way: 'delete' | 'twice' | 'force' }
  | { readonly s: 'restore'; readonly who: number }
  | { readonly s: 'refresh'; readonly who: number }

export const SAVE_WAYS = ['save', 'twice', 'update', 'later'] as const
export const SHELF_WAYS = ['attach', 'detach', 'save', 'associate', 'dissociate', 'nested'] as const
export const LABEL_WAYS = ['attach', 'detach', 'sync', 'toggle', 'clear', 'load'] as const
export type SaveWay = (typeof SAVE_WAYS)[number]
export type ShelfWay = (typeof SHELF_WAYS)[number]
export type LabelWay = (typeof LABEL_WAYS)[number]
type StepOf<S extends Step['s']> = Extract<Step, { s: S }>

export const FIELDS: Readonly<Record<Kind, readonly string[]>> = {
  Thing: ['name', 'amount', 'level', 'at', 'at!', 'fine', 'bytes', 'bytes!', 'data', 'data!', 'price', 'changed'],
  Note: ['name', 'amount', 'changed'],
  Entry: ['name', 'amount', 'name!'],
}
const ALL_FIELDS = [...new Set(Object.values(FIELDS).flat())]
const DEEPEST = 3

/** The program with this number: the same for the same seed. */
export function makeProgram(seed: number, index: number): Step[] {
  const make = new Maker(new Random(seed, index, 77))
  const start: Step[] = (['Thing', 'Note', 'Entry'] as const).map((kind) => ({
    s: 'create',
    kind,
    way: 'one',
    shelf: 0,
  }))
  return [...start, ...make.steps(0, 3, 6)]
}

class Maker {
  constructor(readonly random: Random) {}

  steps(depth: number, low: number, high: number): Step[] {
    return this.random.times(this.random.whole(low, high), () => this.step(depth))
  }

  step(depth: number): Step {
    const { random } = this
    return random.weighted<Step>([
      [depth === 0 ? 20 : 0, () => this.transaction(depth)],
      [depth > 0 && depth < DEEPEST ? 4 : 0, () => this.transaction(depth)],
      [2, () => ({ s: 'new', kind: this.kind(), changes: this.changes(), bad: random.chance(0.2) })],
      [3, () => this.create()],
      [2, () => ({ s: 'load', who: this.who() })],
      [8, () => this.save()],
      [3, () => this.saveMany()],
      [2, () => ({ s: 'increment', who: this.who(), by: random.whole(1, 3) })],
      [1, () => ({ s: 'query', who: this.who(), n: random.whole(0, 9) })],
      [2, () => ({ s: 'shelf', who: this.who(), way: random.pick(SHELF_WAYS), shelf: this.who() })],
      [2, () => this.labels()],
      [1, () => this.duplicate()],
      [3, () => ({ s: 'delete', who: this.who(), way: random.pick(['delete', 'twice', 'force']) })],
      [2, () => ({ s: 'restore', who: this.who() })],
      [1, () => ({ s: 'refresh', who: this.who() })],
    ])
  }

  transaction(depth: number): Step {
    const { random } = this
    const deadlocks = depth === 0 && random.chance(0.02) ? random.whole(1, 2) : 0
    return {
      s: 'transaction',
      steps: this.steps(depth + 1, 1, 5),
      fails: random.chance(0.4),
      again: deadlocks > 0 ? { deadlocks, retries: random.whole(0, 2) } : null,
    }
  }

  create(): StepOf<'create'> {
    const { random } = this
    return { s: 'create', kind: this.kind(), way: random.pick(['one', 'many', 'first', 'related']), shelf: this.who() }
  }

  save(): StepOf<'save'> {
    const { random } = this
    const way = random.pick(SAVE_WAYS)
    const changes = random.chance(0.1) ? [] : this.changes()
    return { s: 'save', who: this.who(), way, changes, later: way === 'later' ? this.changes() : [] }
  }

  saveMany(): StepOf<'saveMany'> {
    const { random } = this
    const who = random.times(random.whole(1, 4), () => this.who())
    return { s: 'saveMany', kind: this.kind(), who, changes: this.changes() }
  }

  labels(): StepOf<'labels'> {
    const { random } = this
    const labels = random.some([0, 1, 2], 2)
    return { s: 'labels', who: this.who(), way: random.pick(LABEL_WAYS), labels }
  }

  duplicate(): StepOf<'duplicate'> {
    const also = this.random.chance(0.5) ? this.who() : null
    return { s: 'duplicate', who: this.who(), also, changes: this.changes() }
  }

  kind(): Kind {
    return this.random.weighted<Kind>([
      [3, () => 'Thing'],
      [2, () => 'Note'],
      [2, () => 'Entry'],
    ])
  }

  changes(): Change[] {
    return this.random.some(ALL_FIELDS, 5).map((field) => ({ field, n: this.random.whole(0, 3) }))
  }

  who(): number {
    return this.random.whole(0, 999)
  }
}

/** Programs with one thing less, the largest part first. */
export function* smallerPrograms(steps: readonly Step[]): Generator<readonly Step[]> {
  for (let size = Math.floor(steps.length / 2); size >= 1; size = Math.floor(size / 2))
    for (let at = steps.length - size; at >= 0; at -= size) yield [...steps.slice(0, at), ...steps.slice(at + size)]
  for (const [at, step] of steps.entries())
    for (const smaller of smallerSteps(step)) yield [...steps.slice(0, at), ...smaller, ...steps.slice(at + 1)]
}

function* smallerSteps(step: Step): Generator<readonly Step[]> {
  if (step.s === 'transaction') {
    yield step.steps
    if (step.again !== null) yield [{ ...step, again: null }]
    for (const steps of smallerPrograms(step.steps)) yield [{ ...step, steps }]
    return
  }
  for (const [name, value] of Object.entries(step))
    if (Array.isArray(value))
      for (const at of value.keys()) yield [{ ...step, [name]: value.filter((_, other) => other !== at) } as Step]
}

/** One line for each step. */
export function printProgram(steps: readonly Step[], indent = '  '): string {
  return steps.map((step) => printStep(step, indent)).join('\n')
}

function printStep(step: Step, indent: string): string {
  if (step.s !== 'transaction') return `${indent}${printValues(step)}`
  const { steps, fails, again } = step
  const about = again === null ? '' : ` ${again.deadlocks} deadlocks, ${again.retries} retries`
  return `${indent}begin${about}\n${printProgram(steps, `${indent}  `)}\n${indent}${fails ? 'throw' : 'commit'}`
}

function printValues({ s, ...rest }: Step): string {
  const shown = Object.entries(rest).map(([name, value]) => `${name} ${printValue(value)}`)
  return [s, ...shown].join(' ')
}

const printValue = (value: unknown): string =>
  Array.isArray(value)
    ? `[${value.map((each) => (isChange(each) ? `${each.field}=${each.n}` : String(each))).join(' ')}]`
    : String(value)

const isChange = (value: unknown): value is Change => typeof value === 'object' && value !== null && 'field' in value
