import type { ValueType } from '../../ast/data-type.js'
import { numberOf } from '../../ast/structure.js'
import type { ModelField } from '../../metadata/model-field.js'
import { carryingOf } from '../../metadata/relation/carried.js'
import type { RelationMetadata } from '../../metadata/relation/resolve.js'
import { memo } from '../../util/memo.js'
import { isRemembered, needsOf, type Preload, type PreloadTree } from '../runner/preload.js'
import type { EmbeddedRelation, Shape, StepPart } from '../shape.js'
import type { Query } from './query-builder.js'

// Related rows that are embedded in the statement of a query, for databases where that is faster.

/** What the dialect can embed in a row. */
interface Carrier {
  readonly maxValues: number
  carries(type: ValueType): boolean
}

/** The relations that are still to be loaded after the query: those of its own rows, and those of the embedded rows. */
export interface Remaining {
  readonly own: PreloadTree
  /** In the order of the relations that were embedded. */
  readonly embedded: readonly Remaining[]
}

interface Split {
  readonly query: Query
  readonly remaining: Remaining
}

/** Embeds the relations that can be embedded. Null if there are none. */
export function embedRelations(query: Query, carrier: Carrier): Split | null {
  if (query.preloads.size === 0 || !takesColumns(query.shape)) return null
  const { embeddings, token, remaining } = levelOf(query.preloads, carrier)
  if (embeddings.length === 0) return null
  return { query: query.step(token, { kind: 'embed', relations: embeddings }), remaining }
}

interface TopLevel extends EmbedLevel {
  readonly token: string
}

const levels = new WeakMap<Carrier, WeakMap<PreloadTree, TopLevel>>()

function levelOf(tree: PreloadTree, carrier: Carrier): TopLevel {
  const known = memo(levels, carrier, () => new WeakMap<PreloadTree, TopLevel>())
  const before = known.get(tree)
  if (before !== undefined) return before
  const made = split(tree, carrier)
  const level = { ...made, token: `embed:${made.key}` }
  if (isRemembered(tree)) known.set(tree, level)
  return level
}

interface EmbedLevel {
  readonly embeddings: readonly EmbeddedRelation[]
  /** Equal for equal embeddings. */
  readonly key: string
  readonly remaining: Remaining
}

const split = (preloads: PreloadTree, carrier: Carrier): EmbedLevel => {
  const own = new Map<string, Preload>()
  const embeddings: EmbeddedRelation[] = []
  const embedded: Remaining[] = []
  let key = ''
  for (const [name, preload] of preloads) {
    const { relation, children } = preload
    // a row with several owners is embedded once for each of them; the rows below it must not be repeated too
    const below = relation.through === null ? split(children, carrier) : leave(children)
    const needed = neededFor(relation, below.remaining.own)
    const comes = isPlain(preload, carrier)
    const keysOnly = comes && isShared(relation)
    if (!comes || !(keysOnly || needed.every(carrier.carries))) {
      own.set(name, preload)
      continue
    }
    embeddings.push({ relation, needed, keysOnly, children: below.embeddings })
    embedded.push(below.remaining)
    key += `${numberOf(relation)}:${needed.map((field) => field.index).join()}(${below.key})`
  }
  return { embeddings, key, remaining: { own, embedded } }
}

const leave = (own: PreloadTree): EmbedLevel => ({ embeddings: [], key: '', remaining: { own, embedded: [] } })

/** The fields that rows are matched by. */
function neededFor({ through, targetKeys }: RelationMetadata, remaining: PreloadTree): readonly ModelField[] {
  const { fields } = needsOf(remaining)
  return through === null ? [...targetKeys, ...fields] : fields
}

/** Whether the relation is loaded without a callback, and can be embedded. */
const isPlain = ({ relation, constrain }: Preload, carrier: Carrier): boolean =>
  constrain === null && relation.many && isEmbeddable(relation, carrier)

const known = new WeakMap<Carrier, WeakMap<RelationMetadata, boolean>>()

function isEmbeddable(relation: RelationMetadata, carrier: Carrier): boolean {
  const byRelation = memo(known, carrier, () => new WeakMap<RelationMetadata, boolean>())
  return memo(byRelation, relation, () => canEmbed(relation, carrier))
}

function canEmbed(relation: RelationMetadata, carrier: Carrier): boolean {
  const { source, target, sourceKeys, through } = relation
  const read = [...fieldsOf(relation), ...carryingOf(relation, 'withOwners').read]
  return (
    isKey(source.primaryKey, sourceKeys) &&
    target.globalScopes.size === 0 &&
    target.options.orderBy === undefined &&
    through?.symmetrical !== true &&
    through?.meta.isRestricted !== true &&
    read.length + target.relations.size <= carrier.maxValues &&
    read.every(carrier.carries)
  )
}

/** The fields that are embedded: the key alone if the row is shared, or the whole row. */
function fieldsOf(relation: RelationMetadata): readonly ModelField[] {
  const { target, targetKeys, through } = relation
  if (isShared(relation)) return through?.far ?? []
  return target.fields.filter((field) => !field.lazy || field.primaryKey || targetKeys.includes(field))
}

/**
 * Whether one row usually has many owners, because of a join table. It would be embedded once for each of them. The keys must
 * be integers: for texts, the collation of the database decides which are equal.
 */
function isShared({ target, targetKeys, through }: RelationMetadata): boolean {
  const [key, second] = targetKeys
  const [far] = through?.far ?? []
  return (
    through?.isPivot === true &&
    isKey(target.primaryKey, targetKeys) &&
    [key, far].every((field) => field?.holdsIntegers === true) &&
    second === undefined
  )
}

/** Other keys may be the same for several rows, which would then share what is loaded. */
const isKey = (key: readonly ModelField[], fields: readonly ModelField[]) =>
  key.length === fields.length && fields.every((field) => key.includes(field))

const STEPS: ReadonlySet<StepPart['kind']> = new Set([
  'where',
  'around',
  'order',
  'reorder',
  'reverse',
  'limit',
  'offset',
  'select',
  'omit',
  'selectAll',
  'needs',
  'lift',
  'trashed',
  'all',
  'comment',
])

const shapes = new WeakMap<Shape, boolean>()

/** Whether the query reads rows of one table, each once, so that columns can be added. */
function takesColumns(shape: Shape): boolean {
  return memo(shapes, shape, () => shape.steps().every(({ part }) => STEPS.has(part.kind) || isValueOfRow(part)))
}

/** Subqueries add a value to a row, and change neither the number of rows nor their order. */
const isValueOfRow = (part: StepPart) =>
  part.kind === 'annotate' && part.items.every(({ expression: { kind } }) => kind === 'subquery' || kind === 'exists')
