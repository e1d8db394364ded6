import type { ExpressionNode } from '../../ast/expression.js'
import { noteRead, type Purpose } from '../../execution/n-plus-one.js'
import { type NamedStatement, statementWith } from '../../execution/statement.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import type { RelationMetadata } from '../../metadata/relation/resolve.js'
import type { QueryState } from '../../query/runner/runner.js'
import type { Shape, StepPart } from '../../query/shape.js'
import type { Plan } from './plan.js'

// What reads are for, and what to write instead of many of them, for the search for N+1 queries.

/** A query's statement with what it is for. What writes, or locks rows to write, is left as it is. */
export function withPurpose(statement: NamedStatement, plan: Plan, query: QueryState): NamedStatement {
  const { statement: node, lock } = plan.assembled
  const isRead = node.kind !== 'update' && node.kind !== 'delete' && lock === null
  if (!isRead || query.source.cause === 'own') return statement
  return statementWith(statement, { userRead: noteRead(() => purposeOf(query)) })
}

function purposeOf({ source: { meta, cause }, shape }: QueryState): Purpose {
  if (cause === undefined || cause === 'own') {
    const parts = shape.steps().map(({ part }) => part)
    return { model: meta.name, relation: null, fix: fixOf(meta, parts) }
  }
  return { model: meta.name, relation: `${cause.source.name}.${cause.name}`, fix: relationFix(cause, shape) }
}

function relationFix({ source, name }: RelationMetadata, shape: Shape): string {
  const last = shape.step?.part
  if (last?.kind === 'exists' || last?.kind === 'aggregate') {
    const isCount = last.kind === 'aggregate' && last.selections.some(({ expression }) => isCall(expression, 'count'))
    return `Let the query over "${source.name}" bring what they say: ${isCount ? `.withCount('${name}'), or ` : ''}.annotate() with an aggregate over "${name}"; or the rows: .with('${name}').`
  }
  const narrowed = shape.has('where') || shape.has('limit') || shape.has('having')
  const some = narrowed ? `, or .with({ ${name}: (q) => q.where(…) }) for some of them` : ''
  return `Load them with the query over "${source.name}", by one statement: .with('${name}')${some}.`
}

const isCall = (node: ExpressionNode, name: string) => node.kind === 'call' && node.name === name

function fixOf(meta: ModelMetadata, parts: readonly StepPart[]): string {
  const field = equalField(meta, parts)
  if (field === null) return 'Ask once, before the loop, for all that it needs: whereIn() takes many values.'
  if (meta.primaryKey.length === 1 && field === meta.primaryKey[0]) return keyFix(meta)
  return `Ask once, before the loop, for all that it needs: .whereIn('${field.name}', values).`
}

function keyFix(meta: ModelMetadata): string {
  return `Ask once, before the loop: ${meta.name}.findMany(keys); or, where the keys are those of a relation, load that with the rows that have them: .with(…).`
}

/** The field that a condition compares with a value. */
function equalField(meta: ModelMetadata, parts: readonly StepPart[]): ModelField | null {
  for (const part of parts) {
    if (part.kind !== 'where' && part.kind !== 'around') continue
    const { node } = part
    if (node.kind !== 'comparison' || node.operator !== '=' || node.right.kind !== 'parameter') continue
    const field =
      node.left.kind === 'column' && node.left.table === null ? meta.fieldOfColumn(node.left.name) : undefined
    if (field !== undefined) return field
  }
  return null
}

/** `find` by a key, which needs no query. */
export const findsByKey = (meta: ModelMetadata) => (): Purpose => ({
  model: meta.name,
  relation: null,
  fix: keyFix(meta),
})
