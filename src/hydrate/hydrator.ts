import type { Codec } from '../compiler/codec.js'
import type { ModelField } from '../metadata/model-field.js'
import { canGenerate } from '../util/generate.js'
import { decoderOf } from './decoder.js'
import { refuseNull, unreadable } from './unreadable.js'

/** What hydration needs of a model class. */
export interface Target<O> {
  /** Makes an instance without values; the user's constructor has run. */
  readonly make: new (
    mark: never,
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
  target: Target<O>,
  fields: readonly ModelField[],
  codec: (field: ModelField) => Codec,
  generate = canGenerate(),
): Hydrator<O> {
  return generate ? generated(target, fields, codec) : looped(target, fields, codec)
}

let plans = 0

function generated<O>(
  target: Target<O>,
  fields: readonly ModelField[],
  codec: (field: ModelField) => Codec,
): Hydrator<O> {
  const helpers: unknown[] = []
  const helper = (value: unknown) => `h[${helpers.push(value) - 1}]`
  const lines = fields.map((field, i) => fieldCode(field, codec(field), `r[${i}]`, helper))
  const hoisted = lines.map((line) => line.replaceAll(/h\[(\d+)\]/g, 'h$1'))
  // sources differ per plan: V8 shares inline caches between functions of one source
  const source = `/* ${++plans} */ ${helpers.map((_, i) => `const h${i} = h[${i}];`).join(' ')}
return (rows, origin) => {
  const out = new Array(rows.length)
  let r, o
  try {
    for (let i = 0; i < rows.length; i++) {
      o = undefined
      r = rows[i]
      o = new C(mark)
      let v
      ${hoisted.join('\n      ')}
      adopt(o, r, origin)
      out[i] = o
    }
  } catch (error) {
    throw unreadable(error, fields, o, r)
  }
  return out
}`
  const names = ['C', 'mark', 'adopt', 'h', 'fields', 'unreadable']
  const values = [target.make, target.mark, target.adopt, helpers, fields, unreadable]
  return new Function(...names, source)(...values) as Hydrator<O>
}

/** Whether NULL is no value of the field. What the database computes may be NULL whatever the field says. */
const isRequired = (field: ModelField) => !field.nullable && field.generated === null

/** `o.name = …` for one column; the only names in the text are JSON-escaped field names and indexes. */
function fieldCode(field: ModelField, codec: Codec, raw: string, helper: (value: unknown) => string): string {
  const set = `o[${JSON.stringify(field.name)}]`
  const { snapshot, load } = field.kind
  const canonical = canonicalCode(codec, raw, helper)
  const onNull = isRequired(field) ? `${helper(refuseNull)}()` : `${set} = null`
  const nulled = (code: string) => `if (${raw} === null) ${onNull}; else { ${code} }`
  if (snapshot === 'canonical') {
    const loaded = load === null ? 'v' : `${helper(load)}(v)`
    return nulled(`v = ${canonical}; ${set} = ${loaded};${canonical === raw ? '' : ` ${raw} = v`}`)
  }
  const value = load === null ? canonical : `${helper(load)}(${canonical})`
  if (snapshot === 'date') return nulled(`v = ${value}; ${set} = v; ${raw} = v.getTime()`)
  return value === raw ? nulled(`${set} = ${raw}`) : nulled(`${set} = ${raw} = ${value}`)
}

function canonicalCode({ decode, inline }: Codec, raw: string, helper: (value: unknown) => string): string {
  if (decode === null) return raw
  const name = helper(decode)
  return inline === undefined ? `${name}(${raw})` : `(${inline(raw, name)})`
}

function looped<O>(target: Target<O>, fields: readonly ModelField[], codec: (field: ModelField) => Codec): Hydrator<O> {
  const plan = fields.map((field) => ({
    name: field.name,
    snapshot: field.kind.snapshot,
    decode: codec(field).decode as ((raw: unknown) => unknown) | null,
    load: field.kind.load as ((canonical: unknown) => unknown) | null,
    whole: decoderOf(field, codec(field)),
    required: isRequired(field),
  }))
  type Plan = (typeof plan)[number]
  const set = (instance: Record<string, unknown>, row: unknown[], i: number) => {
    const { name, snapshot, decode, load, whole, required } = plan[i] as Plan
    const raw = row[i]
    if (raw === null) instance[name] = required ? refuseNull() : null
    else if (snapshot === 'canonical') {
      row[i] = decode === null ? raw : decode(raw)
      instance[name] = load === null ? row[i] : load(row[i])
    } else {
      const value = whole === null ? raw : whole(raw)
      instance[name] = value
      row[i] = snapshot === 'date' ? (value as Date).getTime() : value
    }
  }
  return (rows, origin) =>
    rows.map((row) => {
      const instance = new target.make(target.mark as never) as Record<string, unknown>
      try {
        for (let i = 0; i < plan.length; i++) set(instance, row, i)
      } catch (error) {
        throw unreadable(error, fields, instance, row)
      }
      target.adopt(instance, row, origin)
      return instance
    })
}
