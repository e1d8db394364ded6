import { type DataTypeName, elementOf, TEXT_TYPES, type ValueType } from '../../ast/data-type.js'
import { ValidationError } from '../../errors.js'
import type { ModelField } from '../../metadata/model-field.js'
import { foundIssues } from '../../util/issues.js'
import { comparedType } from '../expression/number-types.js'
import { fromJson, messageFor } from './from-json.js'

/** Characters of one text in a filter. */
const LONGEST = 10_000

const INTEGER = /^-?\d{1,10}$/
const NUMBER = /^-?\d{1,400}(\.\d{1,400})?(e[+-]?\d{1,3})?$/i

/** What is wrong with a part of a filter. */
export class Wrong {
  constructor(
    readonly code: string,
    readonly message: string,
  ) {}
}

/** A value of a request as the field's own: what JSON has no form for, and what a query string has as text, is read. */
export function filterValue(type: ValueType, given: unknown): unknown {
  const element = elementOf(type)
  if (element !== null) return filterArray(element, given)
  const wrong = scalarIssue(given)
  if (wrong !== null) return wrong
  const value = castTo(type, fromJson(type as ModelField, fromText(type, given)))
  try {
    comparedType(type)?.check(value)
    return value
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error
    const { code = 'type', message = 'is not a value of the field' } = foundIssues(error)[0] ?? {}
    return new Wrong(code, messageFor(type, code, message))
  }
}

/** The most elements of an array in a filter. */
const MOST_ELEMENTS = 1000

function filterArray(element: ValueType, given: unknown): unknown {
  if (!Array.isArray(given)) return new Wrong('type', 'must be a list of values')
  if (given.length > MOST_ELEMENTS) return new Wrong('size', `must have at most ${MOST_ELEMENTS} elements`)
  const list = Array.from(given, (each) => (each === null ? null : filterValue(element, each)))
  return list.find((each) => each instanceof Wrong) ?? list
}

/** What a text is searched for, or a value that an array contains. */
export function filterContent(type: ValueType, given: unknown): unknown {
  const element = elementOf(type)
  return element === null ? filterText(given) : filterValue(element, given)
}

/** What a text is searched for. */
function filterText(given: unknown): unknown {
  if (typeof given !== 'string') return new Wrong('type', 'must be a string')
  return given.isWellFormed()
    ? (scalarIssue(given) ?? given)
    : new Wrong('type', 'has an invalid Unicode character (half of a surrogate pair)')
}

function scalarIssue(given: unknown): Wrong | null {
  if (typeof given === 'string')
    return given.length > LONGEST ? new Wrong('length', `must have at most ${LONGEST} characters`) : null
  return typeof given === 'number' || typeof given === 'boolean' ? null : new Wrong('type', 'must be a single value')
}

function fromText({ dataType: { name, values } }: ValueType, given: unknown): unknown {
  if (typeof given !== 'string') return given
  if ((name === 'smallInteger' || name === 'integer') && INTEGER.test(given)) return Number(given)
  if ((name === 'float' || name === 'number') && NUMBER.test(given)) return Number(given)
  if (name === 'boolean' && (given === 'true' || given === 'false')) return given === 'true'
  if (name === 'enum' && values?.includes(given) === false && NUMBER.test(given)) return Number(given)
  return given
}

/** A field's own conversions; other types have none. */
function castTo(type: ValueType, value: unknown): unknown {
  const cast = (type as Partial<ModelField>).kind?.cast
  return cast === undefined ? value : cast(value)
}

const UNORDERED: ReadonlySet<DataTypeName> = new Set(['boolean', 'binary', 'json', 'vector', 'array'])
const ORDERING = new Set(['<', '<=', '>', '>=', 'between', 'not between'])
const EQUALITY = new Set(['=', '!=', 'in', 'not in'])

/** Whether an operator makes sense for a type, on every database. */
export function suits({ dataType: { name, secret } }: ValueType, operator: string): boolean {
  if (secret !== undefined) return false
  if (name === 'array') return operator === '=' || operator === '!=' || operator === 'contains'
  if (EQUALITY.has(operator)) return name !== 'json' && name !== 'vector'
  return ORDERING.has(operator) ? !UNORDERED.has(name) : TEXT_TYPES.has(name)
}

const UNSORTED: ReadonlySet<DataTypeName> = new Set(['json', 'vector', 'array'])

/** Whether rows can be put in the order of a type, on every database. */
export const isSortable = ({ dataType }: ValueType): boolean => !UNSORTED.has(dataType.name)
