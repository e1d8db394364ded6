import type { GuardedChange } from '../../types/data.js'
import type { HasFields } from '../../types/field.js'
import type { Exactly, Owners } from '../../types/input.js'
import type { Entity, LoadedEntity } from '../../types/query.js'
import type { InstOf, IsMany, RelationName, Target } from '../../types/relation-path.js'

declare const MODEL: unique symbol

/** Values of a row: fields, guarded ones too, and rows that it belongs to. */
// nothing where it has no owners: with an empty type, numbers and functions would fit
export type FactoryData<C> = C extends HasFields
  ? GuardedChange<C> & (keyof Owners<C> extends never ? unknown : Owners<C>)
  : never

/** Pseudo-random values that are the same in every run. */
export interface FactoryRandom {
  /** A number from 0 up to, but not including, 1. */
  float(): number
  /** A whole number from `min` to `max`, both included. */
  integer(min: number, max: number): number
  boolean(): boolean
  /** One of these values. */
  pick<T>(values: readonly T[]): T
}

/** Values for row `n`. The first row of a model is 1. In `useTestDatabase`, each test goes back to the number before it. */
export type FactoryValues<C> = (n: number, random: FactoryRandom) => FactoryData<C>

/** Values of a state: an object, or a function of the number of the row. */
export type FactoryState<C> = FactoryData<C> | FactoryValues<C>

/** Options of `factory`. */
export interface FactoryOptions<C, S extends string> {
  /** Values by name, for `state`. */
  readonly states?: { readonly [K in S]: FactoryState<C> }
  /** Another seed gives other pseudo-random values. Default 1. */
  readonly seed?: number
}

/** Values with nothing that is no field or relation of the model. */
export type ExactData<C, D> = D & Exactly<D, C, FactoryData<C>>

type GivenBy<C, D> = (n: number, random: FactoryRandom) => ExactData<C, D>
interface NoFunction {
  readonly [Symbol.hasInstance]?: never
}

/** Rows for a relation: values for new ones, a factory, or existing instances. */
export type FactoryRelated<T> = (FactoryData<T> & PlainValues) | FactoryValues<T> | AnyFactory<T>
interface PlainValues {
  readonly [MODEL]?: never
  readonly isPersisted?: never
}

/** A factory of `T`, whatever its states and relations are. */
export interface AnyFactory<out T> {
  readonly [MODEL]: T
}

/**
 * Makes rows of a model for tests. Methods that change it (`state`, `with`) return another factory.
 * `S` are the names of its states, `L` the relations that `create` gives.
 */
export interface Factory<C, S extends string = never, L extends string = never> extends AnyFactory<C> {
  /** Returns an unsaved instance. It sends no query, so required foreign keys that are not given are missing. */
  make<const D = object>(values?: ExactData<C, D> & NoFunction): Entity<C>
  /** Returns `count` unsaved instances. */
  makeMany<const D = object>(count: number, values: GivenBy<C, D>): Entity<C>[]
  makeMany<const D = object>(count: number, values?: ExactData<C, D> & NoFunction): Entity<C>[]
  /** Saves a row and returns its instance. Hooks run. A required foreign key that is not given gets a new row. */
  create<const D = object>(values?: ExactData<C, D> & NoFunction): Promise<LoadedEntity<C, L>>
  /** Saves `count` rows and returns their instances. */
  createMany<const D = object>(count: number, values: GivenBy<C, D>): Promise<LoadedEntity<C, L>[]>
  createMany<const D = object>(count: number, values?: ExactData<C, D> & NoFunction): Promise<LoadedEntity<C, L>[]>
  /** Adds the values of these states. Later ones win. */
  state(...names: readonly S[]): Factory<C, S, L>
  /**
   * Creates related rows with each row.
   *
   *     await factory(Author).with('books', 3).create()
   *     await factory(Book).with('author', { name: 'Jane Austen' }).create()
   */
  with<const K extends RelationName<C>>(
    relation: K,
    ...rows: IsMany<C, K> extends true
      ? [count: number, rows?: FactoryRelated<Target<C, K>>] | [rows: readonly InstOf<Target<C, K>>[]]
      : [row?: FactoryRelated<Target<C, K>> | InstOf<Target<C, K>>]
  ): Factory<C, S, L | K>
}
