import type { ValueType } from '../../ast/data-type.js'
import type { ExpressionNode } from '../../ast/expression.js'
import { type Issue, UsageError, ValidationError } from '../../errors.js'
import { at } from '../../util/list.js'
import type { Context } from '../columns/context.js'
import { OPERATORS } from '../expression/operators.js'
import { filterOptions } from '../options.js'
import { type AllowedNames, typeOfKey, visibleFields } from './allowed.js'
import { filterContent, filterValue, suits, Wrong } from './filter-value.js'
import { keyedCondition } from './where.js'

const MOST_CONDITIONS = 200
/** Values of all lists together. */
const MOST_VALUES = 1000
/** Problems that are reported; more would only be work. */
const MOST_ISSUES = 100
/** Lists around a condition. */
const DEEPEST = 10

const NULL_TESTS: ReadonlyMap<unknown, string> = new Map([
  ['is null', '='],
  ['is not null', '!='],
])
const LISTS = new Set(['in', 'not in'])
const RANGES = new Set(['between', 'not between'])
const COMPARES = new Set(['=', '!=', '<', '<=', '>', '>='])
const REGEX = /^(.+):(regex|iregex)$/
const NAMES = [...OPERATORS.keys(), ...NULL_TESTS.keys()].join(', ')

/** The condition of a filter from a client; null: the filter is empty. Throws one ValidationError with all problems. */
export function filterCondition(context: Context, json: unknown, options: unknown): ExpressionNode | null {
  const { allow = [], only } = filterOptions(options)
  const reader = new FilterReader(context, allow, only)
  const node = reader.read(json)
  if (reader.issues.length > 0) throw new ValidationError(context.meta.name, reader.issues)
  return node
}

/** A field that is compared, and where in the filter. */
interface Comparison {
  readonly key: string
  readonly type: ValueType
  readonly operator: string
  readonly path: string
}

class FilterReader {
  readonly issues: Issue[] = []
  readonly #keys: AllowedNames
  /** `field:regex` for each that is allowed. */
  readonly #regexes = new Set<string>()
  #conditions = 0
  #values = 0
  /** Lists of all kinds. */
  #lists = 0
  /** The whole is beyond a bound. */
  #tooMuch = false

  constructor(
    readonly context: Context,
    allow: readonly string[],
    /** Exactly these keys, instead of all fields that are not hidden. */
    only: readonly string[] | undefined,
  ) {
    const keys = only === undefined ? visibleFields(context) : new Map<string, ValueType>()
    for (const entry of [...(only ?? []), ...allow]) {
      const [, field, operator] = REGEX.exec(entry) ?? []
      const key = field ?? entry
      const type = typeOfKey(context, key)
      keys.set(key, type)
      if (operator === undefined) continue
      if (!suits(type, operator))
        throw new UsageError(
          `The options of filter() have "${entry}", which is not a text field. Regular expressions only work with text.`,
        )
      this.#regexes.add(entry)
    }
    this.#keys = keys
  }

  read(json: unknown): ExpressionNode | null {
    if (Array.isArray(json)) return this.#item(json, 'filter', 0)
    return this.#wrong('filter', 'type', 'must be a list: [field, operator, value], or a list of such lists')
  }

  /** A condition, a negation, or a list of items with "and" and "or" between them. */
  #item(given: readonly unknown[], path: string, depth: number): ExpressionNode | null {
    if (depth > DEEPEST) return this.#wrong(path, 'depth', `is nested more than ${DEEPEST} lists deep`)
    if (++this.#lists > MOST_VALUES) return this.#wrong('filter', 'size', `has more than ${MOST_VALUES} lists`)
    if (!this.#isWhole(given, path)) return null
    const [first, second] = given
    if (typeof first !== 'string') return this.#list(given, path, depth)
    if (first !== 'not' || given.length !== 2 || !Array.isArray(second)) return this.#condition(given, path)
    const item = this.#item(second, `${path}[1]`, depth + 1)
    return item === null ? null : { kind: 'not', item }
  }

  #list(given: readonly unknown[], path: string, depth: number): ExpressionNode | null {
    const groups: ExpressionNode[][] = [[]]
    for (const [i, item] of given.entries()) {
      const at = `${path}[${i}]`
      if (item === 'and' || item === 'or') {
        if (!Array.isArray(given[i - 1]) || !Array.isArray(given[i + 1]))
          this.#wrong(at, 'type', 'must stand between two conditions')
        else if (item === 'or') groups.push([])
      } else if (Array.isArray(item)) {
        const node = this.#item(item, at, depth + 1)
        if (node !== null) groups.at(-1)?.push(node)
      } else this.#wrong(at, 'type', 'must be a condition, a list of conditions, "and" or "or"')
      if (this.#isFull) return null
    }
    const all = groups.filter((group) => group.length > 0).map((items) => joined('and', items))
    return all.length === 0 ? null : joined('or', all)
  }

  #condition(given: readonly unknown[], path: string): ExpressionNode | null {
    if (++this.#conditions > MOST_CONDITIONS)
      return this.#wrong('filter', 'size', `has more than ${MOST_CONDITIONS} conditions`)
    const [key, operator, value] = given
    const nullTest = NULL_TESTS.get(operator)
    const short = nullTest !== undefined && (given.length === 2 || (given.length === 3 && value === null))
    if (given.length !== 3 && !short) return this.#wrong(path, 'type', 'must be [field, operator, value]')
    const type = typeof key === 'string' ? this.#keys.get(key) : undefined
    if (type === undefined) this.#wrong(`${path}[0]`, 'unknown', 'is not a field that can be filtered by')
    if (nullTest !== undefined) {
      if (!short) return this.#wrong(path, 'type', `takes no value with "${String(operator)}"`)
      return type === undefined ? null : keyedCondition(this.context, key, nullTest, null)
    }
    if (typeof operator !== 'string' || !OPERATORS.has(operator))
      return this.#wrong(`${path}[1]`, 'unknown', `is not an operator; operators are ${NAMES}`)
    return typeof key !== 'string' || type === undefined ? null : this.#compared({ key, type, operator, path }, value)
  }

  #compared({ key, type, operator, path }: Comparison, given: unknown): ExpressionNode | null {
    const isRegex = operator === 'regex' || operator === 'iregex'
    if (!suits(type, operator) || (isRegex && !this.#regexes.has(`${key}:${operator}`)))
      return this.#wrong(`${path}[1]`, 'unknown', 'is not an operator that this field may be filtered with')
    const before = this.issues.length
    const value = this.#valueOf(type, operator, given, `${path}[2]`)
    if (this.issues.length > before) return null
    return keyedCondition(this.context, key, operator, value)
  }

  #valueOf(type: ValueType, operator: string, given: unknown, path: string): unknown {
    if (LISTS.has(operator)) return this.#listOf(type, given, path, null)
    if (RANGES.has(operator)) return this.#listOf(type, given, path, 2)
    if (!COMPARES.has(operator)) return this.#noted(filterContent(type, given), path)
    if (given === null && (operator === '=' || operator === '!=')) return null
    return this.#noted(filterValue(type, given), path)
  }

  /** A list of values; null is one of them where it is not the end of a range. */
  #listOf(type: ValueType, given: unknown, path: string, length: number | null): unknown {
    if (!Array.isArray(given) || (length !== null && given.length !== length))
      return this.#wrong(path, 'type', length === null ? 'must be a list of values' : 'must be a list of two values')
    this.#values += given.length
    if (!this.#isWhole(given, path)) return null
    if (this.#values > MOST_VALUES)
      return this.#wrong(path, 'size', `makes the lists of the filter hold more than ${MOST_VALUES} values`)
    return given.map((value, i) =>
      value === null && length === null ? null : this.#noted(filterValue(type, value), `${path}[${i}]`),
    )
  }

  #noted(value: unknown, path: string): unknown {
    return value instanceof Wrong ? this.#wrong(path, value.code, value.message) : value
  }

  /** Without gaps and members of its own, and not beyond all bounds. */
  #isWhole(given: readonly unknown[], path: string): boolean {
    if (given.length > MOST_VALUES) this.#wrong(path, 'size', `has more than ${MOST_VALUES} members`)
    else if (Object.keys(given).length !== given.length) this.#wrong(path, 'type', 'must be a list without gaps')
    else return true
    return false
  }

  #wrong(path: string, code: string, message: string): null {
    if (!this.#isFull) this.issues.push({ path, code, message })
    if (path === 'filter') this.#tooMuch = true
    return null
  }

  get #isFull(): boolean {
    return this.#tooMuch || this.issues.length >= MOST_ISSUES
  }
}

function joined(operator: 'and' | 'or', items: readonly ExpressionNode[]): ExpressionNode {
  return items.length === 1 ? at(items, 0) : { kind: 'logic', operator, items }
}
