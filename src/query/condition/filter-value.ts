import type { DataTypeName, ValueType } from '../../ast/data-type.js'
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

/** What a text is searched for. */
export function filterText(given: unknown): unknown {
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

const TEXTS: ReadonlySet<DataTypeName> = new Set(['string', 'text', 'char'])
const UNORDERED: ReadonlySet<DataTypeName> = new Set(['boolean', 'binary', 'json', 'vector'])
const ORDERING = new Set(['<', '<=', '>', '>=', 'between', 'not between'])
const EQUALITY = new Set(['=', '!=', 'in', 'not in'])

/** Whether an operator makes sense for a type, on every database. */
export function suits({ dataType: { name, secret } }: ValueType, operator: string): boolean {
  if (secret !== undefined) return false
  if (EQUALITY.has(operator)) return name !== 'json' && name !== 'vector'
  return ORDERING.has(operator) ? !UNORDERED.has(name) : TEXTS.has(name)
}

/** Whether rows can be put in the order of a type, on every database. */
export const isOrdered = ({ dataType }: ValueType): boolean => dataType.name !== 'json' && dataType.name !== 'vector'
