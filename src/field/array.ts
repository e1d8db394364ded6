import type { DataTypeName, ElementType } from '../ast/data-type.js'
import { DefinitionError } from '../errors.js'
import { listIn } from '../util/expect.js'
import { own } from '../util/own.js'
import { describe, type ElementRules, FieldDescriptor, type FieldKind, type Refuse } from './kind.js'
import { type FieldOptions, LENGTHS, readFieldOptions } from './options.js'

interface Lengths {
  readonly min: number | undefined
  readonly max: number | undefined
}

/** The value of a Date is copied: the one that is remembered must not change with the one that an instance holds. */
const apart = (value: unknown) => (value instanceof Date ? new Date(value) : value)

/** Lists whose elements are values of one field. The canonical value is a list of canonical values and nulls. */
export function arrayKind(element: ElementRules, lengths: Lengths): FieldKind {
  const { kind, options } = element
  const nullable = options.nullable === true
  return {
    dataType: { name: 'array', element: elementTypeOf(kind, nullable) },
    element,
    ...(kind.cast !== undefined && { cast: (value: unknown) => castEach(value, kind) }),
    check(value, refuse) {
      if (!Array.isArray(value)) return refuse('type', `expects an array, not ${describe(value)}`)
      const list: unknown[] = []
      for (let i = 0; i < value.length; i++) list.push(checkElement(value[i], i, { kind, nullable, refuse }))
      return list
    },
    load: (list) =>
      listIn(list).map((each) => (each === null ? null : kind.load === null ? apart(each) : kind.load(each))),
    snapshot: 'canonical',
    same: (value, list) =>
      Array.isArray(value) &&
      value.length === listIn(list).length &&
      listIn(list).every((each, i) => isSameValue(kind, value[i], each)),
    rules(value, add) {
      const { length } = listIn(value)
      const { min, max } = lengths
      if (max !== undefined && length > max) add('length', `must have at most ${max} ${elements(max)}`, { max })
      if (min !== undefined && length < min) add('length', `must have at least ${min} ${elements(min)}`, { min })
    },
  }
}

const elements = (count: number) => (count === 1 ? 'element' : 'elements')

const elementTypeOf = ({ dataType, check, load, cast }: FieldKind, nullable: boolean): ElementType =>
  own({ dataType: own(dataType), nullable, check, load, ...(cast !== undefined && { cast }) })

interface ItemRules {
  readonly kind: FieldKind
  readonly nullable: boolean
  readonly refuse: Refuse
}

function checkElement(value: unknown, place: number, { kind, nullable, refuse }: ItemRules): unknown {
  if (value === undefined) return refuse('required', 'is undefined', place)
  if (value === null)
    return nullable ? null : refuse('required', 'must not be null: the elements of this array are not nullable', place)
  return apart(kind.check(value, (code, message) => refuse(code, message, place)))
}

/** The same array if nothing is to be converted: code may hold it, and go on changing it. */
function castEach(value: unknown, { cast }: FieldKind): unknown {
  if (!Array.isArray(value) || cast === undefined) return value
  const list = Array.from(value, (each) => (each === null || each === undefined ? each : cast(each)))
  return list.some((each, i) => !Object.is(each, value[i])) ? list : value
}

/** Whether a value of this kind equals a canonical one, which may be null. */
export function isSameValue(kind: FieldKind, value: unknown, canonical: unknown): boolean {
  if (value === null || value === undefined || canonical === null) return value === canonical
  if (kind.same !== undefined) return kind.same(value, canonical)
  if (canonical instanceof Date) return value instanceof Date && value.getTime() === canonical.getTime()
  return Object.is(value, kind.load === null ? canonical : kind.load(canonical))
}

/** What is kept as an array of values, and what to use for the rest. */
const REFUSED: Readonly<Record<string, string>> = own({
  array: 'Store lists of lists in Field.json().',
  json: 'Store a list of JSON values in one Field.json().',
  binary: 'Store each of them in a row of a related model.',
  file: 'Store each of them in a row of a related model.',
  image: 'Store each of them in a row of a related model.',
  vector: 'Store each of them in a row of a related model.',
  embedding: 'Store each of them in a row of a related model.',
  password: 'Store each of them in a row of a related model.',
  encrypted: 'Encrypt the whole array: Field.encrypted(Field.array(…)).',
  foreignKey: 'Use a relation: Relation.manyToMany() or Relation.hasMany().',
  oneToOne: 'Use a relation: Relation.manyToMany() or Relation.hasMany().',
  morphKey: 'Use a relation: Relation.morphToMany().',
  morphType: 'Use a relation: Relation.morphToMany().',
  id: 'Use Field.integer().',
  bigId: 'Use Field.bigInteger().',
  softDelete: 'Use Field.dateTime().',
  version: 'Use Field.integer().',
  slug: 'Use Field.string().',
})

const BY_DATA: Readonly<Partial<Record<DataTypeName, string>>> = own({
  json: 'Store a list of JSON values in one Field.json().',
  binary: 'Store each of them in a row of a related model.',
})

/** Options that speak of the column, which is that of the array. */
const OF_COLUMN = [
  'default',
  'dbDefault',
  'generated',
  'stored',
  'unique',
  'index',
  'column',
  'primaryKey',
  'hidden',
  'guarded',
  'readonly',
  'lazy',
  'autoNow',
  'autoNowAdd',
  'auto',
  'autoIncrement',
] as const

function elementRules(of: unknown): ElementRules {
  if (!(of instanceof FieldDescriptor))
    throw new DefinitionError('Field.array() needs the field of its elements first: Field.array(Field.string()).')
  const { type, kind, options } = of
  const call = `Field.array(Field.${type}())`
  const instead = REFUSED[type]
  if (instead !== undefined || typeof kind === 'function')
    throw new DefinitionError(`${call} is not possible. ${instead ?? 'Use a relation.'}`)
  const dataType = own(kind.dataType)
  const other = BY_DATA[dataType.name]
  if (other !== undefined) throw new DefinitionError(`${call} is not possible. ${other}`)
  const wrong = OF_COLUMN.find((name) => options[name] !== undefined && options[name] !== false)
  if (wrong !== undefined)
    throw new DefinitionError(
      `The elements of Field.array() have the option "${wrong}", which is about a column. Give it to the array, or leave it out.`,
    )
  if (dataType.storage !== undefined || dataType.sql !== undefined)
    throw new DefinitionError(
      `The elements of Field.array() can't have a form of storage of their own. Leave out "${dataType.sql === undefined ? 'storage' : 'sql'}".`,
    )
  return own({ kind: own({ ...kind, dataType }), options, dataType })
}

const MEANINGLESS = ['primaryKey', 'choices', 'allowEmpty'] as const

export function arrayField(of: unknown, given: unknown): FieldDescriptor {
  const element = elementRules(of)
  const options = readFieldOptions('Field.array()', given, LENGTHS)
  const wrong = MEANINGLESS.find((name) => options[name] !== undefined && options[name] !== false)
  if (wrong !== undefined)
    throw new DefinitionError(
      `Field.array() takes no option "${wrong}".${wrong === 'choices' ? ' Give it to the field of its elements.' : ''}`,
    )
  const { min, max } = options as FieldOptions & Partial<Lengths>
  if (min !== undefined && max !== undefined && min > max)
    throw new DefinitionError(
      `Field.array() has the limits min ${min} and max ${max}, which no array meets. Make min the lower one.`,
    )
  const kind = arrayKind(element, { min, max })
  return new FieldDescriptor({ type: 'array', options, kind, extraOptions: ['min', 'max'] })
}
