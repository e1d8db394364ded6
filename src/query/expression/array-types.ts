import { type DataType, type ElementType, TEXT_TYPES, type ValueType } from '../../ast/data-type.js'
import { UsageError } from '../../errors.js'

/** Whether an array of the first element type can hold every element of the second. */
export function holdsElements({ dataType: type }: ElementType, { dataType: given }: ElementType): boolean {
  if (type.name !== given.name) return TEXT_TYPES.has(type.name) && TEXT_TYPES.has(given.name)
  const { values } = type as DataType
  return values === undefined || (given.values ?? []).every((value) => values.includes(value))
}

/** Refuses to combine arrays of different elements, or an array with a single value. `call` names the place in messages. */
export function refuseOtherArrays(type: ValueType | null, others: readonly (ValueType | null)[], call: string): void {
  if (type === null) return
  const { element } = type.dataType
  for (const other of others) {
    if (other === null) continue
    const given = other.dataType.element
    if (element === undefined && given === undefined) continue
    if (element === undefined || given === undefined)
      throw new UsageError(`${call} was given an array and a single value. Give it arrays only, or no array.`)
    if (!holdsElements(element, given) || (given.nullable && !element.nullable))
      throw new UsageError(
        `${call} was given arrays of different elements. All must have elements of the type of the first one, and null in them only if that one may have it.`,
      )
  }
}
