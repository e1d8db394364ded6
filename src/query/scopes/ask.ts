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

// Global scopes. A scope is a function of a query; it is called each time a statement with a table of its model is run, so a
// value that it reads then counts. Its result has a shape, by which plans are kept, and values.

/** One global scope of a model. Its queries have a tree of their own: in the model's, they would share places for values. */
export interface Scope {
  readonly meta: ModelMetadata
  readonly name: string
  readonly root: ShapeRoot
  draft: QueryState | undefined
  /** It is being asked: what its function runs must not ask it again. */
  isAsked: boolean
}

/** What a scope returned: its shape, and the values of this moment. */
export interface ScopeResult {
  readonly shape: Shape
  readonly values: readonly unknown[]
}

/** Makes the queries that scopes are given. */
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

/** Those of a model with these names. */
export const scopesNamed = (meta: ModelMetadata, names: ReadonlySet<string>): readonly Scope[] =>
  scopesOf(meta).filter(({ name }) => names.has(name))

/** Collects the scopes that hold for tables, each once. */
export function collecting(scopes: Set<Scope>): (table: TableNode) => void {
  return (table) => {
    if (isRestricted(table)) for (const scope of scopesFor(table)) scopes.add(scope)
  }
}

/** Calls scopes, and those that hold for the tables in their results; each once. */
export function resultsOf(scopes: Iterable<Scope>, drafts: Drafts): Map<Scope, ScopeResult> {
  const results = new Map<Scope, ScopeResult>()
  // a set that grows while it is walked
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
  /** Those that hold for the tables in it. */
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
    // what an asynchronous scope does is of no use to anybody
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
