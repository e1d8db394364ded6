import pluralize from 'pluralize'
import { isBundled, isMinified } from '../metadata/class-name.js'
import { tableName } from '../metadata/naming.js'
import { isDeviceName } from '../util/device-name.js'
import { lowerFirst, toSnakeCase, upperFirst } from '../util/names.js'

// Chooses names of classes, fields and files for tables and columns with any names. The same database always gives the same
// names.

/** Matches words. Other numeric characters, as in `m²`, can't be part of identifiers. */
const WORD = /[\p{L}\p{Nd}\p{Nl}]+/gu

/** The words of a name: `order_items`, `OrderItems` and `Order Details` have two. */
const wordsOf = (name: string): readonly string[] =>
  toSnakeCase(name.normalize('NFC').replace(/['’]/g, '')).match(WORD) ?? []

const camel = (words: readonly string[]): string => words.map((word, i) => (i === 0 ? word : upperFirst(word))).join('')

/** Adds an underscore to names that can't begin an identifier. */
const startable = (name: string) => (/^[\p{ID_Start}_$]/u.test(name) ? name : `_${name}`)

/** Globals that a class of the same name would hide in the files that import it, and the imports of these files. */
const TAKEN: ReadonlySet<string> = new Set(
  [
    'Array ArrayBuffer BigInt Boolean DataView Date Error EvalError Function Generator Infinity Intl',
    'Iterator JSON Map Math NaN Number Object Promise Proxy RangeError Reflect RegExp',
    'Set String Symbol SyntaxError TypeError WeakMap WeakRef WeakSet Atomics Buffer Uint8Array Float32Array',
    'Database Field Model Relation Decimal Any',
  ].flatMap((names) => names.split(' ')),
)

/** The singular of a word. The singular of `s` would be empty. */
const singularOf = (word: string): string => pluralize.singular(word) || word

/** `order_items` → `OrderItem`, `people` → `Person`. */
export function classNameOf(table: string): string {
  const words = wordsOf(table)
  const last = words.at(-1)
  const single = last === undefined ? ['table'] : [...words.slice(0, -1), singularOf(last)]
  const name = startable(single.map(upperFirst).join(''))
  return TAKEN.has(name) ? `${name}Model` : name
}

/** Whether corm derives this table name from the class name. */
export const isDefaultTable = (className: string, table: string): boolean =>
  !isMinified(className) && !isBundled(className) && tableName(className, toSnakeCase) === table

/** `author_id` → `authorId`. */
export function fieldNameOf(column: string): string {
  const words = wordsOf(column)
  return words.length === 0 ? 'column' : startable(camel(words))
}

export const isDefaultColumn = (field: string, column: string): boolean => toSnakeCase(field) === column

/** `OrderItem` → `order-item`, for a file. */
export const fileNameOf = (className: string): string => {
  const name = toSnakeCase(className).replaceAll('_', '-').replace(/^-+/, '')
  return name === '' || name === 'index' || isDeviceName(name) ? `${name}-model` : name
}

/** The name without its key suffix: `authorId` → `author`. Unchanged if there is no such suffix. */
export const withoutKey = (field: string): string => {
  const name = field.replace(/(?:Id|ID|Fk|Key|Code|Uuid)$/, '')
  return name === '' || name === '_' ? field : name
}

export const plural = (name: string): string => {
  const words = toSnakeCase(name).split('_')
  const last = words.at(-1) ?? ''
  return name.slice(0, name.length - last.length) + matchCase(name.slice(name.length - last.length), pluralize(last))
}

const matchCase = (before: string, after: string) => (/^\p{Lu}/u.test(before) ? upperFirst(after) : after)

export const instanceName = (className: string): string => lowerFirst(className)

/** Chooses names that are distinct even if case is ignored. */
export class DistinctNames {
  readonly #taken = new Set<string>()

  constructor(taken: Iterable<string> = []) {
    for (const name of taken) this.#taken.add(name.toLowerCase())
  }

  /** The first free name of these, or else the last one with a number. */
  take(...wanted: readonly string[]): string {
    const free = wanted.find((name) => !this.#taken.has(name.toLowerCase()))
    if (free !== undefined) return this.#keep(free)
    const last = wanted.at(-1) ?? ''
    for (let i = 2; ; i++) if (!this.#taken.has(`${last}${i}`.toLowerCase())) return this.#keep(`${last}${i}`)
  }

  #keep(name: string): string {
    this.#taken.add(name.toLowerCase())
    return name
  }
}
