import type { SchemaState } from '../../ast/schema.js'
import { CormError, UsageError } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import { type ModelField, takesWork } from '../../metadata/model-field.js'
import { textOfValue, valueOfText } from '../../migration/column-value.js'

/** The values for new columns. Values from options, and texts from the answers file, are read by the types of the columns. */
export function fillsFor(to: SchemaState, fills: ReadonlyMap<string, unknown>): ReadonlyMap<string, unknown> {
  const read = new Map<string, unknown>()
  for (const [name, value] of fills) {
    const dot = name.indexOf('.')
    const table = to.tables.get(name.slice(0, Math.max(dot, 0)))
    const column = table?.columns.find((each) => each.name === name.slice(dot + 1))
    if (column === undefined)
      throw new UsageError(`The models have no column ${JSON.stringify(name)}. Write --fill table.column=value.`)
    read.set(name, typeof value === 'string' ? valueOfText(column.type, value) : value)
  }
  return read
}

/** The defaults that models give to new rows, as texts for `--fill`, by `table.column`. */
export function defaultsOf(models: readonly ModelMetadata[]): ReadonlyMap<string, string> {
  const defaults = new Map<string, string>()
  for (const { table, fields } of models)
    for (const field of fields) {
      const text = defaultText(field)
      if (text !== null) defaults.set(`${table}.${field.column}`, text)
    }
  return defaults
}

function defaultText(field: ModelField): string | null {
  const { hasDefault, options, kind } = field
  const value = options.default
  // a function may return another value for each row, and other defaults need work or settings of the program
  if (!hasDefault || value === null || typeof value === 'function') return null
  if (kind.plain !== undefined || kind.file !== undefined || takesWork(field)) return null
  try {
    return textOfValue(field.dataType, field.check(kind.cast === undefined ? value : kind.cast(value)))
  } catch (error) {
    if (error instanceof CormError) return null
    throw error
  }
}
