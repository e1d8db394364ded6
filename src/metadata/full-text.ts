import type { FullTextIndex } from '../ast/full-text.js'
import { DefinitionError } from '../errors.js'
import { plainLocale } from '../util/locale.js'
import { memo } from '../util/memo.js'
import { type OptionType, object, optionReader } from '../util/options.js'
import { isPlainObject } from '../util/own.js'
import { shortName } from '../util/short-name.js'
import { type IndexOption, indexesOf, indexField } from './indexes.js'
import type { ModelMetadata } from './metadata.js'
import type { ModelField } from './model-field.js'

interface FullTextOptions {
  /** For translated fields one for each language of the texts. */
  readonly language: string | object
  readonly weights: object
}

const isWord = (value: unknown): value is string => typeof value === 'string' && /^[a-z][a-z_]*$/.test(value)
const word: OptionType<string | object> = {
  wants: "the name of a language: 'english', or for translated fields one for each: { en: 'english' }",
  accepts: (value): value is string | object =>
    isWord(value) || (isPlainObject(value) && Object.values(value).every(isWord)),
}
const readOptions = optionReader<FullTextOptions>('fullText', { language: word, weights: object }, DefinitionError)

/** PostgreSQL distinguishes so many weights. */
const MOST_WEIGHTS = 4

/** Names of columns that FTS5 keeps for itself. */
const RESERVED: ReadonlySet<string> = new Set(['rank', 'rowid'])

const known = new WeakMap<ModelMetadata, readonly FullTextIndex[]>()

/** The full-text indexes of a model. */
export const fullTextOf = (meta: ModelMetadata): readonly FullTextIndex[] => memo(known, meta, build)

function build(meta: ModelMetadata): readonly FullTextIndex[] {
  return indexesOf(meta).flatMap((option) => {
    const { fullText } = option
    return fullText === undefined || fullText === false ? [] : indexesFor(meta, option, fullText)
  })
}

/** An index of translated fields is one for each language, over the columns of that language. */
function indexesFor(meta: ModelMetadata, option: IndexOption, fullText: true | object): FullTextIndex[] {
  const translations = option.fields.flatMap((name) => meta.attributes.get(name)?.translation ?? [])
  const [first] = translations
  const read = readOptions(fullText === true ? undefined : fullText, `fullText of "${meta.name}"`)
  if (first === undefined) {
    if (typeof read.language === 'object')
      throw new DefinitionError(
        `The full-text index of "${meta.name}" has no translated field, so it has one language: { language: 'english' }.`,
      )
    return [indexOf(meta, option, read)]
  }
  const locales = first.locales
  if (translations.some((each) => each.locales.join() !== locales.join()))
    throw new DefinitionError(
      `The full-text index of "${meta.name}" is over translated fields of different languages. Declare an index for each of them.`,
    )
  const unknown = Object.keys(typeof read.language === 'object' ? read.language : {}).find(
    (name) => !locales.includes(plainLocale(name)),
  )
  if (unknown !== undefined)
    throw new DefinitionError(
      `The full-text index of "${meta.name}" names the language "${unknown.slice(0, 40)}", for which its fields have no column. Add it to { locales } of the fields, or remove it here.`,
    )
  return locales.map((locale, i) => indexOf(meta, inLocale(meta, option, locale, i), weightsIn(meta, read, locale, i)))
}

const partIn = (meta: ModelMetadata, name: string, place: number): string =>
  meta.attributes.get(name)?.translation?.fields[place]?.name ?? name

const inLocale = (meta: ModelMetadata, option: IndexOption, locale: string, place: number): IndexOption => ({
  ...option,
  fields: option.fields.map((name) => partIn(meta, name, place)),
  ...(option.name !== undefined && { name: `${option.name}_${locale.replaceAll('-', '_')}` }),
})

/** The options of one language. */
function weightsIn(
  meta: ModelMetadata,
  { language, weights }: Partial<FullTextOptions>,
  locale: string,
  place: number,
): Partial<FullTextOptions> {
  const named = (given: object) => Object.entries(given).map(([name, each]) => [partIn(meta, name, place), each])
  const own =
    typeof language === 'object' ? Object.entries(language).find(([name]) => plainLocale(name) === locale) : null
  return {
    language: own === null ? language : own?.[1],
    ...(weights !== undefined && { weights: Object.fromEntries(named(weights)) }),
  }
}

function indexOf(
  meta: ModelMetadata,
  option: IndexOption,
  { language, weights }: Partial<FullTextOptions>,
): FullTextIndex {
  const what = `The full-text index of "${meta.name}"`
  const { unique, where, method, name } = option
  if (unique === true || where !== undefined || method !== undefined)
    throw new DefinitionError(`${what} can't have unique, where or method. Declare another index for those.`)
  if (new Set(option.fields).size < option.fields.length)
    throw new DefinitionError(`${what} names a field twice. Remove one of them.`)
  const fields = option.fields.map((each) => textField(meta, each))
  const columns = fields.map(({ column }) => column)
  const reserved = columns.find((column) => RESERVED.has(column.toLowerCase()))
  if (reserved !== undefined)
    throw new DefinitionError(
      `${what} has a column "${reserved}", a name that such an index reserves. Set another { column }.`,
    )
  const [key, ...more] = meta.primaryKey
  if (key === undefined || meta.keyless)
    throw new DefinitionError(
      `${what} needs a primary key. Set { primaryKey: true } on a field of a model that is not keyless.`,
    )
  return {
    name: name ?? shortName([meta.table, ...columns, 'fulltext'].join('_')),
    table: meta.table,
    columns,
    primaryKey: meta.primaryKey.map(({ column }) => column),
    keyTypes: meta.primaryKey.map(({ dataType }) => dataType),
    isNumbered: more.length === 0 && isInteger(key),
    language: typeof language !== 'string' || language === 'simple' ? null : language,
    weights: weights === undefined ? null : weightsOf(meta, fields, weights),
  }
}

const isInteger = ({ dataType: { name, sql } }: ModelField) =>
  sql === undefined && (name === 'smallInteger' || name === 'integer' || name === 'bigInteger')

function textField(meta: ModelMetadata, name: string): ModelField {
  const field = indexField(meta, name)
  if (['string', 'text', 'char'].includes(field.dataType.name)) return field
  throw new DefinitionError(
    `${field} is no text, so it can't be in a full-text index. List fields of strings and texts only.`,
  )
}

function weightsOf(meta: ModelMetadata, fields: readonly ModelField[], given: object): readonly number[] {
  const weights = new Map<string, unknown>(Object.entries(given))
  for (const [name, weight] of weights) {
    if (!fields.some((field) => field.name === name))
      throw new DefinitionError(
        `The weights of a full-text index of "${meta.name}" name "${name}", which is not one of its fields. Add it to the fields, or remove its weight.`,
      )
    if (typeof weight !== 'number' || !Number.isFinite(weight) || weight <= 0)
      throw new DefinitionError(`The weight of "${meta.name}.${name}" must be a number above 0.`)
  }
  const all = fields.map(({ name }) => (weights.get(name) as number | undefined) ?? 1)
  if (new Set(all).size > MOST_WEIGHTS)
    throw new DefinitionError(
      `The full-text index of "${meta.name}" has more than ${MOST_WEIGHTS} different weights. Give some fields the same weight.`,
    )
  return all
}
