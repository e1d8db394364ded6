import { singular } from '../metadata/relation/keys.js'
import { type FieldDraft, type ModelDraft, ModelRef, type RelationDraft } from './draft.js'
import { instanceName } from './names.js'

// A join table that says nothing else needs no model: its relations name the table, and corm makes it. Whether what corm makes is the
// table of the database, only the comparison of both knows.

interface Side {
  readonly owner: ModelDraft
  readonly relation: RelationDraft
  readonly short: RelationDraft
}

/** A model that only two relations of others need, each the other's inverse. */
export interface JoinTable {
  readonly draft: ModelDraft
  readonly sides: readonly [Side, Side]
}

const names = ({ className }: ModelDraft, value: unknown): boolean =>
  value instanceof ModelRef && value.className === className

/** A key of a join table that corm would make. */
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

/** The relation with the name of the table, and with those of its columns that the models don't say. */
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

/** The models that relations may do without. */
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
