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
  /** Values of hidden fields, which are no own properties. */
  hidden: Record<string, unknown>
  /** Names of the values that the query has added. */
  named: readonly string[]
  /** What a table between has brought with the row. */
  link: readonly unknown[] | null
}

let rowOf!: (instance: object) => unknown[] | null
let originOf!: (instance: object) => Origin | null
let adopt!: (instance: object, row: unknown[], origin: Origin) => void
let forget!: (instance: object) => void
let isStateful!: (value: unknown) => boolean
let extraOf!: (instance: object) => Extra | null
let extend!: (instance: object) => Extra

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
    forget = (instance) => {
      ;(instance as Stateful).#row = null
      ;(instance as Stateful).#origin = null
    }
    isStateful = (value) => typeof value === 'object' && value !== null && #row in value
    extraOf = (instance) => (instance as Stateful).#extra
    extend = (instance) =>
      ((instance as Stateful).#extra ??= {
        loaded: [],
        hidden: Object.create(null) as Record<string, unknown>,
        named: [],
        link: null,
      })
  }
}

/** The originals of a saved instance, by the origin's positions; null for one that was never saved. */
export { adopt, forget, isStateful, originOf, rowOf }

/** The value of a loaded relation, or undefined. */
export function loadedValue(instance: object, relation: number): unknown {
  return extraOf(instance)?.loaded[relation]
}

export function setLoaded(instance: object, relation: number, value: unknown): void {
  extend(instance).loaded[relation] = value
}

export function hiddenValue(instance: object, name: string): unknown {
  return extraOf(instance)?.hidden[name]
}

export function setHidden(instance: object, name: string, value: unknown): void {
  extend(instance).hidden[name] = value
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
