import type { SchemaOperation } from '../ast/schema.js'
import { DefinitionError, quoted } from '../errors.js'
import type { Migration, MigrationData, MigrationDefinition, MigrationOperation } from '../types/migration.js'
import { choiceOf, flag, list, optionReader } from '../util/options.js'
import { isPlainObject } from '../util/own.js'

/** SQL of a migration, by the name of the dialect. */
export interface SqlStep {
  readonly op: 'sql'
  readonly up: Readonly<Record<string, string | null>>
  readonly down: Readonly<Record<string, string | null>> | null
  readonly probe: Readonly<Record<string, string | null>> | null
}

export type DataFunction = (data: MigrationData) => Promise<void> | void

/** A data change that a function makes. */
export interface DataStep {
  readonly op: 'data'
  readonly name: string
  readonly up: DataFunction
  /** `none`: there is nothing to reverse; null: it can't be reversed. */
  readonly down: DataFunction | 'none' | null
  readonly elidable: boolean
}

/** One operation with everything that it needs. */
export type Operation = SchemaOperation | SqlStep | DataStep

export const isSchema = (operation: Operation): operation is SchemaOperation =>
  operation.op !== 'sql' && operation.op !== 'data'

/** A migration that `migration()` has read. Its operations are resolved when it is replayed. */
export class MigrationFile implements Migration {
  readonly parents: readonly string[]
  readonly operations: readonly MigrationOperation[]
  readonly transaction: boolean
  readonly squashes: readonly string[]
  readonly after: 'deploy' | null

  constructor(given: MigrationDefinition) {
    const { parents = [], operations = [], transaction = true, squashes = [], after = null } = read(given)
    this.parents = namesIn(parents, 'parents')
    this.operations = operations.map((each) => {
      if (isPlainObject(each) && typeof each.op === 'string') return each as unknown as MigrationOperation
      throw new DefinitionError("An operation of a migration is an object with its kind: { op: 'createTable', … }.")
    })
    this.transaction = transaction
    this.squashes = namesIn(squashes, 'squashes')
    this.after = after
    Object.freeze(this)
  }
}

interface DefinitionOptions {
  readonly parents: readonly unknown[]
  readonly operations: readonly unknown[]
  readonly transaction: boolean
  readonly squashes: readonly unknown[]
  readonly after: 'deploy'
}

const read = optionReader<DefinitionOptions>(
  'migration()',
  { parents: list, operations: list, transaction: flag, squashes: list, after: choiceOf('deploy') },
  DefinitionError,
)

function namesIn(names: readonly unknown[], what: string): readonly string[] {
  const wrong = names.find((name) => typeof name !== 'string')
  if (wrong === undefined) return names as readonly string[]
  throw new DefinitionError(`The ${quoted(what)} of a migration are the names of files without their extension.`)
}

/** Defines a migration. A file of migrations exports the result by default. Throws DefinitionError for an unknown option. */
export const migration = (definition: MigrationDefinition): Migration => new MigrationFile(definition)
