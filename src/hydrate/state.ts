import type { ModelMetadata } from '../metadata/metadata.js'

/** What the instances of one result have in common. */
export class Origin {
  #loading: Map<number, Promise<void>> | null = null

  constructor(
    readonly meta: ModelMetadata,
    /** Where each field of the model is in the row; -1: not loaded. */
    readonly positions: readonly number[],
    /** The database they were loaded from, where one was named; null: the model's own. */
    readonly executor: object | null,
    /** Rows that load their relations together. */
    readonly siblings: readonly object[],
    readonly deleted = false,
  ) {}

  /** Loads under way, by relation: a second await joins the first. */
  get loading(): Map<number, Promise<void>> {
    this.#loading ??= new Map()
    return this.#loading
  }
}

interface Extra {
  /** Values of loaded relations, by the relation's place. */
  loaded: unknown[]
  /** Values of hidden fields, which are no own properties; null: none has been set. */
  hidden: Record<string, unknown> | null
  /** Names of the values that the query has added. */
  named: readonly string[]
  /** What a table between has brought with the row. */
  link: readonly unknown[] | null
}

const NOTHING: unknown[] = []

let rowOf!: (instance: object) => unknown[] | null
let originOf!: (instance: object) => Origin | null
let adopt!: (instance: object, row: unknown[], origin: Origin) => void
let isStateful!: (value: unknown) => boolean
let extraOf!: (instance: object) => Extra | null
let extend!: (instance: object) => Extra
let rememberState!: (instance: object) => () => void

/** The root of every instance: what corm knows of it, out of reach of names and of output. */
export class Stateful {
  #row: unknown[] | null = null
  #origin: Origin | null = null
  #extra: Extra | null = null

  static {
    rowOf = (instance) => (instance as Stateful).#row
    originOf = (instance) => (instance as Stateful).#origin
    adopt = (instance, row, origin) => {
      ;(instance as Stateful).#row = row
      ;(instance as Stateful).#origin = origin
    }
    isStateful = (value) => typeof value === 'object' && value !== null && #row in value
    extraOf = (instance) => (instance as Stateful).#extra
    extend = (instance) =>
      ((instance as Stateful).#extra ??= {
        loaded: NOTHING,
        hidden: null,
        named: [],
        link: null,
      })
    rememberState = (instance) => remember(instance as Stateful)
    const remember = (instance: Stateful) => {
      const [row, origin, extra] = [instance.#row, instance.#origin, instance.#extra]
      const values = row && [...row]
      const kept = extra && { ...extra, loaded: [...extra.loaded], hidden: { ...extra.hidden } }
      const contents = rememberContents(instance, kept)
      return () => {
        instance.#row = values && [...values]
        instance.#origin = origin
        instance.#extra = kept && { ...kept, loaded: [...kept.loaded], hidden: { ...kept.hidden } }
        contents()
      }
    }
  }
}

/** The properties of an instance, the rows of its loaded relations, and the values of objects that queries have added. */
function rememberContents(instance: object, extra: Extra | null): () => void {
  const own = Object.getOwnPropertyDescriptors(instance)
  const lists = (extra?.loaded ?? []).filter(Array.isArray).map((list: unknown[]) => [list, [...list]] as const)
  const added = (extra?.named ?? [])
    .map((name) => (instance as Record<string, unknown>)[name])
    .filter((value) => typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype)
    .map((value) => [value as object, { ...(value as object) }] as const)
  return () => {
    for (const name of Reflect.ownKeys(instance)) if (!Object.hasOwn(own, name)) Reflect.deleteProperty(instance, name)
    Object.defineProperties(instance, own)
    for (const [list, rows] of lists) {
      list.length = 0
      for (const row of rows) list.push(row)
    }
    for (const [value, before] of added) Object.assign(value, before)
  }
}

/** The originals of a saved instance, by the origin's positions; null for one that was never saved. */
/** Keeps how an instance is now; what it returns brings that back, its loaded lists and their rows' places included. */
export { adopt, isStateful, originOf, rememberState, rowOf }

/** The value of a loaded relation, or undefined. */
export function loadedValue(instance: object, relation: number): unknown {
  return extraOf(instance)?.loaded[relation]
}

export function setLoaded(instance: object, relation: number, value: unknown): void {
  const extra = extend(instance)
  // one list for all that have none: most rows that have something besides never load a relation
  if (extra.loaded === NOTHING) extra.loaded = []
  extra.loaded[relation] = value
}

export function hiddenValue(instance: object, name: string): unknown {
  return extraOf(instance)?.hidden?.[name]
}

export function setHidden(instance: object, name: string, value: unknown): void {
  const extra = extend(instance)
  extra.hidden ??= Object.create(null) as Record<string, unknown>
  extra.hidden[name] = value
}

export function namedValues(instance: object): readonly string[] {
  return extraOf(instance)?.named ?? []
}

/** Gives an instance the values that a query has added, as properties of its own that are no fields. */
export function setNamed(instance: object, names: readonly string[], values: readonly unknown[]): void {
  extend(instance).named = names
  for (let i = 0; i < names.length; i++) (instance as Record<string, unknown>)[names[i] as string] = values[i]
}

/** What the table between a relation's models has brought with a row, by its carried fields. */
export function linkOf(instance: object): readonly unknown[] | null {
  return extraOf(instance)?.link ?? null
}

export function setLink(instance: object, values: readonly unknown[]): void {
  extend(instance).link = values
}

/** A to-one relation that was loaded and has no row, for this value of its key. */
export class NoRow {
  constructor(
    readonly key: unknown,
    /** Of a relation to several models: the one to the model it was looked for in. */
    readonly variant: object | null = null,
  ) {}
}
