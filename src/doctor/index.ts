import { askOf } from '../database/catalog.js'
import type { Executor } from '../execution/executor.js'
import type { ModelMetadata } from '../metadata/metadata.js'
import { runtimeOf } from '../model/runtime/runtime.js'
import { findInCounters } from './counters.js'
import type { Finding } from './finding.js'
import { findInIndexes, findUnused } from './indexes.js'
import { findInRows } from './stored-values.js'

export type { Finding } from './finding.js'
export { findInLog } from './query-log.js'

// Looks over a database, and changes nothing.

export interface Examination {
  readonly findings: readonly Finding[]
  /** What this database does not report. */
  readonly unknown: readonly string[]
}

interface DoctorScope {
  readonly models: readonly ModelMetadata[]
  /** Rows of each model that are read. */
  readonly rows: number
  /** Tables of other programs are left out. */
  isIgnored(table: string): boolean
}

/** Examines the tables of a database, and the rows of these models. */
export async function examine(executor: Executor, { models, rows, isIgnored }: DoctorScope): Promise<Examination> {
  const { catalog } = executor.dialect
  const ask = askOf(executor)
  const { tables } = await catalog.read(ask)
  const own = new Map([...tables].filter(([name]) => !isIgnored(name)))
  const unused = await catalog.unusedIndexes(ask)
  const counters = await catalog.counters(ask)
  const findings = [
    ...[...own.values()].flatMap((table) => findInIndexes(table, catalog)),
    ...findUnused(own, unused ?? []),
    ...findInCounters(counters.filter(({ table }) => own.has(table))),
  ]
  for (const meta of models) {
    if (!tables.has(meta.table)) continue
    findings.push(...(await findInRows(runtimeOf(meta.model), executor, rows)))
  }
  return { findings, unknown: unused === null ? ['which indexes queries have used'] : [] }
}
