import type { ExpressionNode } from '../../ast/expression.js'
import { numberOf } from '../../ast/structure.js'
import { transformExpression } from '../../ast/transform.js'
import { DefinitionError } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import { isQuery } from '../expression/expression.js'
import type { QueryState } from '../runner.js'
import { type Shape, ShapeRoot, type Step, type Token, type Trashed } from '../shape.js'
import { allOf, joined } from '../statement/groups.js'
import { gather } from '../statement/parts.js'
import { circular, setScopesNow } from './current.js'
import { deletedCondition } from './deleted.js'
import { scopedTargets } from './targets.js'

// Global scopes. A scope is a function of a query; it is called each time a query of its model is run (or becomes part of
// another one), so a value that it reads then counts. The conditions it answers become the last step of that query: their form
// is part of the query's form, whose plan is kept, and their values are bound as those of any step.

/** One global scope of a model. Its queries have a tree of their own: in the model's, they would share places for values. */
interface Scope {
  readonly meta: ModelMetadata
  readonly name: string
  readonly root: ShapeRoot
  draft: QueryState | undefined
}

/** What a scope has answered: its form, and the values of this moment. */
interface Answer {
  readonly shape: Shape
  readonly values: readonly unknown[]
}

/** Which scopes the queries of one form need. */
interface Scoping {
  readonly own: readonly Scope[]
  readonly deleted: ExpressionNode | null
  /** Models that its paths lead to. */
  readonly targets: readonly ModelMetadata[]
  /** The step, where no function has to be asked. */
  fixed: Applied | undefined
}

/** The scopes of a query as its last step. */
export interface Applied {
  /** Null: the step has no form that could be found again. */
  readonly token: Token | null
  readonly step: Step
  readonly values: readonly unknown[]
}

/** Makes the query that a scope is given. */
type MakeDraft = (meta: ModelMetadata, root: ShapeRoot) => QueryState

let makeDraft: MakeDraft

/** The model layer says what queries run on. */
export function setDrafts(make: MakeDraft): void {
  makeDraft = make
}

/** The step that the global scopes add to a query of this form; null: none. */
export function scopesFor(meta: ModelMetadata, shape: Shape): Applied | null {
  let scoping = shape.scoping as Scoping | null | undefined
  if (scoping === undefined) shape.scoping = scoping = scopingOf(meta, shape)
  if (scoping === null) return null
  return scoping.fixed ?? apply(scoping)
}

function scopingOf(meta: ModelMetadata, shape: Shape): Scoping | null {
  const steps = shape.steps()
  if (steps.some(({ part }) => part.kind === 'scopes')) return null
  const isOwn = meta.isScoped && !readsQuery(steps)
  const own = isOwn ? scopesOf(meta).filter(({ name }) => !isLifted(steps, name)) : []
  const deleted = isOwn ? deletedCondition(meta, trashedOf(steps)) : null
  const targets = scopedTargets(meta, steps)
  if (own.length === 0 && deleted === null && targets.length === 0) return null
  return { own, deleted, targets, fixed: undefined }
}

/** Rows of a query, or of a common table expression, are as that query's scopes have left them. */
function readsQuery(steps: readonly Step[]): boolean {
  const source = steps.findLast(({ part }) => part.kind === 'from')?.part
  if (source?.kind !== 'from') return false
  const from = source.source
  return from.kind === 'rows' || steps.some(({ part }) => part.kind === 'cte' && part.cte.name === from.name)
}

const isLifted = (steps: readonly Step[], name: string) =>
  steps.some(({ part }) => part.kind === 'lift' && (part.name === null || part.name === name))

/** Which rows a query is about: the last word counts. */
export function trashedOf(steps: readonly Step[]): Trashed {
  const part = steps.findLast((step) => step.part.kind === 'trashed')?.part
  return part?.kind === 'trashed' ? part.rows : 'without'
}

const kept = new WeakMap<ModelMetadata, readonly Scope[]>()

function scopesOf(meta: ModelMetadata): readonly Scope[] {
  let scopes = kept.get(meta)
  if (scopes === undefined) {
    const made = [...meta.globalScopes.keys()].map((name) => ({ meta, name, root: new ShapeRoot(), draft: undefined }))
    kept.set(meta, (scopes = made))
  }
  return scopes
}

/** Asks each scope once, also where it holds for the query's own rows and for those of a path. */
function apply(scoping: Scoping): Applied {
  const answers = new Map<Scope, Answer>()
  const targets = new Set(scoping.targets)
  const nodeOf = (scope: Scope): ExpressionNode | null => {
    const known = answers.get(scope)
    const { shape, values } = known ?? ask(scope)
    if (known === undefined) answers.set(scope, { shape, values })
    const form = formOf(scope.meta, shape)
    for (const target of form.targets) targets.add(target)
    return form.node
  }
  const own = withNode(scoping.own.map(nodeOf), scoping.deleted)
  const others = new Map<ModelMetadata, ExpressionNode>()
  // a set that grows while it is walked: scopes may have paths of their own
  for (const target of targets) {
    const all = withNode(scopesOf(target).map(nodeOf), deletedCondition(target, 'without'))
    const node = allOf(all)
    if (node !== null) others.set(target, node)
  }
  const asked = [...answers.values()]
  const step: Step = {
    part: { kind: 'scopes', own, others },
    parameters: asked.flatMap(({ shape }) => parametersOf(shape)),
  }
  const isKept = asked.every(({ shape }) => shape.cached)
  const token = isKept ? `scopes:${asked.map(({ shape }) => numberOf(shape)).join()}` : null
  const applied: Applied = { token, step, values: asked.flatMap(({ values }) => values) }
  if (asked.length === 0) scoping.fixed = applied
  return applied
}

const withNode = (nodes: readonly (ExpressionNode | null)[], last: ExpressionNode | null): ExpressionNode[] =>
  [...nodes, last].filter((node) => node !== null)

const parametersOf = (shape: Shape) => shape.steps().flatMap((step) => step.parameters)

interface Form {
  readonly node: ExpressionNode | null
  readonly targets: readonly ModelMetadata[]
}

const forms = new WeakMap<Shape, Form>()

function formOf(meta: ModelMetadata, shape: Shape): Form {
  let form = forms.get(shape)
  if (form === undefined) {
    const { around, groups } = gather(meta, shape)
    form = { node: allOf([...around, ...joined(groups)]), targets: scopedTargets(meta, shape.steps()) }
    forms.set(shape, form)
  }
  return form
}

/** Scopes that are being asked, one by a query in another. */
const asking: Scope[] = []

function ask(scope: Scope): Answer {
  const { meta, name, root } = scope
  if (asking.includes(scope)) throw circular(meta)
  scope.draft ??= makeDraft(meta, root)
  asking.push(scope)
  try {
    const query: unknown = meta.globalScopes.get(name)?.call(meta.model, scope.draft)
    // what an asynchronous scope does is of no use to anybody
    if (query instanceof Promise) query.catch(() => undefined)
    if (!isQuery(query)) throw notItsQuery(meta, name)
    const { shape, preloads, values } = stateOf(query as unknown as QueryState)
    if (rootOf(shape) !== root.shape) throw notItsQuery(meta, name)
    const added = shape.steps().slice(scope.draft.shape.steps().length)
    if (preloads.size > 0 || added.some(({ part }) => part.kind !== 'where' && part.kind !== 'around'))
      throw new DefinitionError(
        `The global scope "${name}" of "${meta.name}" keeps rows: it takes conditions only, no orders, limits, joins or relations to load.`,
      )
    return { shape, values }
  } finally {
    asking.pop()
  }
}

const stateOf = (query: QueryState) => ({ shape: query.shape, preloads: query.preloads, values: query.bound() })

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

/** What a model's scopes keep at this moment, with its values in it, for a query that is being built. */
setScopesNow((meta) => {
  const nodes = scopesOf(meta).map((scope) => {
    const { shape, values } = ask(scope)
    const { node } = formOf(meta, shape)
    return node === null ? null : withValues(node, new Map(parametersOf(shape).map((each, i) => [each, values[i]])))
  })
  return allOf(withNode(nodes, deletedCondition(meta, 'without')))
})

function withValues(node: ExpressionNode, values: ReadonlyMap<unknown, unknown>): ExpressionNode {
  return transformExpression(node, (copy, original) => {
    if (copy.kind === 'parameter') return { ...copy, value: values.get(original) }
    if (copy.kind === 'list') return { ...copy, values: values.get(original) as unknown[] }
    return copy
  })
}
