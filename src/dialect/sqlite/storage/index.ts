import type { DataType } from '../../../ast/data-type.js'
import { memo } from '../../../util/memo.js'
import type { StorageForm } from './form.js'
import { dayInMilliseconds, epoch, julian, textMoment } from './moment.js'
import { jsonBytes, numericDecimal, textDecimal, UUIDS, words } from './values.js'

export type { StorageForm } from './form.js'

const forms = new WeakMap<DataType, StorageForm>()

/** The form of a column with declared storage; null if it has corm's own form. */
export function storageFormOf(type: DataType): StorageForm | null {
  if (type.storage === undefined) return null
  return memo(forms, type, create)
}

function create(type: DataType): StorageForm {
  const { name, storage } = type
  if (storage === undefined) throw new TypeError('a column in corm’s own form')
  const { form } = storage
  switch (name) {
    case 'dateTime':
      if (form === 'julian') return julian
      return form === 'milliseconds' || form === 'seconds' ? epoch(form) : textMoment(type, storage)
    case 'date':
      return dayInMilliseconds
    case 'decimal':
      return form === 'numeric' ? numericDecimal(type) : textDecimal(type)
    case 'boolean':
      return words(storage.words ?? ['true', 'false'])
    case 'uuid':
      return UUIDS[form] ?? UUIDS.upper
    default:
      return jsonBytes
  }
}

/** Whether two columns store equal values the same way. */
export function isSameStorage(a: DataType, b: DataType): boolean {
  return a.name === b.name && a.scale === b.scale && JSON.stringify(a.storage) === JSON.stringify(b.storage)
}
