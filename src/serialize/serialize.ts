import { FieldNotLoadedError, RelationNotLoadedError } from '../errors.js'
import { decimalText, isDecimalObject } from '../field/digits.js'
import { type Scales, scalesOf } from '../hydrate/scales.js'
import { isHeld, loadedValue, NoRow, namedValues } from '../hydrate/state.js'
import type { ModelAttribute } from '../metadata/attribute.js'
import type { ModelMetadata } from '../metadata/metadata.js'
import type { ModelField } from '../metadata/model-field.js'
import { toBuffer } from '../util/bytes.js'
import { isPlainObject } from '../util/own.js'
import { asRecord, isRecord } from '../util/record.js'

type PlainValuesByName = Record<string, unknown>

/** How one instance's values are given out; `scale` is that of a decimal, where it is known. */
interface ValueNotation {
  /** With all languages of translated fields. */
  readonly everyLocale: boolean
  value(value: unknown, scale: number | undefined): unknown
}

const asIs: ValueNotation = { everyLocale: false, value: (value) => value }

const json: ValueNotation = { everyLocale: false, value: jsonValue }

/** JSON values: dates as ISO texts, bigint as digits, decimal with all digits of its scale, bytes as base64, vectors as arrays. */
function jsonValue(value: unknown, scale = 0): unknown {
  if (Array.isArray(value)) return jsonList(value, scale)
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Uint8Array) return toBuffer(value).toString('base64')
  if (value instanceof Float32Array) return Array.from(value)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (isDecimalObject(value)) return withScale(decimalText(value), scale)
  if (isRecord(value) && typeof value.toJSON === 'function') return value.toJSON()
  return value
}

function scaleOf({ kind, dataType }: ModelField): number | undefined {
  const type = kind.plain?.dataType ?? dataType
  return (type.element?.dataType ?? type).scale
}

/** The elements of an array field. A JSON value is returned as it is. */
function jsonList(list: readonly unknown[], scale: number): unknown {
  const values = list.map((each) => (Array.isArray(each) ? each : jsonValue(each, scale)))
  return values.some((each, i) => !Object.is(each, list[i])) ? values : list
}

/** `9.9` → `9.90`; what has more digits keeps them. */
function withScale(digits: string, scale: number): string {
  if (scale === 0 || !/^-?\d+(\.\d+)?$/.test(digits)) return digits
  const point = digits.indexOf('.')
  return point === -1 ? `${digits}.${'0'.repeat(scale)}` : digits.padEnd(point + 1 + scale, '0')
}

/** The values of a join table are an object. */
function inside(name: string, value: unknown, notation: ValueNotation, scales: Scales | undefined): unknown {
  if (!isPlainObject(value)) return notation.value(value, scales?.get(name))
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, notation.value(each, scales?.get(`${name}.${key}`))]),
  )
}

export type MetadataOf = (instance: object) => ModelMetadata

/** Attributes and loaded relations as a plain object; hidden fields stay out. */
export function toObject(instance: object, metadataOf: MetadataOf, everyLocale = false): PlainValuesByName {
  return plain(instance, metadataOf, everyLocale ? { ...asIs, everyLocale } : asIs, [])
}

export function toJSON(instance: object, metadataOf: MetadataOf, everyLocale = false): PlainValuesByName {
  return plain(instance, metadataOf, everyLocale ? { ...json, everyLocale } : json, [])
}

/** A computed value is left out if a field that it needs is not loaded, a virtual one if nothing was assigned to it. */
function putAttributes(
  values: PlainValuesByName,
  instance: object,
  { attributes }: ModelMetadata,
  notation: ValueNotation,
): void {
  for (const attribute of attributes.values()) {
    const value = attribute.hidden ? undefined : attributeValue(instance, attribute)
    if (value !== undefined) values[attribute.name] = notation.value(value, undefined)
  }
}

function attributeValue(instance: object, { name, readsAny, compute, fields }: ModelAttribute): unknown {
  if (compute !== null && !readsAny && !fields.every((field) => isHeld(instance, field))) return undefined
  try {
    return asRecord(instance)[name]
  } catch (error) {
    if (readsAny && (error instanceof FieldNotLoadedError || error instanceof RelationNotLoadedError)) return undefined
    throw error
  }
}

/** The columns that the current language stands for. */
const spokenFor = (instance: object, { translations }: ModelMetadata) =>
  new Set(
    translations
      .filter(({ hidden, fields }) => !hidden && fields.every((field) => isHeld(instance, field)))
      .flatMap(({ fields }) => fields),
  )

/** `above` holds the instances on the way here: one of them met again is left out, so that circles end. */
function plain(
  instance: object,
  metadataOf: MetadataOf,
  notation: ValueNotation,
  above: readonly object[],
): PlainValuesByName {
  const meta = metadataOf(instance)
  const values: PlainValuesByName = {}
  const left = meta.translations.length === 0 || notation.everyLocale ? null : spokenFor(instance, meta)
  for (const field of meta.fields) {
    if (left?.has(field) === true) continue
    if (field.hidden || !Object.hasOwn(instance, field.name)) continue
    const value = asRecord(instance)[field.name]
    if (value !== undefined) values[field.name] = notation.value(value, scaleOf(field))
  }
  if (meta.attributes.size > 0) putAttributes(values, instance, meta, notation)
  const names = namedValues(instance)
  const scales = scalesOf(names)
  for (const name of names) values[name] = inside(name, asRecord(instance)[name], notation, scales)
  const path = [...above, instance]
  let index = 0
  for (const name of meta.relations.keys()) {
    const value = loadedValue(instance, index++)
    if (value === undefined) continue
    if (value instanceof NoRow) values[name] = null
    else if (Array.isArray(value))
      values[name] = value
        .filter((row: object) => !path.includes(row))
        .map((row: object) => plain(row, metadataOf, notation, path))
    else if (isRecord(value) && !path.includes(value)) values[name] = plain(value, metadataOf, notation, path)
  }
  return values
}
