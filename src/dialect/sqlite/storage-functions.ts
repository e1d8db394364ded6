import { VALUE_TYPE } from '../../ast/bases.js'
import type { DataType } from '../../ast/data-type.js'
import { memo } from '../../util/memo.js'
import { storageFormOf } from './storage/index.js'
import { sqliteCodec } from './types.js'

// If SQL can't compute with values in another program's form, it computes with them in corm's own form.

type FormConversion = (value: unknown) => unknown
interface Converter {
  readonly toOwn: FormConversion
  readonly toStorage: FormConversion
}

const converters = new Map<string, Converter>()

/** The argument that identifies the column's type to a function. */
export const converterKey = ({ name, precision, scale, storage }: DataType): string =>
  JSON.stringify({ name, precision, scale, storage })

const converterOf = (key: string): Converter => memo(converters, key, (text) => create(JSON.parse(text)))

function create(dataType: DataType): Converter {
  const { storage: _, ...own } = dataType
  const refuse = (__: string, message: string): never => {
    throw new TypeError(message)
  }
  const codec = sqliteCodec({ ...VALUE_TYPE, dataType: own, check: (value) => value, refuse })
  const form = storageFormOf(dataType)
  if (form === null) throw new TypeError('this type has no other form')
  const { encode: encodeOwn, decode: decodeOwn } = codec
  const { encode, decode } = form
  return {
    toOwn: (value) => (encodeOwn ?? same)(decode(plain(value))),
    toStorage: (value) => encode((decodeOwn ?? same)(plain(value))),
  }
}

const same: FormConversion = (value) => value

/** Integers as rows return them: numbers, or digits if a number would lose some. */
function plain(value: unknown): unknown {
  if (typeof value !== 'bigint') return value
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : String(value)
}

/** Functions for the adapter to register, with integers as bigint. */
export const storageFunctions = {
  corm_own: (value: unknown, key: string) => (value === null ? null : converterOf(key).toOwn(value)),
  corm_stored: (value: unknown, key: string) => (value === null ? null : converterOf(key).toStorage(value)),
}
