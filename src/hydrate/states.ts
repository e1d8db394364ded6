import { canGenerate } from '../util/generate.js'
import { Extra } from './extra.js'
import type { Origin } from './origin.js'

/** Where a model's prototype has its `States`. */
export const STATE: unique symbol = Symbol('corm.state')

/** Reads and writes what corm knows of the instances of one model. An unknown instance has nothing. */
export interface States {
  row(instance: object): unknown[] | null
  origin(instance: object): Origin | null
  extra(instance: object): Extra | null
  adopt(instance: object, row: unknown[] | null, origin: Origin | null): void
  setExtra(instance: object, extra: Extra | null): void
  /** Gives instances the values of a relation; `other` does it for one that has no state yet, or another model's. */
  load(
    instances: readonly object[],
    relation: number,
    values: readonly (object | undefined)[],
    other: RelationSetter,
  ): void
}

type RelationSetter = (instance: object, relation: number, value: object | undefined) => void

/** A constructor that returns what it was given: a class derived from it puts its fields on that. */
class Itself {
  constructor(instance: object) {
    // biome-ignore lint/correctness/noConstructorReturn: it is what the class is for
    return instance
  }
}

/**
 * The state is in private fields, which are added to an instance when it gets its row, so nothing that inspects the instance
 * sees them. Each model has its own class, compiled from its own source text: V8's inline caches belong to a place in the source
 * and stop being fast after four kinds of objects. With one class for all models, private fields were the slowest part of
 * reading rows.
 */
export function createStates(generate = canGenerate()): States {
  return generate ? new Function('Itself', 'Extra', `/* ${++texts} */ return ${TEXT}`)(Itself, Extra) : SharedState
}

let texts = 0

const TEXT = `class State extends Itself {
  #row
  #origin
  #extra = null
  constructor(instance, row, origin) {
    super(instance)
    this.#row = row
    this.#origin = origin
  }
  static row(instance) { return #row in instance ? instance.#row : null }
  static origin(instance) { return #row in instance ? instance.#origin : null }
  static extra(instance) { return #row in instance ? instance.#extra : null }
  static adopt(instance, row, origin) {
    if (#row in instance) {
      instance.#row = row
      instance.#origin = origin
    } else new State(instance, row, origin)
  }
  static setExtra(instance, extra) {
    if (!(#row in instance)) new State(instance, null, null)
    instance.#extra = extra
  }
  static load(instances, relation, values, other) {
    for (let i = 0; i < instances.length; i++) {
      const instance = instances[i]
      if (!(#row in instance)) other(instance, relation, values[i])
      else if (instance.#extra === null) instance.#extra = new Extra(relation, values[i])
      else instance.#extra.load(relation, values[i])
    }
  }
}`

/** The same, for all models, where code can't be generated. */
class SharedState extends Itself {
  #row: unknown[] | null
  #origin: Origin | null
  #extra: Extra | null = null
  constructor(instance: object, row: unknown[] | null, origin: Origin | null) {
    super(instance)
    this.#row = row
    this.#origin = origin
  }
  static row(instance: object): unknown[] | null {
    return #row in instance ? instance.#row : null
  }
  static origin(instance: object): Origin | null {
    return #row in instance ? instance.#origin : null
  }
  static extra(instance: object): Extra | null {
    return #row in instance ? instance.#extra : null
  }
  static adopt(instance: object, row: unknown[] | null, origin: Origin | null): void {
    if (#row in instance) {
      instance.#row = row
      instance.#origin = origin
    } else new SharedState(instance, row, origin)
  }
  static setExtra(instance: object, extra: Extra | null): void {
    const state = #row in instance ? instance : new SharedState(instance, null, null)
    state.#extra = extra
  }
  static load(
    instances: readonly object[],
    relation: number,
    values: readonly (object | undefined)[],
    other: RelationSetter,
  ): void {
    instances.forEach((instance, i) => other(instance, relation, values[i]))
  }
}
