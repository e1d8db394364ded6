import { EMPTY } from '../ast/schema.js'
import { askOf, readCatalog } from '../database/catalog.js'
import type { CatalogState, Prerequisite } from '../dialect/catalog.js'
import type { Executor } from '../execution/executor.js'
import { hasOwnTable } from '../metadata/metadata.js'
import type { Difference } from '../schema/catalog/difference.js'
import { stateOfModels } from '../schema/from-models.js'
import { buildModels } from './build.js'
import type { ModelDraft } from './draft.js'
import { evaluate } from './evaluate.js'
import { hasRelations, type JoinTable, joinTables, withoutModels } from './join-tables.js'
import { refineAll } from './refine.js'
import { reservedNames } from './reserved.js'
import { makeSound, refusalOf } from './sound.js'
import { type ModelFile, printModel } from './source.js'

export type { ModelFile } from './source.js'

// Writes models for the tables of a database, after comparing them with the database.

export interface Inspection {
  readonly files: readonly ModelFile[]
  /** The models, each with notes for the developer. */
  readonly models: readonly {
    readonly name: string
    readonly table: string
    readonly file: string
    readonly notes: readonly string[]
  }[]
  /** Differences that models can't express. */
  readonly differences: readonly Difference[]
  /** Objects that must exist before the tables can be created elsewhere. */
  readonly prerequisites: readonly Prerequisite[]
}

/** The maximum number of comparisons with the database. */
const ROUNDS = 6

/**
 * Reads a database without changing it. `isWanted` selects the tables and views that get models. With `onlyNeeded`, the
 * prerequisites are only those of these tables, and not all in the schema.
 */
export async function inspectDatabase(
  executor: Executor,
  isWanted: (name: string) => boolean,
  { onlyNeeded = false }: { readonly onlyNeeded?: boolean } = {},
): Promise<Inspection> {
  const { found: catalog } = await readCatalog(executor, EMPTY)
  const full = buildModels(await inspected(executor, catalog, isWanted), isWanted, reservedNames())
  const differences = await refined(full, executor)
  const drafts = await shortest(full, executor)
  const files = new Map(drafts.map(({ className, file }) => [className, file]))
  const tables = onlyNeeded ? new Set(full.map(({ table }) => table)) : null
  return {
    files: drafts.map((draft) => printModel(draft, files)),
    models: drafts.map(({ className, table, file, notes }) => ({ name: className, table, file: `${file}.ts`, notes })),
    differences,
    prerequisites: await executor.dialect.catalog.prerequisites(askOf(executor), tables),
  }
}

/** Changes drafts until they match the database. Returns the differences that they can't express. */
async function refined(drafts: readonly ModelDraft[], executor: Executor): Promise<readonly Difference[]> {
  let differences: readonly Difference[] = []
  for (let round = 0; ; round++) {
    const { tables, compared } = await comparedOf(drafts, executor)
    differences = compared.differences.filter(({ table }) => tables.has(table))
    // nothing is changed after the last comparison, so the written models were compared
    if (round === ROUNDS) break
    const changed = drafts.filter((draft) => {
      const table = compared.found.tables.get(draft.table)
      const own = differences.filter((each) => each.table === draft.table)
      return table !== undefined && refineAll(own, { draft, table, support: executor.dialect.catalog })
    })
    if (changed.length === 0) break
  }
  return differences
}

/** Leaves out the models of join tables that corm would create in the same way. */
async function shortest(drafts: readonly ModelDraft[], executor: Executor): Promise<readonly ModelDraft[]> {
  let candidates = joinTables(drafts)
  for (;;) {
    if (candidates.length === 0) return drafts
    const short = withoutModels(drafts, candidates)
    const different = await differentJoinTables(short, candidates, executor)
    if (different.length === 0) return short
    candidates = candidates.filter((each) => !different.includes(each))
  }
}

async function differentJoinTables(
  drafts: readonly ModelDraft[],
  candidates: readonly JoinTable[],
  executor: Executor,
) {
  // the primary key follows the order of the files in which the relations are found
  const ordered = [...drafts].sort((a, b) => (a.file < b.file ? -1 : 1))
  const metas = evaluate(ordered).filter(hasOwnTable)
  const wanted = stateOfModels(metas)
  const { differences } = await readCatalog(executor, wanted)
  return candidates.filter(
    (each) => !hasRelations(each, ordered) || differences.some(({ table }) => table === each.draft.table),
  )
}

/** Compares drafts with the database. Parts that are refused are removed from the drafts. */
async function comparedOf(drafts: readonly ModelDraft[], executor: Executor) {
  const compare = async () => {
    const metas = evaluate(drafts).filter(hasOwnTable)
    const compared = await readCatalog(executor, stateOfModels(metas))
    return { tables: new Set(metas.map(({ table }) => table)), compared }
  }
  return compare().catch(async (error: unknown) => {
    refusalOf(error)
    await makeSound(drafts, executor)
    return compare()
  })
}

async function inspected(executor: Executor, catalog: CatalogState, isWanted: (name: string) => boolean) {
  const support = executor.dialect.catalog
  const ask = askOf(executor)
  const wanted = [...catalog.tables.values()].filter(({ name }) => isWanted(name))
  const viewColumns = await support.viewColumns(ask)
  const views = [...viewColumns].filter(([name]) => isWanted(name))
  const types = await support.inspect(
    [...wanted, ...views.map(([name, columns]) => ({ name, columns, primaryKey: [], indexes: [] }))],
    ask,
  )
  return { catalog, viewColumns, types, words: support.words, typeText: support.typeText }
}
