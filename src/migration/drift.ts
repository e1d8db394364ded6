import { isSame } from '../ast/canonical.js'
import type { SchemaOperation, SchemaState, ViewState } from '../ast/schema.js'
import { readCatalog } from '../database/catalog.js'
import type { CatalogState, Unmanaged } from '../dialect/catalog.js'
import type { Dialect } from '../dialect/dialect.js'
import type { Executor } from '../execution/executor.js'
import { adoptedState } from '../schema/catalog/adopted.js'
import type { Difference } from '../schema/catalog/difference.js'
import { diffStates } from '../schema/diff.js'
import { mirrorNames } from '../schema/mirrors.js'
import { describeOperation, lossOf } from '../schema/operation/index.js'
import { schemaSteps, textsOf } from '../schema/steps.js'
import { dependenciesFirst } from '../util/dependencies.js'
import { isIgnored } from './ignored.js'

export { type Difference, describeDifference } from '../schema/catalog/difference.js'

export interface DriftOptions {
  /** Names of tables and views, or `table.column`, that are not compared. `*` stands for any characters. */
  readonly ignore: readonly string[]
  /** Tables that belong to corm, such as the record of migrations. */
  readonly own: readonly string[]
}

/** The differences between a database and a schema. */
export interface Drift {
  readonly differences: readonly Difference[]
  /** Objects that corm knows only by name and never changes. */
  readonly unmanaged: readonly Unmanaged[]
  /** What the database has. */
  readonly found: CatalogState
}

/** Compares a schema, of models or of migrations, with the database. Changes nothing. */
export async function driftOf(executor: Executor, state: SchemaState, options: DriftOptions): Promise<Drift> {
  const { differences, found } = await readCatalog(executor, state)
  const ignored = isIgnored(options.ignore, options.own)
  const mirrors = mirrorNames(state, executor.dialect)
  return {
    differences: differences.filter(({ table, name }) => !ignored(table, name)),
    unmanaged: found.unmanaged.filter(({ name, table }) => !mirrors.has(name) && !ignored(table ?? name, null)),
    found,
  }
}

const HARD = { removal: 'hard', dropRetired: true } as const

/** The operations between two states, including those on views, which models do not describe. */
function operationsBetween(from: SchemaState, to: SchemaState, dialect: Dialect): readonly SchemaOperation[] {
  const isChanged = (a: ViewState | undefined, b: ViewState | undefined) => !isSame(a ?? null, b ?? null)
  const names = [...new Set([...from.views.keys(), ...to.views.keys()])]
  const changed = names.filter((name) => isChanged(from.views.get(name), to.views.get(name)))
  const isPart = ({ name }: ViewState) => changed.includes(name)
  return [
    ...inOrder(from, dialect)
      .filter(isPart)
      .reverse()
      .map(({ name }): SchemaOperation => ({ op: 'dropView', name })),
    ...diffStates(from, to, HARD),
    ...inOrder(to, dialect)
      .filter(isPart)
      .map((view): SchemaOperation => ({ op: 'createView', view })),
  ]
}

/** The views of a state, each after the views that it reads. */
function inOrder({ views }: SchemaState, { name: dialect, catalog }: Dialect): readonly ViewState[] {
  const all = [...views.values()]
  return dependenciesFirst(all, (view) => {
    const named = catalog.words.namesIn(view.sql[dialect] ?? view.sql.default ?? '')
    return all.filter(({ name }) => named.has(name.toLowerCase()))
  })
}

export interface Adoption {
  /**
   * The operations of a migration that makes the schema match the database. The migration is recorded as applied and never runs
   * here.
   */
  readonly operations: readonly SchemaOperation[]
  /** The schema after it. */
  readonly state: SchemaState
  /** Differences that migrations can't express: a primary key, an engine, an index in descending order. */
  readonly left: readonly Difference[]
}

/** The operations that change the schema to match the database. */
export async function adopt(
  executor: Executor,
  state: SchemaState,
  drift: Drift,
  options: DriftOptions,
): Promise<Adoption> {
  const adopted = adoptedState(state, drift.found, drift.differences, executor.dialect)
  const { differences: left } = await driftOf(executor, adopted, options)
  return { operations: operationsBetween(state, adopted, executor.dialect), state: adopted, left }
}

/** A step that changes the database to match the schema. */
export interface RevertStep {
  readonly description: string
  readonly sql: readonly string[]
  /** The data that the step loses, as a phrase. Null if none. */
  readonly loses: string | null
}

/** The steps that change the database to match the schema. None of them is run. */
export function revert(state: SchemaState, { found, differences }: Drift, dialect: Dialect): readonly RevertStep[] {
  const adopted = adoptedState(state, found, differences, dialect)
  const reversals: RevertStep[] = []
  let before = adopted
  // each operation is a separate step, so that a person can leave it out
  for (const operation of operationsBetween(adopted, state, dialect)) {
    const steps = schemaSteps([operation], before, dialect)
    reversals.push({
      description: describeOperation(operation),
      sql: steps.flatMap((step) => textsOf(step, dialect)),
      loses: lossOf(operation, before),
    })
    before = steps.at(-1)?.after ?? before
  }
  return reversals
}

/** The steps as a script. Steps that lose data are comments, so that a person reads them before running them. */
export function revertScript(reversals: readonly RevertStep[]): string {
  return reversals
    .map(({ description, sql, loses }) => {
      const text = sql.map((each) => `${each};\n`).join('')
      if (loses === null) return `-- ${comment(description)}\n${text}`
      return `-- ${comment(description)}, which loses ${comment(loses)}:\n${text.replace(/^/gm, '-- ').replace(/-- $/, '')}`
    })
    .join('\n')
}

const comment = (text: string) => text.replaceAll(/[\r\n]/g, ' ')
