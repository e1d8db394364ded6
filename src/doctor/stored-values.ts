import { StoredValueError } from '../errors.js'
import type { Executor } from '../execution/executor.js'
import type { ModelField } from '../metadata/model-field.js'
import { type StoredPage, storedPage } from '../model/read/stored-rows.js'
import type { ModelRuntime } from '../model/runtime/runtime.js'
import type { Finding } from './finding.js'

/** The most rows that are read at once. */
const PAGE = 1000

/** Reads up to `most` rows of a model, and reports each field whose column holds what it does not declare. */
export async function findInRows(runtime: ModelRuntime, executor: Executor, most: number): Promise<Finding[]> {
  const { meta } = runtime
  const findings: Finding[] = []
  let fields: readonly ModelField[] = meta.fields
  let after: readonly unknown[] | null = null
  let left = most
  while (fields.length > 0 && left > 0) {
    const count = Math.min(left, PAGE)
    const read: unknown[][] | StoredValueError = await pageOrError(runtime, executor, { fields, after, count })
    if (read instanceof StoredValueError) {
      const { field, problem, correction } = read
      const others: readonly ModelField[] = fields.filter(({ name }) => name !== field)
      // the rows can't be put in the order of such a key
      if (others.length === fields.length && findings.some(({ at }) => at === `${meta.name}.${field}`)) break
      if (others.length === fields.length) throw read
      findings.push({
        kind: 'stored-value',
        table: meta.table,
        at: `${meta.name}.${field}`,
        problem: `A row ${problem}.`,
        remedy: correction,
      })
      // the same rows are read without it
      fields = others
      continue
    }
    left -= count
    after = keyOf(read.at(-1), meta.primaryKey, fields)
    if (read.length < count || after === null) break
  }
  return findings
}

async function pageOrError(
  runtime: ModelRuntime,
  executor: Executor,
  page: StoredPage,
): Promise<unknown[][] | StoredValueError> {
  try {
    return await storedPage(runtime, executor, page)
  } catch (error) {
    if (error instanceof StoredValueError) return error
    throw error
  }
}

/** The key after which the next rows come; null if it is not known. */
function keyOf(
  row: readonly unknown[] | undefined,
  key: readonly ModelField[],
  fields: readonly ModelField[],
): readonly unknown[] | null {
  const places = key.map((field) => fields.indexOf(field))
  return row === undefined || places.length === 0 || places.includes(-1) ? null : places.map((place) => row[place])
}
