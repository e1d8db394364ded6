import type { Codec } from '../compiler/codec.js'
import type { FieldKind } from '../field/kind.js'
import type { ModelField } from '../metadata/model-field.js'
import { dateIn } from '../util/expect.js'
import { canGenerate } from '../util/generate.js'
import { at } from '../util/list.js'
import { asRecord } from '../util/record.js'
import { decoderOf } from './decoder.js'
import { refuseNull, unreadable } from './unreadable.js'

/** What hydration needs of a model class. */
export interface InstanceFactory<O> {
  /** Makes an instance without values; the user's constructor has run. */
  readonly make: new (
    mark: symbol,
  ) => object
  readonly mark: symbol
  /** Gives the instance its row (which becomes the originals) and what it has in common with its siblings. */
  adopt(instance: object, row: unknown[], origin: O): void
}

export type Hydrator<O> = (rows: unknown[][], origin: O) => object[]

/**
 * Makes the function that turns rows into instances: straight-line code for exactly these columns. The row is kept as the
 * originals, so what is not its own original (dates, JSON …) is put into it in the form dirty checks compare with.
 */
export function createHydrator<O>(
  target: InstanceFactory<O>,
  fields: readonly ModelField[],
  codec: (field: ModelField) => Codec,
  generate = canGenerate(),
): Hydrator<O> {
  return generate ? generated(target, fields, codec) : looped(target, fields, codec)
}

let plans = 0

function generated<O>(
  target: InstanceFactory<O>,
  fields: readonly ModelField[],
  codec: (field: ModelField) => Codec,
): Hydrator<O> {
  const helpers: unknown[] = []
  const helper = (value: unknown) => `h[${helpers.push(value) - 1}]`
  const lines = fields.map((field, i) => fieldCode(field, codec(field), `r[${i}]`, helper))
  const hoisted = lines.map((line) => line.replaceAll(/h\[(\d+)\]/g, 'h$1'))
  // sources differ per plan: V8 shares inline caches between functions of one source
  const source = `/* ${++plans} */ ${helpers.map((_, i) => `const h${i} = h[${i}];`).join(' ')}
const read = (rows, origin, out) => {
  for (let i = 0; i < rows.length; i++) {
    const r = rows[i], o = new C(mark)
    out[i] = o
    let v, t
    ${hoisted.join('\n    ')}
    adopt(o, r, origin)
  }
}
return (rows, origin) => {
  const out = new Array(rows.length)
  try {
    read(rows, origin, out)
  } catch (error) {
    throw unreadable(error, fields, out, rows)
  }
  return out
}`
  const names = ['C', 'mark', 'adopt', 'h', 'fields', 'unreadable']
  const values = [target.make, target.mark, target.adopt, helpers, fields, unreadable]
  const hydrate: Hydrator<O> = new Function(...names, source)(...values)
  return hydrate
}

/** What an instance gets of a canonical value: of a hidden one, what stands for it until it is read. */
const loaderOf = ({ kind, hidden }: ModelField) => (hidden && kind.hold !== undefined ? kind.hold : kind.load)

/** Whether NULL must not be in the column. Values that the database computes can always be NULL. */
const isRequired = (field: ModelField) => !field.nullable && field.generated === null

/** `o.name = …` for one column; the only names in the text are JSON-escaped field names and indexes. */
function fieldCode(field: ModelField, codec: Codec, raw: string, helper: (value: unknown) => string): string {
  const set = `o[${JSON.stringify(field.name)}]`
  const { kind } = field
  const { decode, inline, plain, time } = codec
  const taken = loaderOf(field)
  const load = taken === null ? null : helper(taken)
  const loaded = (value: string) => (load === null ? value : `${load}(${value})`)
  const decoder = decode === null ? null : helper(decode)
  const canonical = decoder === null ? 'v' : (inline?.('v', decoder) ?? `${decoder}(v)`)
  const onNull = isRequired(field) ? `${helper(refuseNull)}()` : `${set} = null`
  const rest = `if (v === null) ${onNull}; else { ${takeCode(kind, { set, raw, canonical, loaded })} }`
  if (kind.snapshot === 'date' && time !== undefined && load === null)
    return `v = ${raw}; t = ${time('v', helper)}; if (t === t) { ${set} = new Date(t); ${raw} = t } else ${rest}`
  // most values are looked at once, and nothing is written to their rows
  const isKept = plain !== undefined && (load === null || kind.snapshot === 'canonical')
  return `v = ${raw}; ${isKept ? `if (${plain('v', helper)}) ${set} = ${loaded('v')}; else ` : ''}${rest}`
}

/** Gives the instance what it sees of a canonical value, and leaves in the row what dirty checks compare with. */
function takeCode(
  { snapshot, load }: FieldKind,
  { set, raw, canonical, loaded }: { set: string; raw: string; canonical: string; loaded: (value: string) => string },
): string {
  if (snapshot === 'date') return `v = ${loaded(canonical)}; ${set} = v; ${raw} = v.getTime()`
  if (snapshot === 'value') {
    const value = loaded(canonical)
    return value === 'v' ? `${set} = v` : `${set} = ${raw} = ${value}`
  }
  if (canonical === 'v') return `${set} = ${loaded('v')}`
  return load === null ? `${set} = ${raw} = ${canonical}` : `v = ${canonical}; ${set} = ${loaded('v')}; ${raw} = v`
}

function looped<O>(
  target: InstanceFactory<O>,
  fields: readonly ModelField[],
  codec: (field: ModelField) => Codec,
): Hydrator<O> {
  const plan = fields.map((field) => ({
    name: field.name,
    snapshot: field.kind.snapshot,
    decode: codec(field).decode,
    load: loaderOf(field),
    whole: decoderOf(field, codec(field)),
    required: isRequired(field),
  }))
  const set = (instance: Record<string, unknown>, row: unknown[], i: number) => {
    const { name, snapshot, decode, load, whole, required } = at(plan, i)
    const raw = row[i]
    if (raw === null) instance[name] = required ? refuseNull() : null
    else if (snapshot === 'canonical') {
      row[i] = decode === null ? raw : decode(raw)
      instance[name] = load === null ? row[i] : load(row[i])
    } else {
      const value = whole === null ? raw : whole(raw)
      instance[name] = value
      row[i] = snapshot === 'date' ? dateIn(value).getTime() : value
    }
  }
  return (rows, origin) => {
    const out: Record<string, unknown>[] = []
    try {
      for (const row of rows) {
        const instance = asRecord(new target.make(target.mark))
        out.push(instance)
        for (let i = 0; i < plan.length; i++) set(instance, row, i)
        target.adopt(instance, row, origin)
      }
    } catch (error) {
      throw unreadable(error, fields, out, rows)
    }
    return out
  }
}
