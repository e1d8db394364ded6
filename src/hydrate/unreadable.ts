import type { ValueType } from '../ast/data-type.js'
import { StoredValueError } from '../errors.js'
import { formOfEntries } from '../metadata/key/key.js'
import { ModelField } from '../metadata/model-field.js'
import { asRecord } from '../util/record.js'

export const isField = (type: ValueType | null): type is ModelField => type instanceof ModelField

export function refuseNull(): never {
  throw new StoredValueError('holds NULL, and its field is not nullable', 'Add { nullable: true }, or correct the row.')
}

/** An error met while a value was decoded, with the field and the row that it belongs to. */
export function atField(error: unknown, field: ModelField | null, key: unknown): unknown {
  if (error instanceof StoredValueError && error.model !== null) return error
  const place = field === null ? null : { model: field.modelName, field: field.name, key }
  const others = field === null ? '' : ` To read the other fields, leave it out: omit('${field.name}').`
  if (error instanceof StoredValueError) {
    const { problem, remedy: correction, cause } = error
    return new StoredValueError(problem, `${correction}${others}`, place, { cause, correction })
  }
  const remedy = 'See the cause, and correct the stored value or the field.'
  const options = { cause: error, correction: remedy }
  return new StoredValueError('holds what its field can not decode', `${remedy}${others}`, place, options)
}

/** A key as people know it: one value, or an object of several; null: nothing is known. */
export function keyText(values: readonly (readonly [name: string, value: unknown])[]): unknown {
  if (values.length === 0 || values.some(([, value]) => value === null || value === undefined)) return null
  return formOfEntries(values)
}

/** The same for the row that was being made the last of these instances: the field is the first that it has not got. */
export function unreadable(
  error: unknown,
  fields: readonly ModelField[],
  instances: readonly (object | undefined)[],
  rows: readonly (readonly unknown[])[],
): unknown {
  const last = instances.findLastIndex((instance) => instance !== undefined)
  const [instance, row] = [instances[last], rows[last]]
  if (instance === undefined || row === undefined) return error
  const place = fields.findIndex((field) => !Object.hasOwn(instance, field.name))
  const unread = fields[place]
  if (unread === undefined) return error
  const keys = fields.flatMap((field, i) =>
    field.primaryKey ? [[field.name, i < place ? asRecord(instance)[field.name] : row[i]] as const] : [],
  )
  return atField(error, unread, keyText(keys))
}
