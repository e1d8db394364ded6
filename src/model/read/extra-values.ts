import type { ValueType } from '../../ast/data-type.js'
import type { Scales } from '../../hydrate/scales.js'
import type { CarriedValue } from '../../metadata/relation/carried.js'
import { canGenerate } from '../../util/generate.js'

export interface NamedValue {
  readonly name: string
  readonly value: CarriedValue
}

/** What instances get in addition to fields, from the values that follow those in their rows. */
export interface ExtraValues {
  /** Properties that are no fields. */
  readonly shown: readonly NamedValue[]
  /** What `pivot` has; null: there is none. */
  readonly pivot: readonly NamedValue[] | null
  /** Properties of `pivot` that throw when they are read: fields that rows do not bring; null: there are none. */
  readonly absent: PropertyDescriptorMap | null
  /** The key of the row's owner in the join table; null: it is not asked for. */
  readonly owner: readonly CarriedValue[] | null
}

/** The names of the properties that instances get. */
export const namesOf = ({ shown, pivot }: ExtraValues): readonly string[] => [
  ...shown.map(({ name }) => name),
  ...(pivot === null ? [] : [PIVOT]),
]

/** How many digits the added decimals have after the point. */
export function scalesIn({ shown, pivot }: ExtraValues, types: readonly (ValueType | null)[]): Scales {
  const scales = new Map<string, number>()
  const note = (name: string, { value }: NamedValue) => {
    const type = value.from === 'joinTable' ? types[value.place]?.dataType : undefined
    if (type?.name === 'decimal') scales.set(name, type.scale ?? 0)
  }
  for (const each of shown) note(each.name, each)
  for (const each of pivot ?? []) note(`${PIVOT}.${each.name}`, each)
  return scales
}

/** Whether some of the values are found on the owners of the rows. */
export const needsOwners = ({ pivot }: ExtraValues): boolean =>
  pivot?.some(({ value }) => value.from === 'source') === true

/** The owners of rows. */
export interface RowOwners {
  /** The owner of each row, if the rows were embedded in those of their owners. */
  readonly owners: readonly object[] | null
  /** Takes the key of each row's owner, where a join table has it. */
  readonly keys: unknown[] | null
}

export const NO_OWNERS: RowOwners = Object.freeze({ owners: null, keys: null })

/** Takes the values after the fields out of the rows, and sets them on the rows' instances. */
export type SetValues = (instances: readonly object[], rows: readonly unknown[][], owners: RowOwners) => void

export type Decode = ((raw: unknown) => unknown) | null

/** `decoders`: one for each of the values, by place. Null: there is nothing to take and nothing to set. */
export function createValueSetter(
  added: ExtraValues,
  decoders: readonly Decode[],
  generate = canGenerate(),
): SetValues | null {
  const { shown, pivot, owner } = added
  if (decoders.length === 0 && shown.length === 0 && pivot === null && owner === null) return null
  return generate ? generated(added, decoders) : looped(added, decoders)
}

const PIVOT = 'pivot'

let settersMade = 0

/** The only names in the text are JSON-escaped ones of fields, models and named values. */
function generated({ shown, pivot, absent, owner }: ExtraValues, decoders: readonly Decode[]): SetValues {
  const takes = decoders.map((decode, i) =>
    decode === null ? `const v${i} = r.pop()` : `const r${i} = r.pop(), v${i} = r${i} === null ? null : d[${i}](r${i})`,
  )
  const body = [
    // values are removed from the end of the row
    ...takes.reverse(),
    ...shown.map(({ name, value }) => `o[${JSON.stringify(name)}] = ${codeOf(value)}`),
    ...(pivot === null ? [] : [`o.${PIVOT} = ${pivotCode(pivot, absent)}`]),
    ...(owner === null ? [] : [`if (keys !== null) keys.push(${keyCode(owner)})`]),
  ]
  const source = `/* ${++settersMade} */ return (instances, rows, { owners, keys }) => {
  for (let i = 0; i < rows.length; i++) {
    const r = rows[i], o = instances[i]
    ${body.join('\n    ')}
  }
}`
  return new Function('d', 'absent', source)(decoders, absent) as SetValues
}

function pivotCode(pivot: readonly NamedValue[], absent: PropertyDescriptorMap | null): string {
  const object = `{ ${pivot.map(propertyCode).join(', ')} }`
  return absent === null ? object : `Object.defineProperties(${object}, absent)`
}

/** In an object literal, `__proto__: …` sets the prototype; in brackets it is a property like the others. */
function propertyCode({ name, value }: NamedValue): string {
  const key = JSON.stringify(name)
  return `${name === '__proto__' ? `[${key}]` : key}: ${codeOf(value)}`
}

function keyCode(owner: readonly CarriedValue[]): string {
  const parts = owner.map(codeOf)
  return parts.length === 1 ? (parts[0] as string) : `[${parts.join(', ')}]`
}

function codeOf(value: CarriedValue): string {
  switch (value.from) {
    case 'joinTable':
      return `v${value.place}`
    case 'target':
      return `o[${JSON.stringify(value.name)}]`
    case 'source':
      return `owners[i][${JSON.stringify(value.name)}]`
    case 'relation':
      return JSON.stringify(value.value)
  }
}

function looped({ shown, pivot, absent, owner }: ExtraValues, decoders: readonly Decode[]): SetValues {
  return (instances, rows, { owners, keys }) =>
    rows.forEach((row, i) => {
      const instance = instances[i] as Record<string, unknown>
      const raw = row.splice(row.length - decoders.length)
      const values = raw.map((one, place) => {
        const decode = decoders[place] ?? null
        return one === null || decode === null ? one : decode(one)
      })
      const read = (value: CarriedValue) => foundAt(value, values, instance, owners?.[i])
      for (const { name, value } of shown) instance[name] = read(value)
      if (pivot !== null) {
        const values = Object.fromEntries(pivot.map(({ name, value }) => [name, read(value)]))
        instance[PIVOT] = absent === null ? values : Object.defineProperties(values, absent)
      }
      if (owner === null || keys === null) return
      const key = owner.map(read)
      keys.push(key.length === 1 ? key[0] : key)
    })
}

function foundAt(value: CarriedValue, values: readonly unknown[], target: object, owner: object | undefined): unknown {
  switch (value.from) {
    case 'joinTable':
      return values[value.place]
    case 'target':
      return (target as Record<string, unknown>)[value.name]
    case 'source':
      return (owner as Record<string, unknown>)[value.name]
    case 'relation':
      return value.value
  }
}
