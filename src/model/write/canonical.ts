import { VALUE_TYPE } from '../../ast/bases.js'
import type { ValueType } from '../../ast/data-type.js'
import type { ModelField } from '../../metadata/model-field.js'
import { memo } from '../../util/memo.js'

const types = new WeakMap<ModelField, ValueType>()

/** A field's type for values that were checked already, so that only the encoding of the dialect is left to do. */
export function canonical(field: ModelField): ValueType {
  return memo(types, field, ({ dataType, refuse }) => ({ ...VALUE_TYPE, dataType, check: (value) => value, refuse }))
}
