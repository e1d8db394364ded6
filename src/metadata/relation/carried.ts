import { holdsIntegers } from '../../ast/data-type.js'
import { memo } from '../../util/memo.js'
import type { ModelField } from '../model-field.js'
import type { RelationMetadata, Through } from './relation-metadata.js'

/** Where the value of a join table's field is found when the rows have been read. */
export type CarriedValue =
  /** It was read from the join table, with the row: at this index among the values that were. */
  | { readonly from: 'joinTable'; readonly place: number }
  /** A field of the row holds the same value. */
  | { readonly from: 'target'; readonly name: string }
  /** A field of the row's owner holds the same value. */
  | { readonly from: 'source'; readonly name: string }
  /** It is the same for all rows. */
  | { readonly from: 'relation'; readonly value: string }

/** Which fields of the join table have to be read, and where the value of each carried field is found. */
export interface Carrying {
  readonly read: readonly ModelField[]
  readonly values: readonly CarriedValue[]
}

/** How rows are read: by a query of their own, or with those of their owners, so that it is known which owner they belong to. */
type ReadingMode = 'separate' | 'withOwners'

const known: Readonly<Record<ReadingMode, WeakMap<RelationMetadata, Carrying>>> = {
  separate: new WeakMap(),
  withOwners: new WeakMap(),
}

export function carryingOf(relation: RelationMetadata, reading: ReadingMode): Carrying {
  return memo(known[reading], relation, (of) => carryOf(of, reading))
}

function carryOf({ through, sourceKeys, targetKeys }: RelationMetadata, reading: ReadingMode): Carrying {
  if (through === null) return { read: [], values: [] }
  const read: ModelField[] = []
  const values = through.carried.map((field): CarriedValue => {
    const target = targetKeys[through.far.indexOf(field)]
    if (target !== undefined && holdsSame(field, target)) return { from: 'target', name: target.name }
    const source = sourceKeys[through.near.indexOf(field)]
    if (reading === 'withOwners' && source !== undefined && holdsSame(field, source))
      return { from: 'source', name: source.name }
    if (isName(field, through)) return { from: 'relation', value: through.morph?.value ?? '' }
    return { from: 'joinTable', place: read.push(field) - 1 }
  })
  return { read, values }
}

const isName = (field: ModelField, { morph, symmetrical }: Through) => !symmetrical && morph?.field === field

/** Equal integers are the same value; texts may be equal by their collation only. A row without its key is never loaded. */
const holdsSame = (field: ModelField, key: ModelField) =>
  key.primaryKey &&
  holdsIntegers(key.dataType) &&
  field.dataType.name === key.dataType.name &&
  field.kind.load === key.kind.load
