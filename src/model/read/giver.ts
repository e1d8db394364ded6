import { type Bring, bringerOf } from '../../hydrate/state.js'
import type { CarriedValue } from '../../metadata/relation/carried.js'
import { canGenerate } from '../../util/generate.js'

export interface NamedValue {
  readonly name: string
  readonly value: CarriedValue
}

/** What instances get besides fields, of the values behind those in their rows. */
export interface Added {
  /** Properties that are no fields. */
  readonly shown: readonly NamedValue[]
  /** What `pivot` has; null: there is none. */
  readonly pivot: readonly NamedValue[] | null
  /** What is kept of the table between, by its carried fields. */
  readonly link: readonly CarriedValue[] | null
}

/**
 * Takes the values behind the fields out of the rows, and gives them to the rows' instances. `owners` are there when rows
 * were read beside theirs.
 */
export type Giver = (instances: readonly object[], rows: readonly unknown[][], owners: readonly object[] | null) => void

type Decode = ((raw: unknown) => unknown) | null

/** `decoders`: one for each of the values, by place. Null: there is nothing to take and nothing to give. */
export function createGiver(
  prototype: object,
  added: Added,
  decoders: readonly Decode[],
  generate = canGenerate(),
): Giver | null {
  const { shown, pivot, link } = added
  if (decoders.length === 0 && shown.length === 0 && pivot === null && link === null) return null
  const names = [...shown.map(({ name }) => name), ...(pivot === null ? [] : [PIVOT])]
  const bring = bringerOf(prototype, names)
  return generate ? generated(added, decoders, bring) : looped(added, decoders, bring)
}

const PIVOT = 'pivot'

let givers = 0

/** The only names in the text are JSON-escaped ones of fields, models and named values. */
function generated({ shown, pivot, link }: Added, decoders: readonly Decode[], bring: Bring): Giver {
  const lines = decoders.map(
    (decode, i) => `const r${i} = r.pop()${decode === null ? '' : `, v${i} = r${i} === null ? null : d[${i}](r${i})`}`,
  )
  const code = (value: CarriedValue) => codeOf(value, decoders)
  const object = (values: readonly NamedValue[]) =>
    `{ ${values.map(({ name, value }) => `[${JSON.stringify(name)}]: ${code(value)}`).join(', ')} }`
  // the last value is taken first
  const body = [
    ...lines.reverse(),
    ...shown.map(({ name, value }) => `o[${JSON.stringify(name)}] = ${code(value)}`),
    ...(pivot === null ? [] : [`o.${PIVOT} = ${object(pivot)}`]),
    ...(shown.length === 0 && pivot === null && link === null
      ? []
      : [`bring(o, ${link === null ? 'null' : `[${link.map(code).join(', ')}]`})`]),
  ]
  const source = `/* ${++givers} */ return (instances, rows, owners) => {
  for (let i = 0; i < rows.length; i++) {
    const r = rows[i], o = instances[i]
    ${body.join('\n    ')}
  }
}`
  return new Function('d', 'bring', source)(decoders, bring) as Giver
}

function codeOf(value: CarriedValue, decoders: readonly Decode[]): string {
  switch (value.from) {
    case 'between':
      return `${decoders[value.place] === null ? 'r' : 'v'}${value.place}`
    case 'target':
      return `o[${JSON.stringify(value.name)}]`
    case 'source':
      return `owners[i][${JSON.stringify(value.name)}]`
    case 'relation':
      return JSON.stringify(value.value)
  }
}

function looped({ shown, pivot, link }: Added, decoders: readonly Decode[], bring: Bring): Giver {
  const gives = shown.length > 0 || pivot !== null || link !== null
  return (instances, rows, owners) =>
    rows.forEach((row, i) => {
      const [instance, owner] = [instances[i] as Record<string, unknown>, owners?.[i]]
      const raw = row.splice(row.length - decoders.length)
      if (!gives) return
      const values = raw.map((one, place) => (one === null ? null : (decoders[place]?.(one) ?? one)))
      const read = (value: CarriedValue) => foundAt(value, values, instance, owner)
      for (const { name, value } of shown) instance[name] = read(value)
      if (pivot !== null) instance[PIVOT] = Object.fromEntries(pivot.map(({ name, value }) => [name, read(value)]))
      bring(instance, link?.map(read) ?? null)
    })
}

function foundAt(value: CarriedValue, values: readonly unknown[], target: object, owner: object | undefined): unknown {
  switch (value.from) {
    case 'between':
      return values[value.place]
    case 'target':
      return (target as Record<string, unknown>)[value.name]
    case 'source':
      return (owner as Record<string, unknown>)[value.name]
    case 'relation':
      return value.value
  }
}
