import type { ValueType } from '../ast/data-type.js'
import type { Codec } from '../compiler/codec.js'
import type { ModelField } from '../metadata/model-field.js'
import { atField, isField, keyText, refuseNull } from './unreadable.js'

/** Driver value → what the caller sees, NULL aside; null: they are the same. */
export function decoderOf(type: ValueType | null, codec: Codec | null): ((raw: unknown) => unknown) | null {
  const decode = codec?.decode ?? null
  const load = type?.load ?? null
  if (decode === null) return load
  if (load === null) return decode
  return (raw) => load(decode(raw))
}

export type RowDecoder = (row: unknown[]) => unknown[]

/** What a value of a row is decoded with. */
interface ValueDecoder {
  readonly place: number
  readonly type: ValueType | null
  readonly decode: ((raw: unknown) => unknown) | null
  readonly required: boolean
}

/** Decodes rows in place, by position. `required`: which of the values can't be NULL. */
export function rowDecoder(
  types: readonly (ValueType | null)[],
  codec: (type: ValueType) => Codec,
  required: readonly boolean[] = [],
): RowDecoder {
  const work = types.flatMap((type, place): ValueDecoder[] => {
    const decode = decoderOf(type, type === null ? null : codec(type))
    const isRequired = required[place] === true
    return decode === null && !isRequired ? [] : [{ place, type, decode, required: isRequired }]
  })
  return (row) => {
    let type: ValueType | null = null
    try {
      for (const each of work) {
        type = each.type
        const raw = row[each.place]
        if (raw === null) {
          if (each.required) refuseNull()
        } else if (each.decode !== null) row[each.place] = each.decode(raw)
      }
    } catch (error) {
      throw isField(type) ? atField(error, type, keyIn(row, types, type)) : atField(error, null, null)
    }
    return row
  }
}

/** A decoder whose errors name the field. */
export function withFieldName(type: ValueType | null, decode: (raw: unknown) => unknown): (raw: unknown) => unknown {
  return (raw) => {
    try {
      return decode(raw)
    } catch (error) {
      throw atField(error, isField(type) ? type : null, null)
    }
  }
}

/** The key of a row that fields were read from, as far as it was read. */
function keyIn(row: readonly unknown[], types: readonly (ValueType | null)[], { modelName }: ModelField): unknown {
  const keys = types.flatMap((type, place) =>
    isField(type) && type.primaryKey && type.modelName === modelName ? [[type.name, row[place]] as const] : [],
  )
  return keyText(keys)
}
