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

// How statements get to the gate, and what the conditions of their tables are.

/** A query as it runs: its shape with that of the global scopes, as they are now, and the values of both. */
export interface ScopedQuery {
  readonly shape: Shape
  readonly values: readonly unknown[]
}

/** A query's statement, as it may be compiled. */
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

/** Null: there are none, so that a query of this shape runs as it is. */
function scopesIn(meta: ModelMetadata, shape: Shape): readonly Scope[] | null {
  const scopes = new Set<Scope>()
  eachTable(assembledOf(meta, shape).statement, collecting(scopes))
  return scopes.size === 0 ? null : [...scopes]
}

/** The shape of the results as the last step of the query's; null: it could not be found again. */
function withResults(shape: Shape, token: string | null, results: ReadonlyMap<Scope, ScopeResult>): Shape {
  const nodes = new Map([...results].map(([scope, result]) => [scope, conditionOfResult(scope, result)]))
  const parameters = [...results.values()].flatMap(({ shape }) => parametersOf(shape))
  const step: QueryStep = { part: { kind: 'scopes', nodes }, parameters }
  return token === null ? shape.detached(step) : shape.grown(token, step)
}

/** The statement of a query that was made ready. */
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

/** Made once for a shape: its scopes are found in it, and then it is compiled. */
function assembledOf(meta: ModelMetadata, shape: Shape): AssembledQuery & Ending {
  shape.assembled ??= assemble(meta, shape)
  return shape.assembled as AssembledQuery & Ending
}

/** An internal statement: each of its tables says that all rows are meant, or has a model without scopes. */
export const gateOwn = <S extends StatementNode>(statement: S): Gated<S> =>
  gate(
    statement,
    conditions(() => undefined),
  )

/** A statement that is compiled each time it runs: what the scopes say now is in it, with the values. */
export function gateNow<S extends StatementNode>(statement: S, drafts: Drafts): Gated<S> {
  const scopes = new Set<Scope>()
  eachTable(statement, collecting(scopes))
  return gate(statement, conditionsNow(scopes, drafts))
}

/** The same for an expression, which becomes part of a statement that runs now. */
export function gateExpressionNow(node: ExpressionNode, drafts: Drafts): ExpressionNode {
  const scopes = new Set<Scope>()
  eachTableIn(node, collecting(scopes))
  return gateExpression(node, conditionsNow(scopes, drafts))
}

/** What some scopes of a model say now of its own rows. What stands in it has not passed the gate. */
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

/** The conditions of tables, from those that their scopes have returned. */
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
