import { StoredValueError } from '../errors.js'
import type { Executor } from '../execution/executor.js'
import type { ModelField } from '../metadata/model-field.js'
import { storedPage } from '../model/read/stored-rows.js'
import type { ModelRuntime } from '../model/runtime/runtime.js'
import type { Finding } from './finding.js'

/** Reads up to `count` rows of a model, and tells of the fields whose columns hold what they don't declare. */
export async function findInRows(runtime: ModelRuntime, executor: Executor, count: number): Promise<Finding[]> {
  const { meta } = runtime
  const findings: Finding[] = []
  let fields: readonly ModelField[] = meta.fields
  // an error is about one field: the others are read without it
  while (fields.length > 0) {
    const error = await storedPage(runtime, executor, { fields, after: null, count }).then(
      () => null,
      (thrown: unknown) => thrown,
    )
    if (error === null) break
    const left = error instanceof StoredValueError ? fields.filter(({ name }) => name !== error.field) : fields
    if (!(error instanceof StoredValueError) || left.length === fields.length) throw error
    findings.push({
      kind: 'stored-value',
      table: meta.table,
      at: `${meta.name}.${error.field}`,
      problem: `A row ${error.problem}.`,
      remedy: error.remedy.replace(/ To read the other fields, .*$/, ''),
    })
    fields = left
  }
  return findings
}
