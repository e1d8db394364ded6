import type { ModelField } from '../metadata/model-field.js'
import { ambient } from '../util/ambient.js'
import { isPlainObject } from '../util/own.js'
import { asRecord, emptyRecord } from '../util/record.js'
import { Extra, type PrefetchedRelation, type SettledFields, type Writer } from './extra.js'
import type { Origin } from './origin.js'
import { createStates, STATE, type States } from './states.js'

const NO_NAMES: readonly string[] = []

/** The base class of all instances. The state that corm keeps for an instance is neither a named property nor printed. */
export class Stateful {
  /** Reads and writes that state, for the instances of this model. */
  declare readonly [STATE]: States | undefined
}

export const isStateful = (value: unknown): value is Stateful => value instanceof Stateful

/** Prepares a model: its instances get a class of private fields of their own. */
export function defineState(prototype: object): void {
  Object.defineProperty(prototype, STATE, { value: createStates() })
}

const statesOf = (instance: object): States | undefined => (instance as Stateful)[STATE]

/** The originals of a saved instance, by the origin's positions; null for one that was never saved. */
export const rowOf = (instance: object): unknown[] | null => statesOf(instance)?.row(instance) ?? null

export const originOf = (instance: object): Origin | null => statesOf(instance)?.origin(instance) ?? null

/** The same of an instance that is known to be saved. */
export const savedRow = (instance: object): unknown[] => statesOf(instance)?.row(instance) ?? refuseUnsaved()

export const savedOrigin = (instance: object): Origin => statesOf(instance)?.origin(instance) ?? refuseUnsaved()

function refuseUnsaved(): never {
  throw new TypeError('this instance has no row')
}

/** Whether an instance has the value of a field: it is new, or the value was loaded or assigned. */
export function isHeld(instance: object, { index, name }: ModelField): boolean {
  const origin = originOf(instance)
  return origin === null || (origin.positions[index] ?? -1) >= 0 || Object.hasOwn(instance, name)
}

/** Gives the instance a row and an origin. The values that a query has added to it are kept. */
export function adoptRow(instance: object, row: unknown[], origin: Origin): void {
  const states = statesOf(instance)
  if (states === undefined) return
  const names = states.extra(instance)?.named ?? states.origin(instance)?.named ?? NO_NAMES
  states.adopt(instance, row, origin)
  if (names.length > 0) extend(instance).named = names
}

/** Removes the row of the instance, as if it had never been saved. */
export function disown(instance: object): void {
  statesOf(instance)?.adopt(instance, null, null)
}

/** The transaction that wrote the instance, which may still be open. */
export const writerOf = (instance: object): Writer | null => extraOf(instance)?.writer ?? null

export function setWriter(instance: object, writer: Writer): void {
  extend(instance).writer = writer
}

/** Notes that a transaction has the instance in its undo log. */
export function setLogged(instance: object, writer: Writer): void {
  const extra = extend(instance)
  if (extra.logged?.ended === true) extra.settled = null
  extra.logged = writer
}

/** The fields that were settled outside transactions while an open transaction had the instance in its log; null: none. */
export const settledOf = (instance: object): SettledFields | null => extraOf(instance)?.settled ?? null

/** The same, for adding fields; null if no open transaction has the instance in its log. */
export function settling(instance: object): SettledFields | null {
  const extra = extraOf(instance)
  if (extra === null || extra.logged === null || extra.logged.ended) return null
  extra.settled ??= { fields: new Map(), gone: 0 }
  return extra.settled
}

function preparedStates(prototype: object): States {
  const states = statesOf(prototype)
  if (states === undefined) throw new TypeError('this model was not prepared')
  return states
}

/** `adopt` for the instances of one model. */
export const adopterOf = (prototype: object): States['adopt'] => preparedStates(prototype).adopt

const extraOf = (instance: object): Extra | null => statesOf(instance)?.extra(instance) ?? null

function extend(instance: object): Extra {
  const known = extraOf(instance)
  if (known !== null) return known
  const extra = new Extra()
  statesOf(instance)?.setExtra(instance, extra)
  return extra
}

/** Remembers the state of an instance. The returned function restores it, including its loaded lists and their order. */
export function rememberState(instance: object): () => void {
  const [row, origin, extra] = [rowOf(instance), originOf(instance), extraOf(instance)]
  const values = row && [...row]
  const kept = extra?.copy()
  const contents = rememberContents(instance, kept?.allLoaded() ?? [])
  return () => {
    const states = statesOf(instance)
    states?.adopt(instance, values && [...values], origin)
    states?.setExtra(instance, kept?.copy() ?? null)
    contents()
  }
}

/**
 * Remembers the loaded relations of an instance, their lists, and the values that queries have added. The returned function
 * restores them.
 */
export function rememberLoaded(instance: object): () => void {
  const kept = extraOf(instance)?.copy() ?? null
  const names = namedValues(instance)
  const named = names.map((name) => asRecord(instance)[name])
  const contents = rememberLists(instance, kept?.allLoaded() ?? [])
  return () => {
    for (const name of namedValues(instance)) if (!names.includes(name)) Reflect.deleteProperty(instance, name)
    names.forEach((name, i) => {
      asRecord(instance)[name] = named[i]
    })
    extraOf(instance)?.putBack(kept)
    contents()
  }
}

/** The properties of an instance, the rows of its loaded relations, and the values of objects that queries have added. */
function rememberContents(instance: object, loaded: readonly unknown[]): () => void {
  const own = Object.getOwnPropertyDescriptors(instance)
  const lists = rememberLists(instance, loaded)
  return () => {
    for (const name of Reflect.ownKeys(instance)) if (!Object.hasOwn(own, name)) Reflect.deleteProperty(instance, name)
    Object.defineProperties(instance, own)
    lists()
  }
}

/** The rows of loaded lists, and what is in the objects that queries have added. */
function rememberLists(instance: object, loaded: readonly unknown[]): () => void {
  const lists = loaded.filter(Array.isArray).map((list: unknown[]) => [list, [...list]] as const)
  const added = namedValues(instance)
    .map((name) => asRecord(instance)[name])
    .filter(isPlainObject)
    .map((value) => [value, { ...value }] as const)
  return () => {
    for (const [list, rows] of lists) {
      list.length = 0
      for (const row of rows) list.push(row)
    }
    for (const [value, before] of added) Object.assign(value, before)
  }
}

/** The value of a loaded relation, or undefined. */
export function loadedValue(instance: object, relation: number): object | undefined {
  const extra = extraOf(instance)
  if (extra === null) return undefined
  return extra.prefetched === null || isSeen(extra.prefetched, relation) ? extra.loaded(relation) : undefined
}

/** A prefetched value only counts in the context that it was read in: the same transaction, or none. */
function isSeen(values: readonly PrefetchedRelation[], relation: number): boolean {
  for (const { relation: of, database, transaction } of values)
    if (of === relation) return ambient()?.transactions.get(database) === transaction
  return true
}

/** Says that a relation was loaded onto these instances because another one was asked for it. */
export function markPrefetched(instances: readonly object[], value: PrefetchedRelation): void {
  const first = [value]
  for (const instance of instances) {
    const extra = extraOf(instance)
    if (extra !== null) extra.prefetched = extra.prefetched === null ? first : [...extra.prefetched, value]
  }
}

/** Called when the instance itself is asked for the relation: its value then counts everywhere. */
export function claimPrefetched(instance: object, relation: number): void {
  const extra = extraOf(instance)
  if (extra !== null && extra.prefetched !== null) extra.claim(relation)
}

export function setLoaded(instance: object, relation: number, value: object | undefined): void {
  extend(instance).load(relation, value)
}

/** `setLoaded` for many instances: a value for each. */
export function setLoadedEach(
  instances: readonly object[],
  relation: number,
  values: readonly (object | undefined)[],
): void {
  const [first] = instances
  const states = first && statesOf(first)
  if (states === undefined) for (const [i, instance] of instances.entries()) setLoaded(instance, relation, values[i])
  else states.load(instances, relation, values, setLoaded)
}

export function hiddenValue(instance: object, name: string): unknown {
  return extraOf(instance)?.hidden?.[name]
}

export function setHidden(instance: object, name: string, value: unknown): void {
  const extra = extend(instance)
  extra.hidden ??= emptyRecord()
  extra.hidden[name] = value
}

export function namedValues(instance: object): readonly string[] {
  return extraOf(instance)?.named ?? originOf(instance)?.named ?? NO_NAMES
}

/** Sets the values that a query has added, as properties that are not fields. */
export function setNamed(instance: object, names: readonly string[], values: readonly unknown[]): void {
  extend(instance).named = names
  const properties = asRecord(instance)
  let i = 0
  for (const name of names) properties[name] = values[i++]
}

/** A to-one relation that was loaded and has no row, for this value of its key. */
export class NoRow {
  constructor(
    readonly key: unknown,
    /** Of a relation to several models: the one to the model it was looked for in. */
    readonly variant: object | null = null,
  ) {}
}
