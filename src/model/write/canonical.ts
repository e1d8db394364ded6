import { VALUE_TYPE } from '../../ast/bases.js'
import type { ValueType } from '../../ast/data-type.js'
import type { ModelField } from '../../metadata/model-field.js'

const types = new WeakMap<ModelField, ValueType>()

/** A field's type for values that were checked already: they are canonical, and only the dialect's form is left to do. */
export function canonical(field: ModelField): ValueType {
  let type = types.get(field)
  if (type === undefined)
    types.set(
      field,
      (type = { ...VALUE_TYPE, dataType: field.dataType, check: (value) => value, refuse: field.refuse }),
    )
  return type
}
