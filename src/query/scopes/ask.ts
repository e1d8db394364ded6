import type { ExpressionNode, TableNode } from '../../ast/expression.js'
import { eachTableIn } from '../../ast/tables.js'
import { DefinitionError } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import { memo } from '../../util/memo.js'
import { isRestricted } from '../columns/table.js'
import { isQuery } from '../expression/expression.js'
import { pathsAsQueries } from '../path/join-paths.js'
import type { QueryState, Runner } from '../runner/runner.js'
import { type QueryStep, type Shape, ShapeRoot } from '../shape.js'
import { allOrNull, joined } from '../statement/groups.js'
import { gather } from '../statement/parts.js'

// Global scopes. A scope is a function of a query. corm calls it each time a statement that reads a table of its model runs, so
// it sees current values. Its result has a shape, which is part of the key of cached plans, and values.

/**
 * One global scope of a model. Its queries have their own tree of shapes, because sharing the model's would mix up the
 * positions of values.
 */
export interface Scope {
  readonly meta: ModelMetadata
  readonly name: string
  readonly root: ShapeRoot
  draft: QueryState | undefined
  /** The scope is being called. A query that its function runs must not call it again. */
  isAsked: boolean
}

/** The result of a scope: its shape and its current values. */
export interface ScopeResult {
  readonly shape: Shape
  readonly values: readonly unknown[]
}

/** Creates the queries that scopes receive. */
export type Drafts = Pick<Runner, 'draft'>

const kept = new WeakMap<ModelMetadata, readonly Scope[]>()

function scopesOf(meta: ModelMetadata): readonly Scope[] {
  return memo(kept, meta, () =>
    [...meta.globalScopes.keys()].map((name) => ({
      meta,
      name,
      root: new ShapeRoot(),
      draft: undefined,
      isAsked: false,
    })),
  )
}

/** The scopes that hold for a table. */
export function scopesFor({ meta, scope }: TableNode): readonly Scope[] {
  const scopes = scopesOf(meta as ModelMetadata)
  if (scope === undefined) return scopes
  const { lifted } = scope
  return lifted === 'all' ? [] : scopes.filter(({ name }) => !lifted.includes(name))
}

/** The scopes of a model with these names. */
export const scopesNamed = (meta: ModelMetadata, names: ReadonlySet<string>): readonly Scope[] =>
  scopesOf(meta).filter(({ name }) => names.has(name))

/** Collects the scopes that hold for tables, each once. */
export function collecting(scopes: Set<Scope>): (table: TableNode) => void {
  return (table) => {
    if (isRestricted(table)) for (const scope of scopesFor(table)) scopes.add(scope)
  }
}

/** Calls each scope once, and also the scopes of the tables in their results. */
export function resultsOf(scopes: Iterable<Scope>, drafts: Drafts): Map<Scope, ScopeResult> {
  const results = new Map<Scope, ScopeResult>()
  // the set grows during the loop
  const wanted = new Set(scopes)
  for (const scope of wanted) {
    const result = ask(scope, drafts)
    results.set(scope, result)
    for (const other of conditionOf(scope.meta, result.shape).scopes) wanted.add(other)
  }
  return results
}

/** The condition that a scope has returned, as one node. */
export const conditionOfResult = ({ meta }: Scope, { shape }: ScopeResult): ExpressionNode | null =>
  conditionOf(meta, shape).node

export const parametersOf = (shape: Shape): QueryStep['parameters'] => shape.steps().flatMap((step) => step.parameters)

interface ScopeCondition {
  readonly node: ExpressionNode | null
  /** The scopes of the tables in the result. */
  readonly scopes: readonly Scope[]
}

const conditions = new WeakMap<Shape, ScopeCondition>()

function conditionOf(meta: ModelMetadata, shape: Shape): ScopeCondition {
  return memo(conditions, shape, () => {
    const { around, groups } = gather(meta, shape)
    const condition = allOrNull([...around, ...joined(groups)])
    const node = condition && pathsAsQueries(meta, condition)
    const scopes = new Set<Scope>()
    if (node !== null) eachTableIn(node, collecting(scopes))
    return { node, scopes: [...scopes] }
  })
}

function ask(scope: Scope, drafts: Drafts): ScopeResult {
  const { meta, name, root } = scope
  if (scope.isAsked) throw circular(meta)
  scope.draft ??= drafts.draft(meta, root)
  scope.isAsked = true
  try {
    const query: unknown = meta.globalScopes.get(name)?.call(meta.model, scope.draft)
    // the result of an asynchronous scope is refused, so its rejection must not go unhandled
    if (query instanceof Promise) query.catch(() => undefined)
    if (!isQuery(query)) throw notItsQuery(meta, name)
    const state = query as unknown as QueryState
    const { shape, preloads } = state
    if (rootOf(shape) !== root.shape) throw notItsQuery(meta, name)
    const added = shape.steps().slice(scope.draft.shape.steps().length)
    if (preloads.size > 0 || added.some(({ part }) => part.kind !== 'where' && part.kind !== 'around'))
      throw new DefinitionError(
        `The global scope "${name}" of "${meta.name}" keeps rows: it takes conditions only, no orders, limits, joins or relations to load.`,
      )
    return { shape, values: state.bound() }
  } finally {
    scope.isAsked = false
  }
}

function rootOf(shape: Shape): Shape {
  let root = shape
  while (root.up !== null) root = root.up
  return root
}

function notItsQuery(meta: ModelMetadata, name: string): DefinitionError {
  return new DefinitionError(
    `The global scope "${name}" of "${meta.name}" must return the query that it was given, with further conditions: q => q.where(…).`,
  )
}

export function circular({ name }: ModelMetadata): DefinitionError {
  return new DefinitionError(
    `A global scope of "${name}" leads back to "${name}", whose scopes would apply again, without end. Inside the scope use whereHas() with a callback that lifts it: whereHas('…', q => q.withoutGlobalScope('…')).`,
  )
}
