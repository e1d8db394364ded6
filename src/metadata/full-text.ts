import type { FullTextIndex } from '../ast/full-text.js'
import { DefinitionError } from '../errors.js'
import { memo } from '../util/memo.js'
import { type OptionType, object, optionReader } from '../util/options.js'
import { shortName } from '../util/short-name.js'
import { type IndexOption, indexesOf, indexField } from './indexes.js'
import type { ModelMetadata } from './metadata.js'
import type { ModelField } from './model-field.js'

interface FullTextOptions {
  readonly language: string
  readonly weights: object
}

const word: OptionType<string> = {
  wants: "the name of a language: 'english'",
  accepts: (value): value is string => typeof value === 'string' && /^[a-z][a-z_]*$/.test(value),
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
    return fullText === undefined || fullText === false ? [] : [indexOf(meta, option, fullText)]
  })
}

function indexOf(meta: ModelMetadata, option: IndexOption, fullText: true | object): FullTextIndex {
  const what = `The full-text index of "${meta.name}"`
  const { unique, where, method, name } = option
  if (unique === true || where !== undefined || method !== undefined)
    throw new DefinitionError(`${what} can't have unique, where or method. Declare another index for those.`)
  if (new Set(option.fields).size < option.fields.length) throw new DefinitionError(`${what} names a field twice.`)
  const fields = option.fields.map((each) => textField(meta, each))
  const columns = fields.map(({ column }) => column)
  const reserved = columns.find((column) => RESERVED.has(column.toLowerCase()))
  if (reserved !== undefined)
    throw new DefinitionError(
      `${what} has a column "${reserved}", a name that such an index reserves. Set another { column }.`,
    )
  const { language, weights } = readOptions(fullText === true ? undefined : fullText, `fullText of "${meta.name}"`)
  const [key, ...more] = meta.primaryKey
  if (key === undefined) throw new DefinitionError(`${what} needs a primary key.`)
  return {
    name: name ?? shortName([meta.table, ...columns, 'fulltext'].join('_')),
    table: meta.table,
    columns,
    primaryKey: meta.primaryKey.map(({ column }) => column),
    keyTypes: meta.primaryKey.map(({ dataType }) => dataType),
    isNumbered: more.length === 0 && isInteger(key),
    language: language === undefined || language === 'simple' ? null : language,
    weights: weights === undefined ? null : weightsOf(meta, fields, weights),
  }
}

const isInteger = ({ dataType: { name, sql } }: ModelField) =>
  sql === undefined && (name === 'smallInteger' || name === 'integer' || name === 'bigInteger')

function textField(meta: ModelMetadata, name: string): ModelField {
  const field = indexField(meta, name)
  if (['string', 'text', 'char'].includes(field.dataType.name)) return field
  throw new DefinitionError(`${field} is no text, so it can't be in a full-text index.`)
}

function weightsOf(meta: ModelMetadata, fields: readonly ModelField[], given: object): readonly number[] {
  const weights = new Map<string, unknown>(Object.entries(given))
  for (const [name, weight] of weights) {
    if (!fields.some((field) => field.name === name))
      throw new DefinitionError(
        `The weights of a full-text index of "${meta.name}" name "${name}", which is not one of its fields.`,
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
