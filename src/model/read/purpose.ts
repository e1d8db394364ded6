import type { ExpressionNode } from '../../ast/expression.js'
import { noteRead, type Purpose } from '../../execution/n-plus-one.js'
import { type NamedStatement, statementWith } from '../../execution/statement.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import type { RelationMetadata } from '../../metadata/relation/resolve.js'
import type { QueryState } from '../../query/runner/runner.js'
import type { Shape, StepPart } from '../../query/shape.js'
import type { Plan } from './plan.js'

// For N+1 detection: what a read is for, and what to write instead of many similar ones.

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
    return `Load the values in the query over "${source.name}": ${isCount ? `.withCount('${name}'), or ` : ''}.annotate() with an aggregate over "${name}". If you need the rows: .with('${name}').`
  }
  const narrowed = shape.has('where') || shape.has('limit') || shape.has('having')
  const some = narrowed ? `, or .with({ ${name}: (q) => q.where(…) }) for some of them` : ''
  return `Load them in the query over "${source.name}": .with('${name}')${some}.`
}

const isCall = (node: ExpressionNode, name: string) => node.kind === 'call' && node.name === name

function fixOf(meta: ModelMetadata, parts: readonly StepPart[]): string {
  const field = equalField(meta, parts)
  if (field === null) return 'Run one query for all of it before the loop: whereIn() takes many values.'
  if (meta.primaryKey.length === 1 && field === meta.primaryKey[0]) return keyFix(meta)
  return `Run one query for all of it before the loop: .whereIn('${field.name}', values).`
}

function keyFix(meta: ModelMetadata): string {
  return `Run one query before the loop: ${meta.name}.findMany(keys). If the keys come from a relation, load it in the query that reads the rows with these keys: .with(…).`
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
