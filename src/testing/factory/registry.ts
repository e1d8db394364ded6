import type { ModelMetadata } from '../../metadata/metadata.js'
import { memo } from '../../util/memo.js'
import type { FactoryRandom } from './types.js'

export type Data = Record<string, unknown>

/** Values of a row, as a user gives them. */
export type FactoryInput = Data | ((n: number, random: FactoryRandom) => unknown) | undefined

/** What makes rows that rows of other models need. */
export abstract class RowMaker {
  abstract readonly meta: ModelMetadata

  /**
   * Data for a row that is saved, with its related rows. The rows that it needs are saved first. `set` are fields that get their
   * values elsewhere, `chain` the models whose rows need this one.
   */
  abstract row(values: FactoryInput, chain: readonly ModelMetadata[], set: ReadonlySet<string>): Promise<Data>

  /** Saves a row that rows of other models need. */
  abstract createFor(chain: readonly ModelMetadata[]): Promise<object>
}

const makers = new WeakMap<ModelMetadata, RowMaker>()
const plainMakers = new WeakMap<ModelMetadata, RowMaker>()
let plainMaker: (meta: ModelMetadata) => RowMaker

/** Says what makes the rows of models without a factory. */
export function makePlainRowsBy(make: (meta: ModelMetadata) => RowMaker): void {
  plainMaker = make
}

/** The factory for rows that others need: the first one of the model that has values. */
export const makerOf = (meta: ModelMetadata): RowMaker => makers.get(meta) ?? memo(plainMakers, meta, plainMaker)

export function registerMaker(maker: RowMaker): void {
  if (!makers.has(maker.meta)) makers.set(maker.meta, maker)
}
