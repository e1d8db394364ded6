import type { ExpressionNode } from '../../ast/expression.js'
import type { Gated } from '../../ast/gated.js'
import type { StatementNode } from '../../ast/statement.js'
import { numberOf } from '../../ast/structure.js'
import { eachTable, eachTableIn } from '../../ast/tables.js'
import { transformExpression } from '../../ast/transform.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import { listIn, present } from '../../util/expect.js'
import type { QuerySource } from '../runner/runner.js'
import type { QueryStep, Shape } from '../shape.js'
import { type AssembledQuery, assemble } from '../statement/assemble.js'
import type { Ending } from '../statement/ending.js'
import { allOrNull } from '../statement/groups.js'
import {
  circular,
  collecting,
  conditionOfResult,
  type Drafts,
  parametersOf,
  resultsOf,
  type Scope,
  type ScopeResult,
  scopesFor,
  scopesNamed,
} from './ask.js'
import { deletedCondition } from './deleted.js'
import { type ConditionFor, gate, gateExpression } from './gate.js'

// Sends statements through the gate with the conditions of their tables.

/** A query that runs now: its shape combined with those of the current global scopes, and the values of both. */
export interface ScopedQuery {
  readonly shape: Shape
  readonly values: readonly unknown[]
}

/** The statement of a query, ready to be compiled. */
export type GatedQuery = AssembledQuery & Ending & { readonly statement: Gated }

/** Calls the scopes of the tables of a query that runs now. */
export function withScopes({ meta, runner }: QuerySource, shape: Shape, values: readonly unknown[]): ScopedQuery {
  let scopes = shape.scoping as readonly Scope[] | null | undefined
  if (scopes === undefined) shape.scoping = scopes = scopesIn(meta, shape)
  if (scopes === null) return { shape, values }
  const results = resultsOf(scopes, runner)
  const given = [...values]
  let token: string | null = 'scopes'
  for (const { shape: returned, values: own } of results.values()) {
    token = token === null || !returned.cached ? null : `${token}:${numberOf(returned)}`
    for (const value of own) given.push(value)
  }
  const known = token === null ? undefined : shape.find(token)
  return { shape: known ?? withResults(shape, token, results), values: given }
}

/** The scopes of a query. Null if there are none, so that the query runs unchanged. */
function scopesIn(meta: ModelMetadata, shape: Shape): readonly Scope[] | null {
  const scopes = new Set<Scope>()
  eachTable(assembledOf(meta, shape).statement, collecting(scopes))
  return scopes.size === 0 ? null : [...scopes]
}

/** Adds the results of the scopes as the last step of a shape. A null token means that the shape can't be found again. */
function withResults(shape: Shape, token: string | null, results: ReadonlyMap<Scope, ScopeResult>): Shape {
  const nodes = new Map([...results].map(([scope, result]) => [scope, conditionOfResult(scope, result)]))
  const parameters = [...results.values()].flatMap(({ shape }) => parametersOf(shape))
  const step: QueryStep = { part: { kind: 'scopes', nodes }, parameters }
  return token === null ? shape.detached(step) : shape.grown(token, step)
}

/** The statement of a query after the gate. */
export function gatedQuery(meta: ModelMetadata, shape: Shape): GatedQuery {
  const part = shape.step?.part
  const isAsked = part?.kind === 'scopes'
  const assembled = assembledOf(meta, isAsked ? (shape.up as Shape) : shape)
  const statement = gate(
    assembled.statement,
    conditions((scope) => (isAsked ? part.nodes.get(scope) : undefined)),
  )
  return { ...assembled, statement }
}

/** Assembles the statement of a shape. This happens once per shape, before it is compiled. */
function assembledOf(meta: ModelMetadata, shape: Shape): AssembledQuery & Ending {
  shape.assembled ??= assemble(meta, shape)
  return shape.assembled as AssembledQuery & Ending
}

/** Gates an internal statement, whose tables are all marked as unscoped or have no scopes. */
export const gateOwn = <S extends StatementNode>(statement: S): Gated<S> =>
  gate(
    statement,
    conditions(() => undefined),
  )

/**
 * Gates a statement that is compiled each time it runs. The current results of the scopes become part of it, with their values.
 */
export function gateNow<S extends StatementNode>(statement: S, drafts: Drafts): Gated<S> {
  const scopes = new Set<Scope>()
  eachTable(statement, collecting(scopes))
  return gate(statement, conditionsNow(scopes, drafts))
}

/** Gates an expression that becomes part of a statement that runs now. */
export function gateExpressionNow(node: ExpressionNode, drafts: Drafts): ExpressionNode {
  const scopes = new Set<Scope>()
  eachTableIn(node, collecting(scopes))
  return gateExpression(node, conditionsNow(scopes, drafts))
}

/** The current conditions of some scopes on the model's own rows. They have not passed the gate yet. */
export function scopeConditions(meta: ModelMetadata, names: ReadonlySet<string>, drafts: Drafts): ExpressionNode[] {
  const scopes = scopesNamed(meta, names)
  const results = resultsOf(scopes, drafts)
  return scopes
    .map((scope) => {
      const result = present(results.get(scope), 'what the scope returned')
      return valued(conditionOfResult(scope, result), result)
    })
    .filter((node) => node !== null)
}

function conditionsNow(scopes: ReadonlySet<Scope>, drafts: Drafts): ConditionFor {
  const results = resultsOf(scopes, drafts)
  const nodes = new Map(
    [...results].map(([scope, result]) => [scope, valued(conditionOfResult(scope, result), result)]),
  )
  return conditions((scope) => nodes.get(scope))
}

function valued(node: ExpressionNode | null, { shape, values }: ScopeResult): ExpressionNode | null {
  if (node === null || values.length === 0) return node
  const given = new Map<unknown, unknown>(parametersOf(shape).map((each, i) => [each, values[i]]))
  return transformExpression(node, (copy, original) => {
    if (copy.kind === 'parameter' && given.has(original)) return { ...copy, value: given.get(original) }
    if (copy.kind === 'list' && given.has(original)) return { ...copy, values: listIn(given.get(original)) }
    return copy
  })
}

/** Builds the conditions of tables from the results of their scopes. */
function conditions(nodeFor: (scope: Scope) => ExpressionNode | null | undefined): ConditionFor {
  const done = new Map<Scope, ExpressionNode | null>()
  const around: Scope[] = []
  const conditionFor: ConditionFor = (table) => {
    const nodes = scopesFor(table).map(conditionOf)
    const deleted = deletedCondition(table.meta as ModelMetadata, table.scope?.trashed ?? 'without')
    return allOrNull([...nodes, deleted].filter((node) => node !== null))
  }
  const conditionOf = (scope: Scope): ExpressionNode | null => {
    const known = done.get(scope)
    if (known !== undefined) return known
    if (around.includes(scope)) throw circular(scope.meta)
    const node = nodeFor(scope)
    if (node === undefined) throw new TypeError(`the scope "${scope.name}" of "${scope.meta.name}" was not asked`)
    around.push(scope)
    const gated = node && gateExpression(node, conditionFor)
    around.pop()
    done.set(scope, gated)
    return gated
  }
  return conditionFor
}
