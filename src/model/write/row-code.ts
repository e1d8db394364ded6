import { hiddenValue } from '../../hydrate/state.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { canGenerate } from '../../util/generate.js'
import { at } from '../../util/list.js'
import { type Attributes, isUnchanged } from './values.js'

/** Assigns values, by field position, to a new instance. The third argument provides missing values. */
export type Filler = (instance: Attributes, values: readonly unknown[], initial: (place: number) => unknown) => void

/**
 * Fills an instance directly from data. `size` is the number of keys of the data. Returns false and does nothing unless every
 * key belongs to an ordinary field. Null if code can't be generated.
 */
export type QuickFiller =
  | ((instance: Attributes, data: Attributes, size: number, initial: (place: number) => unknown) => boolean)
  | null

/** Reads an instance into canonical values by position. The third argument reads the values that are not obviously valid. */
export type Reader<C> = (
  instance: Attributes,
  row: unknown[],
  slow: (instance: Attributes, place: number, value: unknown, context: C) => unknown,
  context: C,
) => void

let plans = 0

/** Generates code that assigns all fields in the model's order, so that all instances share one hidden class. */
export function createFiller({ fields }: ModelMetadata): Filler {
  const casts = fields.map((field) => field.kind.cast ?? null)
  if (canGenerate()) {
    const lines = fields.map((field, i) => `v = values[${i}]; ${assignment(field, i, 'v')}`)
    return generate('[casts, quick]', `(o, values, initial) => { let v\n${lines.join('\n')}\n}`, [
      casts,
      quickTests(fields),
    ])
  }
  return (instance, values, initial) => {
    for (let i = 0; i < fields.length; i++) {
      const value = values[i]
      const cast = casts[i]
      instance[at(fields, i).name] = value === undefined ? initial(i) : value === null || !cast ? value : cast(value)
    }
  }
}

export function createQuickFiller({ fields }: ModelMetadata): QuickFiller {
  if (!canGenerate()) return null
  const casts = fields.map((field) => field.kind.cast ?? null)
  // defaults come last, so that their functions run only for missing values, and once
  const read = fields.map(({ name, guarded }, i) =>
    guarded ? '' : `const v${i} = d[${JSON.stringify(name)}]; if (v${i} !== undefined) n++`,
  )
  const put = fields.map((field, i) =>
    field.guarded ? `o[${JSON.stringify(field.name)}] = initial(${i})` : assignment(field, i, `v${i}`),
  )
  // Object.prototype has such a name: then the own keys must be checked one by one
  const isPolluted = fields.map(({ name }) => `${JSON.stringify(name)} in all`).join(' || ')
  const code = [
    `if (${isPolluted}) return false`,
    'let n = 0',
    ...read,
    'if (n !== size) return false',
    ...put,
    'return true',
  ].join('\n')
  const given = [casts, quickTests(fields), Object.prototype]
  return generate('[casts, quick, all]', `(o, d, size, initial) => { ${code} }`, given)
}

function assignment(field: ModelField, place: number, v: string): string {
  const target = `o[${JSON.stringify(field.name)}]`
  const missing = `${v} === undefined ? initial(${place})`
  if (field.kind.cast === undefined) return `${target} = ${missing} : ${v}`
  const isRight = accepted(field, v, place) ?? `${v} === null`
  return `${target} = ${missing} : ${isRight} || ${v} === null ? ${v} : casts[${place}](${v})`
}

const generate = <T>(name: string, code: string, value: unknown): T =>
  new Function(name, `/* ${++plans} */ return ${code}`)(value)

/**
 * Creates a function that turns canonical values, by field position, into parameters in the order of these fields. An encoder
 * of null binds the value as it is.
 */
export function createEncoder(
  fields: readonly ModelField[],
  encoders: readonly (((canonical: unknown) => unknown) | null)[],
): (row: readonly unknown[]) => unknown[] {
  if (canGenerate()) {
    const items = fields.map(({ index }, i) =>
      encoders[i] === null ? `r[${index}]` : `r[${index}] === null ? null : e[${i}](r[${index}])`,
    )
    return generate('e', `(r) => [${items.join(', ')}]`, encoders)
  }
  return (row) =>
    fields.map(({ index }, i) => {
      const encode = encoders[i] ?? null
      return encode === null || row[index] === null ? row[index] : encode(row[index])
    })
}

/** The value that an instance has for a field. An encrypted value that was not read yet is returned in its encrypted form. */
export const heldOf = (field: ModelField, instance: Attributes): unknown =>
  field.kind.hold === undefined ? instance[field.name] : heldValue(instance, field.name)

const heldValue = (instance: Attributes, name: string): unknown =>
  Object.hasOwn(instance, name) ? instance[name] : hiddenValue(instance, name)

/** Returns the positions of the fields that differ from a full row, null if none do. */
export type DirtyCheck = (instance: Attributes, row: readonly unknown[]) => number[] | null

/** Generates code that compares all fields with their originals. */
export function createDirtyCheck({ fields }: ModelMetadata): DirtyCheck {
  if (canGenerate()) return comparison(fields, 'null', (i) => `(c ??= []).push(${i})`)
  return (instance, row) => {
    const changed = fields.filter((field, i) => !isUnchanged(field, heldOf(field, instance), row[i] ?? null))
    return changed.length === 0 ? null : changed.map((field) => field.index)
  }
}

/** Returns the changed fields as the bits of a number. */
export type DirtyBits = (instance: Attributes, row: readonly unknown[]) => number

/** The most fields that bits can name. */
const BITS = 31

/** Returns null for models with more fields, and if code can't be generated. */
export function createDirtyBits({ fields }: ModelMetadata): DirtyBits | null {
  if (fields.length > BITS || !canGenerate()) return null
  return comparison(fields, '0', (i) => `c |= ${1 << i}`)
}

function comparison<T>(fields: readonly ModelField[], none: string, note: (place: number) => string): T {
  const tests = fields.map((field) => (value: unknown, original: unknown) => isUnchanged(field, value, original))
  const lines = fields.map(
    (field, i) => `v = ${heldIn(field)}; if (${changed(field, `r[${i}]`, `tests[${i}](v, r[${i}])`)}) ${note(i)}`,
  )
  return generate('[tests, held]', `(o, r) => { let v, c = ${none}\n${lines.join('\n')}\nreturn c }`, [
    tests,
    heldValue,
  ])
}

/** Code that reads a value. It does not decrypt an encrypted value, because an unchanged one can be recognized without that. */
function heldIn({ name, kind }: ModelField): string {
  const text = JSON.stringify(name)
  return kind.hold === undefined ? `o[${text}]` : `held(o, ${text})`
}

/** The negation of `isUnchanged` as code. It only calls the function if an expression is not enough. */
function changed({ kind, dataType }: ModelField, original: string, isSame: string): string {
  if (kind.snapshot === 'date') return `!(v instanceof Date && v.getTime() === ${original}) && !${isSame}`
  if (kind.snapshot !== 'value') return `!${isSame}`
  const differs = dataType.name === 'float' ? `!Object.is(v, ${original})` : `v !== ${original}`
  return `${differs} && (v !== undefined || ${original} !== null)`
}

/** Generates code that checks common values directly and passes all others (null, invalid, special) to `slow`. */
export function createReader<C>({ fields }: ModelMetadata): Reader<C> {
  if (!canGenerate()) {
    return (instance, row, slow, context) => {
      for (let i = 0; i < fields.length; i++) row[i] = slow(instance, i, instance[at(fields, i).name], context)
    }
  }
  const lines = fields.map((field, i) => {
    const test = asItIs(field, i)
    const slow = `slow(o, ${i}, v, context)`
    return `v = o[${JSON.stringify(field.name)}]; row[${i}] = ${test === '' ? slow : `${test} ? v : ${slow}`}`
  })
  const code = `(o, row, slow, context) => { let v\n${lines.join('\n')}\n}`
  return generate('quick', code, quickTests(fields))
}

/** Code that tests whether a value is stored unchanged. Undefined passes too if the row may lack the value. */
function asItIs(field: ModelField, place: number): string {
  const tests = [accepted(field, 'v', place) ?? '']
  if (field.nullable && !field.nullIsValue) tests.push('v === null')
  if (field.filledByDatabase && field.kind.automatic === undefined) tests.push('v === undefined')
  return tests.filter((test) => test !== '').join(' || ')
}

/** Whether a value is canonical and passes all rules of its field. */
export type ValueTest = (value: unknown) => boolean

/** A test of the common values of each field, null if there is none. */
export function createTests({ fields }: ModelMetadata): (ValueTest | null)[] {
  return fields.map((field, i) => {
    const test = canGenerate() ? accepted(field, 'v', i) : null
    return test === null ? null : generate('quick', `(v) => ${test}`, quickTests(fields))
  })
}

const quickTests = (fields: readonly ModelField[]) => fields.map((field) => field.kind.acceptsValue ?? null)

/** Code that tests whether a value is canonical and passes all rules of its field. Null if there is no such test. */
function accepted(field: ModelField, value: string, place: number): string | null {
  const { accepts, acceptsValue, rules, acceptsRules } = field.kind
  const { choices, validate, allowEmpty } = field.options
  if (choices !== undefined || validate !== undefined || allowEmpty !== undefined) return null
  if (rules !== undefined && acceptsRules !== true) return null
  if (acceptsValue !== undefined) return `quick[${place}](${value})`
  return accepts?.(value) ?? null
}
