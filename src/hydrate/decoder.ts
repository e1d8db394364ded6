import type { ValueType } from '../ast/data-type.js'
import type { Codec } from '../compiler/codec.js'
import type { FieldKind } from '../field/kind.js'

/** A value type that also knows what instances hold: fields and the types of functions. */
interface LoadedType extends ValueType {
  readonly kind?: FieldKind
}

/** Driver value → what the caller sees, NULL aside; null: they are the same. */
export function decoderOf(type: ValueType | null, codec: Codec | null): ((raw: unknown) => unknown) | null {
  const decode = (codec?.decode ?? null) as ((raw: unknown) => unknown) | null
  const load = ((type as LoadedType | null)?.kind?.load ?? null) as ((canonical: unknown) => unknown) | null
  if (decode === null) return load
  if (load === null) return decode
  return (raw) => load(decode(raw))
}

export type RowDecoder = (row: unknown[]) => unknown[]

/** Decodes rows in place, by position. */
export function rowDecoder(types: readonly (ValueType | null)[], codec: (type: ValueType) => Codec): RowDecoder {
  const decoders = types.map((type) => decoderOf(type, type === null ? null : codec(type)))
  const work = decoders.flatMap((decode, i) => (decode === null ? [] : [[i, decode] as const]))
  return (row) => {
    for (let w = 0; w < work.length; w++) {
      const [i, decode] = work[w] as (typeof work)[number]
      const raw = row[i]
      if (raw !== null) row[i] = decode(raw)
    }
    return row
  }
}
