import { ANNOTATION, ARITHMETIC } from '../../ast/bases.js'
import type { CallNode, ExpressionNode, SelectionNode, SelectNode } from '../../ast/expression.js'
import { UsageError } from '../../errors.js'
import { plainTypes } from '../../field/plain-type.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { type RelationMetadata, relationOf } from '../../metadata/relation/resolve.js'
import { at } from '../../util/list.js'
import { isPlainObject } from '../../util/own.js'
import { columnOf } from '../columns/columns.js'
import type { Context } from '../columns/context.js'
import type { Constrain } from '../condition/has.js'
import { Expr } from '../expression/expression.js'
import { callNode } from '../expression/functions.js'
import { pairsOf } from '../link/tie.js'
import { relatedOptions } from '../options.js'
import type { Annotation } from '../shape.js'
import { one } from '../statement/selections.js'
import { refuseName } from './annotate.js'

// `withCount('posts')` and similar steps: a subquery that returns one value of the related rows.

/** A query whose related rows can be asked for a value. */
interface RelatedValues extends Context {
  relatedValue(relation: RelationMetadata, constrain: Constrain | null, call: string, value: SelectionNode): SelectNode
}

/** Which related rows are aggregated, and the name of the value if it was given. */
interface AggregatedRelation {
  readonly relation: RelationMetadata
  readonly as: string | undefined
  readonly where: Constrain | null
}

/** What `withCount` adds: the number of related rows. */
export const relatedCounts = (source: RelatedValues, what: readonly unknown[]): Annotation[] =>
  values(source, askedOf(source, 'withCount', what), {
    step: 'withCount',
    ending: 'Count',
    value: resultOf(callNode('count', [])),
  })

/** What `withExists` adds: whether there are related rows. */
export const relatedExists = (source: RelatedValues, what: readonly unknown[]): Annotation[] =>
  values(source, askedOf(source, 'withExists', what), { step: 'withExists', ending: 'Exists', value: null })

type ColumnAggregate = 'sum' | 'avg' | 'min' | 'max'
const STEPS = { sum: 'withSum', avg: 'withAvg', min: 'withMin', max: 'withMax' } as const

/** What `withSum`, `withAvg`, `withMin` and `withMax` add: a value over one field of the related rows. */
export function relatedAggregate(
  source: RelatedValues,
  name: ColumnAggregate,
  [relation, key, options]: readonly [relation: unknown, key: unknown, options: unknown],
): Annotation[] {
  const step = STEPS[name]
  const asked = askedFor(source.meta, step, relation, options)
  const field = fieldIn(asked.relation, step, key)
  const value = resultOf(callNode(name, [new Expr(columnOf(field))]))
  return values(source, [asked], { step, ending: `${capital(name)}${capital(field.name)}`, value })
}

const capital = (text: string) => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`

const resultOf = (call: CallNode): SelectionNode => ({
  kind: 'selection',
  expression: call,
  alias: null,
  type: call.type,
})

/** What a step adds for each relation. */
interface AggregateStep {
  readonly step: string
  /** The suffix of its name. */
  readonly ending: string
  /** Null: whether there are rows at all. */
  readonly value: SelectionNode | null
}

/** Names each value. Throws if a name is taken. */
function values(
  source: RelatedValues,
  asked: readonly AggregatedRelation[],
  { step, ending, value }: AggregateStep,
): Annotation[] {
  const names = new Set<string>()
  return asked.map(({ relation, as, where }) => {
    const name = as ?? `${relation.name}${ending}`
    const help = " Give it one of its own: { as: '…' }."
    refuseName(source, name, `${step}()`, help)
    if (names.has(name)) throw new UsageError(`${step}() names two values "${name}".${help}`)
    names.add(name)
    const call = `${step}('${relation.name}')`
    const counts = where === null && (step === 'withCount' || step === 'withExists')
    const rows = variantsOf(relation).map(
      (each) => (counts ? pairsOf(each, [value ?? one]) : null) ?? source.relatedValue(each, where, call, value ?? one),
    )
    const type = value === null ? plainTypes.boolean : value.type
    return { node: { ...ANNOTATION, name, type }, expression: value === null ? anyOf(rows) : sumOf(rows) }
  })
}

/** One to several models is one to each of them. */
const variantsOf = (relation: RelationMetadata) =>
  relation.variants ? [...relation.variants.byName.values()] : [relation]

function anyOf(rows: readonly SelectNode[]): ExpressionNode {
  const items = rows.map((query): ExpressionNode => ({ kind: 'exists', query }))
  return items.length === 1 ? at(items, 0) : { kind: 'logic', operator: 'or', items }
}

const sumOf = (rows: readonly SelectNode[]): ExpressionNode =>
  rows
    .map((query): ExpressionNode => ({ kind: 'subquery', query }))
    .reduce((left, right) => ({ ...ARITHMETIC, operator: '+', left, right }))

/** Names of relations, or one map of them. */
function askedOf({ meta }: RelatedValues, step: string, what: readonly unknown[]): AggregatedRelation[] {
  const [first] = what
  const isMap = what.length === 1 && isPlainObject(first)
  const named = isMap ? Object.entries(first) : what.map((name) => [name, undefined] as const)
  if (named.length === 0 || named.some(([name]) => typeof name !== 'string'))
    throw new UsageError(
      `${step}() takes names of relations, or one map of them: { ${exampleOf(meta)}: { as: '…', where: q => q.where(…) } }; not both.`,
    )
  return named.map(([name, options]) => askedFor(meta, step, name, isMap ? (options ?? null) : undefined))
}

const exampleOf = ({ relations }: ModelMetadata) => [...relations.keys()][0] ?? 'relation'

function askedFor(meta: ModelMetadata, step: string, name: unknown, given: unknown): AggregatedRelation {
  if (typeof name !== 'string') throw new UsageError(`${step}() takes the name of a relation of "${meta.name}".`)
  if (name.includes('.')) throw pathError(meta, step, name)
  const relation = relationOf(meta, name)
  if (given === undefined) return { relation, as: undefined, where: null }
  const { as, where = null } = relatedOptions(given, `${step}('${relation.name}')`)
  return { relation, as, where }
}

/** Refuses the path of a field, as Django takes it: corm takes the relation and the field as two arguments. */
function pathError(meta: ModelMetadata, step: string, path: string): UsageError {
  const [first = '', ...rest] = path.split('.')
  const field = rest.join('.')
  const takesField = step !== 'withCount' && step !== 'withExists'
  if (takesField && meta.relations.has(first) && relationOf(meta, first).target.hasField(field))
    return new UsageError(
      `${step}() takes the relation and the field as two arguments: ${step}('${first}', '${field}').`,
    )
  return new UsageError(
    `${step}() is about one relation of "${meta.name}"; "${path.slice(0, 100)}" is a path. Load the first with a query that counts the next, with({ posts: q => q.withCount('comments') }), or put a query that selects the value into annotate().`,
  )
}

const NUMBERS: ReadonlySet<string> = new Set(['smallInteger', 'integer', 'bigInteger', 'float', 'decimal'])

function fieldIn({ name, target }: RelationMetadata, step: string, key: unknown): ModelField {
  if (typeof key !== 'string')
    throw new UsageError(`${step}('${name}') needs the name of a field of "${target.name}" as its second argument.`)
  if (key.includes('.') && !target.hasField(key))
    throw new UsageError(
      `${step}('${name}') takes a field of "${target.name}" itself; "${key.slice(0, 100)}" is a path. Use annotate() and fn, which take paths: fn.max(c.${name}.${key.slice(0, 100)}).`,
    )
  const field = target.field(key)
  if ((step === 'withSum' || step === 'withAvg') && !NUMBERS.has(field.dataType.name))
    throw new UsageError(`${field} is not a number, so ${step}() can't use it.`)
  return field
}
