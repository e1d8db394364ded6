import type { Languages } from '../../ast/data-type.js'
import type { ListNode, ParameterNode, SelectionNode } from '../../ast/expression.js'
import type { CompiledQuery } from '../../compiler/compiler.js'
import type { Dialect } from '../../dialect/dialect.js'
import { refuseTooMany } from '../../dialect/parameters.js'
import { boundStatement, type NamedStatement, type StatementTemplate, TEMPLATE } from '../../execution/statement.js'
import { type RowDecoder, rowDecoder } from '../../hydrate/decoder.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import { ModelField } from '../../metadata/model-field.js'
import type { QuerySource, QueryState } from '../../query/runner/runner.js'
import { type GatedQuery, gatedQuery, withScopes } from '../../query/scopes/pass.js'
import type { QueryStep, Shape } from '../../query/shape.js'
import { withComments } from '../../query/statement/ending.js'
import { paddedLength } from '../../util/chunk.js'
import { own } from '../../util/own.js'
import { explainFor } from '../runtime/run.js'
import { runtimeOf } from '../runtime/runtime.js'
import { extrasOf } from './extras.js'
import { RowReader } from './row-reader.js'

interface Slot {
  /** Place of the value among the query's values; -1: a constant of the statement. */
  readonly slot: number
  readonly constant: unknown
  readonly encode: (value: unknown) => unknown
  readonly spread: number | null
}

/** A query's shape, and the dialect that it is compiled for. */
interface PlannedQuery {
  readonly meta: ModelMetadata
  readonly shape: Shape
  readonly dialect: Dialect
}

/** What the dialect's compiler has made of it. */
interface CompiledPlan extends Omit<CompiledQuery, 'bindings'> {
  readonly assembled: GatedQuery
  readonly slots: readonly Slot[]
}

/** A query's shape, compiled for one dialect: what is left to do is to bind values and run. */
export class Plan {
  readonly dialect: Dialect
  readonly sql: string
  /** It reads, and changes settings of the session until its transaction ends. */
  readonly changesSettings: boolean
  /** Its translated fields, whose columns are in the order of one language. */
  readonly languages: readonly Languages[]
  readonly assembled: GatedQuery
  readonly #slots: readonly Slot[]
  readonly #template: StatementTemplate
  #single: StatementTemplate | undefined
  readonly #meta: ModelMetadata
  #decode: RowDecoder | undefined
  #reader: RowReader | undefined

  constructor(
    { meta, shape, dialect }: PlannedQuery,
    { assembled, slots, sql, intent, hasRawSql, changesSettings, languages, uses }: CompiledPlan,
  ) {
    this.dialect = dialect
    this.sql = sql
    this.changesSettings = changesSettings && intent === 'read'
    this.languages = languages
    this.assembled = assembled
    const rows = assembled.selections.length > 0
    this.#template = {
      ...TEMPLATE,
      sql,
      intent,
      prepare: shape.cached,
      rows,
      hasRawSql,
      uses,
      explain: explainFor(meta),
    }
    this.#slots = slots
    this.#meta = meta
  }

  get fields(): readonly ModelField[] | null {
    return this.assembled.fields
  }

  bind(values: readonly unknown[]): unknown[] {
    const slots = this.#slots
    const parameters: unknown[] = []
    for (let i = 0; i < slots.length; i++) {
      const { slot, constant, encode, spread } = slots[i] as Slot
      const value = slot < 0 ? constant : values[slot]
      if (spread === null) parameters.push(encode(value))
      else
        for (let k = 0; k < spread; k++)
          parameters.push(encode((value as unknown[])[Math.min(k, (value as unknown[]).length - 1)]))
    }
    return parameters
  }

  statement(values: readonly unknown[]): NamedStatement {
    return boundStatement(this.#template, this.bind(values))
  }

  /** The same, of a query that finds one row at most. */
  single(values: readonly unknown[]): NamedStatement {
    return boundStatement((this.#single ??= { ...this.#template, single: true }), this.bind(values))
  }

  /** Turns the plan's rows into instances. */
  get reader(): RowReader {
    return (this.#reader ??= this.#createReader())
  }

  #createReader(): RowReader {
    const { fields, names, via = null, embedded = [], marks = [], selections } = own(this.assembled)
    const loaded = fields ?? []
    const types = selections.slice(loaded.length, loaded.length + names.length).map(({ type }) => type)
    const layout = {
      fields: loaded,
      types,
      added: extrasOf(names, via),
      embedded,
      marks: marks.map(({ type }) => type),
    }
    return new RowReader(runtimeOf(this.#meta.model), this.dialect, layout)
  }

  /** Decodes a row of values in place. */
  get decode(): RowDecoder {
    this.#decode ??= rowDecoder(
      this.assembled.selections.map((selection) => selection.type),
      (type) => this.dialect.codec(type),
      this.assembled.selections.map((selection) => isRequired(selection, this.assembled, this.#meta)),
    )
    return this.#decode
  }
}

/** Whether a value of the result is one that its table can't have as NULL. */
function isRequired({ expression, type }: SelectionNode, { statement }: GatedQuery, meta: ModelMetadata): boolean {
  if (expression.kind !== 'column' || expression.path !== undefined || !(type instanceof ModelField)) return false
  if (type.nullable || type.generated !== null || !meta.fields.includes(type)) return false
  if (expression.table !== null && expression.table !== meta.table) return false
  return statement.kind === 'select' && (statement.joins ?? []).length === 0
}

/** A query that is about to run: its plan, and what that binds. */
export interface BoundPlan {
  readonly plan: Plan
  readonly values: readonly unknown[]
}

/** Plans a query of this shape that runs now: its global scopes are asked, and their values follow its own. */
export function planned(source: QuerySource, shape: Shape, dialect: Dialect, values: readonly unknown[]): BoundPlan {
  const ready = shape.scoping === null ? { shape, values } : withScopes(source, shape, values)
  const known = ready.shape.plans.get(dialect)
  const plan = known instanceof Plan ? known : planOf({ meta: source.meta, shape: ready.shape, dialect }, ready.values)
  return { plan, values: ready.values }
}

/** The plan of a shape in a dialect: found on the shape, or compiled once and left there. */
function planOf(source: PlannedQuery, values: readonly unknown[]): Plan {
  const { shape, dialect } = source
  const known = shape.plans.get(dialect) as Plan | ManyPlans | undefined
  if (known instanceof Plan) return known
  if (known !== undefined) return known.for(values)
  const many = new ManyPlans(dialect.capabilities.listParameter ? [] : shape.steps(), (sizes) =>
    compilePlan(source, sizes),
  )
  const plan = many.for(values)
  shape.plans.set(dialect, many.isOne ? plan : many)
  return plan
}

type ListSizes = ReadonlyMap<ListNode, number>

/**
 * Where a list is one placeholder per value, there is one plan per size, and sizes are padded to few. Where a field is
 * translated, there is one per order of its columns.
 */
class ManyPlans {
  readonly #compile: (sizes: ListSizes) => Plan
  readonly #lists: readonly { readonly node: ListNode; readonly slot: number }[]
  /** Known once a plan is there. */
  #languages: readonly Languages[] = []
  readonly #plans = new Map<string | number, Plan>()

  constructor(steps: readonly QueryStep[], compile: (sizes: ListSizes) => Plan) {
    this.#compile = compile
    this.#lists = steps
      .flatMap((step) => step.parameters)
      .flatMap((node, slot) => (node.kind === 'list' ? [{ node, slot }] : []))
  }

  /** The same plan serves all values and languages. */
  get isOne(): boolean {
    return this.#lists.length === 0 && this.#languages.length === 0
  }

  for(values: readonly unknown[]): Plan {
    const sizes = this.#lists.map(({ slot }) => paddedLength((values[slot] as unknown[]).length))
    const known = this.#plans.get(this.#keyOf(sizes))
    if (known !== undefined) return known
    const plan = this.#compile(new Map(this.#lists.map(({ node }, i) => [node, sizes[i] as number])))
    this.#languages = plan.languages
    this.#plans.set(this.#keyOf(sizes), plan)
    return plan
  }

  #keyOf(sizes: readonly number[]): string | number {
    const size = sizes.length === 1 ? (sizes[0] as number) : sizes.join()
    if (this.#languages.length === 0) return size
    return `${size}:${this.#languages.map((each) => each.key()).join(':')}`
  }
}

function compilePlan(source: PlannedQuery, sizes: ListSizes): Plan {
  const { meta, shape, dialect } = source
  const assembled = gatedQuery(meta, shape)
  const { sql, bindings, ...made } = dialect.compiler.compile(
    assembled.statement,
    (list) => sizes.get(list) ?? list.values.length,
  )
  const places = new Map<ParameterNode | ListNode, number>()
  let place = 0
  for (const step of shape.steps()) for (const parameter of step.parameters) places.set(parameter, place++)
  const slots = bindings.map(
    ({ node, encode, spread }): Slot => ({
      slot: places.get(node) ?? -1,
      constant: node.kind === 'list' ? node.values : node.value,
      encode,
      spread,
    }),
  )
  refuseTooMany(
    slots.reduce((count, { spread }) => count + (spread ?? 1), 0),
    dialect,
  )
  return new Plan(source, { ...made, assembled, slots, sql: withComments(sql, assembled) })
}

/** A query's statement with its values in the text, for people. */
export function inlineSql(query: QueryState, dialect: Dialect): string {
  const { meta } = query.source
  const { shape, values } = withScopes(query.source, query.shape, query.bound())
  const given = new Map<unknown, unknown>()
  let place = 0
  for (const step of shape.steps()) for (const parameter of step.parameters) given.set(parameter, values[place++])
  const assembled = gatedQuery(meta, shape)
  const sql = dialect.compiler.compileInline(assembled.statement, (node) =>
    given.has(node) ? given.get(node) : node.kind === 'list' ? node.values : node.value,
  )
  return withComments(sql, assembled)
}
