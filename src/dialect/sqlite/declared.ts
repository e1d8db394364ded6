import type { DeclaredField, DeclaredTable } from '../../driver/driver.js'
import { StoredValueError } from '../../errors.js'
import { SCALED_DIGITS } from './types.js'

// corm stores a decimal of 5 with two digits as 500, other programs as 5. Neither values nor comparisons show which one
// it is, but the declared type of the column does.

/** Lists the columns of a table with their declared types. */
export const DECLARED_TYPES = 'select name, type from pragma_table_info(?)'

/** Whether a declared type is an integer type, by https://sqlite.org/datatype3.html#determination_of_column_affinity */
const isInteger = (declared: string) => /int/i.test(declared)
const isNumber = (declared: string) => isInteger(declared) || /real|floa|doub/i.test(declared)

/** Says how a column of this declared type fails to fit the field; null if it fits. */
function misfit({ dataType }: DeclaredField, declared: string): string | null {
  const { name, precision = SCALED_DIGITS, sql, storage } = dataType
  if (sql !== undefined || storage !== undefined || declared === '') return null
  if (name === 'decimal' && precision <= SCALED_DIGITS && !isInteger(declared))
    return "Declare how it holds decimals: storage: 'numeric' for numbers as they are, storage: 'text' for their digits."
  if (name === 'dateTime' && isNumber(declared))
    return "Declare how it holds moments: storage: 'milliseconds', 'seconds' or 'julian'."
  return name === 'date' && isNumber(declared) ? "Declare that it holds milliseconds: storage: 'milliseconds'." : null
}

/** Finds the fields whose columns hold another form, with the error for each by its column. */
export function misfitsOf(
  { fields }: DeclaredTable,
  columns: readonly (readonly unknown[])[],
): ReadonlyMap<string, StoredValueError> {
  const types = new Map(columns.map(([name, type]) => [String(name).toLowerCase(), String(type)]))
  return new Map(
    fields.flatMap((field) => {
      const declared = types.get(field.column.toLowerCase())
      if (declared === undefined) return []
      const remedy = misfit(field, declared)
      return remedy === null ? [] : [[field.column, errorOf(field, declared, remedy)] as const]
    }),
  )
}

function errorOf({ modelName, name }: DeclaredField, declared: string, remedy: string): StoredValueError {
  const problem = `is stored in a column declared as ${declared}, which other programs fill`
  const others = `To read the other fields, leave it out: omit('${name}').`
  const place = { model: modelName, field: name, key: null }
  return new StoredValueError(problem, `${remedy} ${others}`, place, { correction: remedy })
}

/** Refuses a statement that reads or writes such a column. */
export function refuseMisfits(columns: ReadonlySet<string>, misfits: ReadonlyMap<string, StoredValueError>): void {
  for (const [column, { problem, remedy, correction, model, field }] of misfits)
    if (columns.has(column))
      throw new StoredValueError(problem, remedy, { model: model ?? '', field: field ?? '', key: null }, { correction })
}
