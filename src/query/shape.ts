import type { ValueType } from '../ast/data-type.js'
import type {
  AnnotationNode,
  ColumnNode,
  CompoundOperator,
  ExpressionNode,
  ListNode,
  OrderNode,
  ParameterNode,
  TableScope,
} from '../ast/expression.js'
import type { AssignmentNode, CteNode, JoinNode, LockNode, SelectionNode, SelectNode } from '../ast/statement.js'
import type { ModelMetadata } from '../metadata/metadata.js'
import type { ModelField } from '../metadata/model-field.js'
import type { RelationMetadata } from '../metadata/relation/resolve.js'
import type { Translation } from '../metadata/translation.js'

/** What one call added to a query, without its values. There is one value for each parameter, in the same order. */
export interface QueryStep {
  readonly part: StepPart
  readonly parameters: readonly (ParameterNode | ListNode)[]
}

/** A named value: `annotate`. */
export interface Annotation {
  readonly node: AnnotationNode
  readonly expression: ExpressionNode
}

/** The names that a query has added to its model's fields. */
export type Annotations = ReadonlyMap<string, AnnotationNode>

/** A table that a query has joined, as callbacks know it. */
export interface JoinedTable {
  readonly name: string
  /** Its columns as expressions. */
  readonly columns: object
}

/** The columns of all joined tables, by their names. */
export interface JoinedTables {
  readonly columns: Readonly<Record<string, object>>
}

/** What the rows of a common table expression carry. */
export interface CteColumns {
  readonly meta: ModelMetadata
  readonly fields: readonly ModelField[]
  /** Names that its query has added, by their types. */
  readonly names: ReadonlyMap<string, ValueType | null>
  /** Its rows are groups, so they do not become instances. */
  readonly isGroups: boolean
}

type NewSource =
  | { readonly kind: 'table'; readonly name: string }
  | { readonly kind: 'rows'; readonly query: SelectNode }

/** What rows are grouped by; a key without a name is not among the results. */
export interface GroupKey {
  readonly name: string | null
  readonly expression: ExpressionNode
}

/** A relation whose rows are embedded in the statement of a query, with the relations that are embedded in them. */
export interface EmbeddedRelation {
  readonly relation: RelationMetadata
  /** Fields that are loaded even if they are lazy: the keys of relations that are loaded afterwards. */
  readonly needed: readonly ModelField[]
  /** Only the keys in the join table are embedded. The rows with these keys are read afterwards, each once. */
  readonly keysOnly: boolean
  readonly children: readonly EmbeddedRelation[]
}

/** Which rows a query over a model with soft deletes is about: those not deleted, all of them, the deleted ones. */
export type TrashedRows = TableScope['trashed']

export type StepPart =
  | { readonly kind: 'where'; readonly node: ExpressionNode; readonly or: boolean }
  | { readonly kind: 'around'; readonly node: ExpressionNode }
  | { readonly kind: 'having'; readonly node: ExpressionNode; readonly or: boolean }
  | { readonly kind: 'annotate'; readonly items: readonly Annotation[] }
  | {
      readonly kind: 'select'
      readonly fields: readonly ModelField[]
      readonly names: readonly string[]
      /** The translated field that was selected, if it is the only one. */
      readonly shown: Translation | null
    }
  | { readonly kind: 'omit'; readonly fields: readonly ModelField[] }
  | { readonly kind: 'selectAll' }
  | { readonly kind: 'distinct'; readonly on: boolean }
  | { readonly kind: 'order'; readonly items: readonly OrderNode[] }
  /** The order of a query that has no other one. */
  | { readonly kind: 'presetOrder'; readonly items: readonly OrderNode[] }
  /** Two searches, whose best rows are ranked together. */
  | {
      readonly kind: 'hybrid'
      readonly distance: ExpressionNode
      readonly presence: readonly ExpressionNode[]
      readonly rank: ExpressionNode
      readonly condition: ExpressionNode
      /** How many rows of each search are ranked. */
      readonly candidates: number
      readonly k: number
    }
  | { readonly kind: 'reorder' }
  | { readonly kind: 'reverse' }
  | { readonly kind: 'slice'; readonly order: readonly OrderNode[] }
  /** `preset`: a step that has a limit of its own was given none; pages leave it out. */
  | { readonly kind: 'limit'; readonly count: number | ParameterNode; readonly preset?: true }
  | { readonly kind: 'unlimited' }
  | { readonly kind: 'offset'; readonly count: number | ParameterNode }
  | { readonly kind: 'groupBy'; readonly keys: readonly GroupKey[] }
  | { readonly kind: 'needs'; readonly fields: readonly ModelField[] }
  | { readonly kind: 'perOwner'; readonly keys: readonly ColumnNode[] }
  /** The rows of a relation with a join table, which is joined. */
  | { readonly kind: 'via'; readonly relation: RelationMetadata }
  | {
      readonly kind: 'compound'
      readonly operator: CompoundOperator
      readonly query: SelectNode
      readonly fields: readonly ModelField[]
      /** The names of both queries, with types that can hold the values of both. */
      readonly names: readonly AnnotationNode[]
      /** The types that they have in this query. */
      readonly types: ReadonlyMap<string, ValueType | null>
    }
  | {
      readonly kind: 'from'
      readonly source: NewSource
      /** The fields of the model that the source has; null: all. */
      readonly fields: readonly ModelField[] | null
      /** The other names that the source has. */
      readonly names: readonly AnnotationNode[]
      readonly isGroups: boolean
    }
  | { readonly kind: 'join'; readonly join: JoinNode; readonly table: JoinedTable | null }
  | { readonly kind: 'cte'; readonly cte: CteNode; readonly columns: CteColumns }
  /** Values that no instance shows, after all others. */
  | { readonly kind: 'marks'; readonly items: readonly SelectionNode[] }
  | { readonly kind: 'embed'; readonly relations: readonly EmbeddedRelation[] }
  /** `below`: `maxRows` does not apply to the rows of its relations either. */
  | { readonly kind: 'all'; readonly below: boolean }
  /** Global scopes of the model that are lifted. */
  | { readonly kind: 'lift'; readonly names: TableScope['lifted'] }
  /** `asked`: the user called onlyTrashed(), which counts as a condition. */
  | { readonly kind: 'trashed'; readonly rows: TrashedRows; readonly asked: boolean }
  /** The conditions of the global scopes that hold for the tables of the statement. The last step of a query that runs. */
  | { readonly kind: 'scopes'; readonly nodes: ReadonlyMap<unknown, ExpressionNode | null> }
  | { readonly kind: 'lock'; readonly lock: LockNode | null }
  | { readonly kind: 'comment'; readonly text: string }
  | { readonly kind: 'entities' }
  | { readonly kind: 'rows'; readonly selections: readonly SelectionNode[] }
  | { readonly kind: 'aggregate'; readonly selections: readonly SelectionNode[] }
  /** Reads the groups. */
  | { readonly kind: 'groups' }
  | { readonly kind: 'countGroups' }
  | { readonly kind: 'exists' }
  | { readonly kind: 'update'; readonly assignments: readonly AssignmentNode[]; readonly returning: boolean }
  | { readonly kind: 'delete'; readonly returning: boolean }

export type StepKind = StepPart['kind']

/** The part of a step of this kind. */
export type PartOf<K extends StepKind> = Extract<StepPart, { readonly kind: K }>

/** The last step: what the query reads of its rows, or does with them. */
export type TerminalPart = PartOf<
  'entities' | 'rows' | 'aggregate' | 'groups' | 'countGroups' | 'exists' | 'update' | 'delete'
>

export type Token = number | string

/** The names that a step adds, for later steps. */
function namesOf(part: StepPart | undefined): readonly AnnotationNode[] {
  if (part?.kind === 'annotate') return part.items.map(({ node }) => node)
  return part?.kind === 'from' || part?.kind === 'compound' ? part.names : []
}

/** The most shapes of one model. With more, its tree starts again. */
const LIMIT = 1000

/** Different limits (or offsets) of one shape that are written into the text; further ones are bound. */
const LITERAL_COUNTS = 8

/** Different comments of one shape that are kept: one for each request would push out all other shapes. */
const COMMENTS = 8

/**
 * A node in the tree of query shapes. Two queries that differ in values only reach the same shape, which holds
 * the compiled plan; nothing is joined, hashed or copied on the way.
 */
export class Shape {
  #next: Map<Token, Shape> | null = null
  /** Compiled plans, by what compiled them. The query layer does not look inside. */
  readonly plans = new Map<unknown, unknown>()
  /** The global scopes that queries of this shape ask, once that is known; null: none. Only `scopes/pass.ts` looks inside. */
  scoping: unknown = undefined
  /** The statement of this shape before the gate. Only `scopes/pass.ts` looks inside. */
  assembled: unknown = undefined
  /** The names added by `annotate` so far. */
  readonly annotations: Annotations | null
  readonly joined: JoinedTables | null
  /** The relation whose join table is joined. */
  readonly via: RelationMetadata | null
  /** The last part of each kind; null until it is needed. */
  #parts: ReadonlyMap<StepKind, StepPart> | null = null
  #counts = 0
  #comments = 0

  constructor(
    readonly up: Shape | null,
    readonly step: QueryStep | null,
    /** The root of the tree, which counts its shapes; null for a shape that is not kept. */
    readonly root: ShapeRoot | null,
  ) {
    const added = namesOf(step?.part)
    const before = up?.annotations ?? null
    this.annotations =
      added.length === 0 ? before : new Map([...(before ?? []), ...added.map((node) => [node.name, node] as const)])
    this.via = step?.part.kind === 'via' ? step.part.relation : (up?.via ?? null)
    const joined = up?.joined ?? null
    const table = step?.part.kind === 'join' ? step.part.table : null
    this.joined = table === null ? joined : { columns: { ...joined?.columns, [table.name]: table.columns } }
  }

  find(token: Token): Shape | undefined {
    return this.#next?.get(token)
  }

  add(token: Token, step: QueryStep): Shape {
    const shape = new Shape(this, step, this.root)
    this.#next ??= new Map()
    this.#next.set(token, shape)
    if (this.root?.grow() === true) this.root.shape.#next = null
    return shape
  }

  /**
   * The shape after a step that was built as nodes. If it uses an expression of an earlier step again, it is not kept, because
   * the two steps would share a parameter.
   */
  grown(token: Token, step: QueryStep): Shape {
    return this.find(token) ?? (this.#holds(step.parameters) ? this.detached(step) : this.add(token, step))
  }

  #holds(parameters: QueryStep['parameters']): boolean {
    if (parameters.length === 0) return false
    return this.steps().some((step) => step.parameters.some((parameter) => parameters.includes(parameter)))
  }

  /** A shape that is not kept: for SQL text made at run time. */
  detached(step: QueryStep): Shape {
    return new Shape(this, step, null)
  }

  /** Whether one more count may be written into the text of queries that go on from here. */
  takesLiteralCount(): boolean {
    return this.#counts++ < LITERAL_COUNTS
  }

  /** Whether the shape with one more comment is kept. */
  takesComment(): boolean {
    return this.#comments++ < COMMENTS
  }

  get cached(): boolean {
    return this.root !== null
  }

  /** Whether the query has a step of this kind. */
  has(kind: StepKind): boolean {
    return this.#byKind().has(kind)
  }

  /** The last part of this kind. */
  last<K extends StepKind>(kind: K): PartOf<K> | undefined {
    return this.#byKind().get(kind) as PartOf<K> | undefined
  }

  /** All parts of this kind, from the first to the last. */
  each<K extends StepKind>(kind: K): readonly PartOf<K>[] {
    if (!this.has(kind)) return []
    return this.steps().flatMap(({ part }) => (part.kind === kind ? [part as PartOf<K>] : []))
  }

  #byKind(): ReadonlyMap<StepKind, StepPart> {
    if (this.#parts !== null) return this.#parts
    const parts = new Map<StepKind, StepPart>()
    for (let shape: Shape | null = this; shape !== null; shape = shape.up) {
      const part = shape.step?.part
      if (part !== undefined && !parts.has(part.kind)) parts.set(part.kind, part)
    }
    this.#parts = parts
    return parts
  }

  /** The steps from the first to this one. */
  steps(): QueryStep[] {
    const steps: QueryStep[] = []
    for (let shape: Shape | null = this; shape !== null; shape = shape.up)
      if (shape.step !== null) steps.push(shape.step)
    return steps.reverse()
  }
}

/** Queries that run keep their own shapes alive, so dropping the tree breaks nothing. */
export class ShapeRoot {
  readonly shape = new Shape(null, null, this)
  #count = 0

  /** Counts one more; true when the tree is full. */
  grow(): boolean {
    if (++this.#count <= LIMIT) return false
    this.#count = 0
    return true
  }
}
