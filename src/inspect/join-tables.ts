import { singular } from '../metadata/relation/keys.js'
import { type FieldDraft, type ModelDraft, ModelRef, type RelationDraft } from './draft.js'
import { instanceName } from './names.js'

// A join table without other columns needs no model: its relations name the table, and corm creates it. Only a comparison shows
// whether corm would create the same table.

interface Side {
  readonly owner: ModelDraft
  readonly relation: RelationDraft
  readonly short: RelationDraft
}

/** A model that is only used by two relations of other models, each the inverse of the other. */
export interface JoinTable {
  readonly draft: ModelDraft
  readonly sides: readonly [Side, Side]
}

const names = ({ className }: ModelDraft, value: unknown): boolean =>
  value instanceof ModelRef && value.className === className

/** Whether a foreign key of a join table is as corm would create it. */
const isPlainKey = ({ maker, options }: FieldDraft): boolean =>
  maker === 'foreignKey' &&
  options.onDelete === 'cascade' &&
  options.onUpdate === 'cascade' &&
  Object.keys(options).every((name) => ['primaryKey', 'key', 'onDelete', 'onUpdate'].includes(name))

const isPlain = ({ fields, options, indexes, foreignKeys, checks, notes }: ModelDraft): boolean =>
  fields.length === 2 &&
  fields.every(isPlainKey) &&
  Object.keys(options).every((name) => name === 'table') &&
  indexes.length + foreignKeys.length + checks.size + notes.length === 0

/** Whether other tables have keys to this one, or relations that need its model. */
const isNeeded = (draft: ModelDraft, drafts: readonly ModelDraft[]): boolean =>
  drafts.some(
    (each) =>
      each.fields.some(({ first }) => first.some((value) => names(draft, value))) ||
      each.foreignKeys.some(({ references }) => names(draft, references)) ||
      each.relations.some(({ target }) => target === draft.className),
  )

/** The relation without the model of the join table: it names the table, and its columns if those can't be derived. */
function shortened(owner: ModelDraft, relation: RelationDraft, { table }: ModelDraft): RelationDraft {
  const { foreignKey, otherKey } = relation.options
  const far = owner.className === relation.target ? singular(relation.name) : instanceName(relation.target)
  return {
    ...relation,
    options: {
      through: table,
      ...(foreignKey !== `${instanceName(owner.className)}Id` && { foreignKey }),
      ...(otherKey !== `${far}Id` && { otherKey }),
    },
  }
}

/** The join tables whose models can be left out. */
export function joinTables(drafts: readonly ModelDraft[]): readonly JoinTable[] {
  return drafts.flatMap((draft): readonly JoinTable[] => {
    if (!isPlain(draft) || isNeeded(draft, drafts)) return []
    const [a, b, ...more] = drafts.flatMap((owner) =>
      owner.relations
        .filter(({ options: { through } }) => names(draft, through))
        .map((relation): Side => ({ owner, relation, short: shortened(owner, relation, draft) })),
    )
    return a === undefined || b === undefined || more.length > 0 ? [] : [{ draft, sides: [a, b] }]
  })
}

/** Whether both relations are still in these drafts. */
export const hasRelations = ({ sides }: JoinTable, drafts: readonly ModelDraft[]): boolean =>
  sides.every(({ short }) => drafts.some(({ relations }) => relations.includes(short)))

/** Copies of the drafts without these models. */
export function withoutModels(drafts: readonly ModelDraft[], tables: readonly JoinTable[]): ModelDraft[] {
  const gone = new Set(tables.map(({ draft }) => draft))
  const short = new Map(tables.flatMap(({ sides }) => sides.map((side) => [side.relation, side.short] as const)))
  return drafts
    .filter((draft) => !gone.has(draft))
    .map((draft) => ({
      ...draft,
      notes: [...draft.notes],
      relations: draft.relations.map((relation) => short.get(relation) ?? relation),
    }))
}
