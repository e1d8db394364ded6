import { UsageError } from '../../errors.js'
import type { RelationMetadata } from '../../metadata/relation/resolve.js'
import { isPlainObject, own } from '../../util/own.js'
import type { RelationPart } from './tree.js'

/** What an object of operations was given, each as it stands in the data. */
export interface GivenOperations {
  readonly disconnect?: unknown
  readonly delete?: unknown
  readonly set?: unknown
  readonly connect?: unknown
  readonly create?: unknown
}

const NAMES = ['create', 'connect', 'disconnect', 'set', 'delete']
const LIST = 'create, connect, disconnect, set and delete'

export const NO_OPERATIONS: Omit<RelationPart, 'relation'> = {
  disconnect: [],
  delete: [],
  set: null,
  connect: [],
  create: [],
}

/** The operations that a value of a relation asks for; null where it is a row, a key or a list. */
export function operationsOf(relation: RelationMetadata, value: unknown): GivenOperations | null {
  if (!isPlainObject(value)) return null
  const keys = Object.keys(value)
  const other = keys.find((key) => !NAMES.includes(key))
  if (relation.many) {
    if (other === undefined) return given(value)
    throw new UsageError(
      `"${relation.source.name}.${relation.name}" is a to-many relation. Give a list of them, or an object of ${LIST}. This has ${shown(other)}.`,
    )
  }
  if (keys.length === 0) return null
  if (other === undefined) return given(value)
  const operation = keys.find((key) => NAMES.includes(key) && !isMember(relation, key))
  if (operation === undefined) return null
  throw new UsageError(
    `"${relation.source.name}.${relation.name}" was given "${operation}" together with ${shown(other)}: an object is either data of a row, or has ${LIST} only.`,
  )
}

/** Own properties only. */
const given = (value: Record<string, unknown>): GivenOperations =>
  own(Object.fromEntries(NAMES.filter((name) => Object.hasOwn(value, name)).map((name) => [name, value[name]])))

const shown = (name: string) => JSON.stringify(name.slice(0, 60))

/** Whether the target itself has something of this name. */
function isMember(relation: RelationMetadata, name: string): boolean {
  // a relation to several models has no one target to ask
  if (relation.variants !== null) return false
  return relation.target.hasField(name) || relation.target.relations.has(name)
}
