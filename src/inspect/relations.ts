import type { CatalogTable } from '../dialect/catalog.js'
import { upperFirst } from '../util/names.js'
import type { DraftOptions, FieldDraft, ModelDraft, RelationDraft } from './draft.js'
import { ModelRef } from './draft.js'
import { isComparable, type KeyDraft } from './keys.js'
import { DistinctNames, instanceName, plural, withoutKey } from './names.js'

/** A table with its model and its foreign keys. */
export interface LinkedTable {
  readonly draft: ModelDraft
  readonly table: CatalogTable
  readonly keys: readonly KeyDraft[]
}

const namesOf = (fields: readonly FieldDraft[]): string | readonly string[] => {
  const [first, ...more] = fields.map(({ name }) => name)
  return first === undefined || more.length > 0 ? fields.map(({ name }) => name) : first
}

/** The possible names of the relation to the table that a foreign key references. */
function singleName({ fields, target }: KeyDraft): readonly string[] {
  const other = instanceName(target.className)
  const [field, ...more] = fields
  if (field === undefined || more.length > 0) return [other]
  const name = withoutKey(field.name)
  return name === field.name ? [other, `${name}${target.className}`] : [name, `${name}Relation`]
}

const isUnique = ({ table }: LinkedTable, { key }: KeyDraft): boolean => {
  const isSame = (columns: readonly (string | null)[]) =>
    columns.length > 0 && columns.every((column) => column !== null && key.columns.includes(column))
  return (
    isSame(table.primaryKey) ||
    table.indexes.some(({ unique, where, columns }) => unique && where === null && isSame(columns))
  )
}

const isKeyField = ({ options }: FieldDraft) => options.primaryKey === true

/**
 * The two foreign keys of a join table, which together form its primary key, what stands for it, or a unique key. Null for other
 * tables.
 */
function pairOf({ table, keys, draft }: LinkedTable): readonly [KeyDraft, KeyDraft] | null {
  const uniques = [
    table.primaryKey,
    ...(draft.options.keyless === true ? [draft.fields.filter(isKeyField).map(({ column }) => column.name)] : []),
    ...table.indexes.filter(({ unique, where }) => unique && where === null).map(({ columns }) => columns),
  ]
  for (const columns of uniques) {
    const within = keys.filter(({ key }) => key.columns.every((column) => columns.includes(column)))
    const [a, b] = within
    if (a === undefined || b === undefined || within.length !== 2) continue
    if (a.key.columns.length + b.key.columns.length !== columns.length) continue
    if (!a.isPrimary || !b.isPrimary || !isComparable(a) || !isComparable(b)) continue
    if (draft.className === a.target.className || draft.className === b.target.className) continue
    return [a, b]
  }
  return null
}

/** Whether a join table only has its keys, and columns that the database fills in. */
const isPure = ({ draft }: LinkedTable, [a, b]: readonly [KeyDraft, KeyDraft]): boolean =>
  draft.fields.every(
    (field) =>
      a.fields.includes(field) ||
      b.fields.includes(field) ||
      field.maker === 'id' ||
      field.maker === 'bigId' ||
      /^(?:created|updated|inserted|modified|last_?updated?)(?:_?at|_?on)?$/i.test(field.column.name),
  )

class Relations {
  readonly #names: Map<ModelDraft, DistinctNames>

  constructor(
    readonly models: readonly LinkedTable[],
    reserved: Iterable<string>,
  ) {
    const taken = [...reserved]
    this.#names = new Map(
      models.map(({ draft }) => [draft, new DistinctNames([...taken, ...draft.fields.map(({ name }) => name)])]),
    )
  }

  run(): void {
    for (const model of this.models) for (const key of model.keys) this.#belongsTo(key)
    const pairs = this.models.map((model) => ({ model, pair: pairOf(model) }))
    for (const { model, pair } of pairs) {
      if (pair === null) continue
      this.#manyToMany(model, pair[0], pair[1])
      this.#manyToMany(model, pair[1], pair[0])
    }
    for (const { model, pair } of pairs)
      if (pair === null || !isPure(model, pair)) for (const key of model.keys) this.#owned(model, key)
  }

  #add(owner: ModelDraft, wanted: readonly string[], relation: Omit<RelationDraft, 'name'>): void {
    const name = this.#names.get(owner)?.take(...wanted)
    if (name !== undefined) owner.relations.push({ ...relation, name })
  }

  /** The keys between these two models. */
  #between(owner: ModelDraft, target: ModelDraft): readonly KeyDraft[] {
    return this.models.find(({ draft }) => draft === owner)?.keys.filter((key) => key.target === target) ?? []
  }

  #belongsTo(key: KeyDraft): void {
    if (!isComparable(key)) {
      key.owner.notes.push(
        `The key ${key.key.columns.join(', ')} and what it points to have different types: no relation.`,
      )
      return
    }
    const [field] = key.fields
    const wanted = singleName(key)
    const name = this.#names.get(key.owner)?.take(...wanted) ?? ''
    const isByName = key.fields.length === 1 && field?.name === `${name}Id` && key.isPrimary
    key.owner.relations.push({
      name,
      kind: 'belongsTo',
      target: key.target.className,
      options: { ...(isByName ? {} : { foreignKey: namesOf(key.fields) }), ...localKey(key) },
    })
  }

  #owned(model: LinkedTable, key: KeyDraft): void {
    if (!isComparable(key)) return
    const { owner, target } = key
    const one = isUnique(model, key)
    const own = instanceName(owner.className)
    const base = one ? own : plural(own)
    const others = this.#between(owner, target)
    const [single = ''] = singleName(key)
    const isMain = others.length === 1 || single === instanceName(target.className)
    const prefixed = `${single}${upperFirst(base)}`
    const wanted =
      owner === target
        ? others.length === 1
          ? [one ? 'child' : 'children', prefixed]
          : [prefixed]
        : isMain
          ? [base, prefixed]
          : [prefixed]
    const field = key.fields[0]
    const isByName =
      key.fields.length === 1 &&
      key.isPrimary &&
      field?.name === `${instanceName(target.className)}Id` &&
      owner !== target
    this.#add(target, wanted, {
      kind: one ? 'hasOne' : 'hasMany',
      target: owner.className,
      options: { ...(isByName ? {} : { foreignKey: namesOf(key.fields) }), ...localKey(key) },
    })
  }

  #manyToMany({ draft }: LinkedTable, near: KeyDraft, far: KeyDraft): void {
    const [single = ''] = singleName(far)
    const [from = ''] = singleName(near)
    const target = plural(instanceName(far.target.className))
    const wanted =
      near.target === far.target
        ? [plural(single), `${single}${upperFirst(target)}`]
        : [target, plural(single), `${from}${upperFirst(target)}`]
    const options: DraftOptions = {
      through: new ModelRef(draft.className),
      foreignKey: namesOf(near.fields),
      otherKey: namesOf(far.fields),
    }
    this.#add(near.target, wanted, { kind: 'manyToMany', target: far.target.className, options })
  }
}

const localKey = ({ isPrimary, references }: KeyDraft): DraftOptions =>
  isPrimary ? {} : { localKey: namesOf(references) }

/** Adds the relations of both sides of each key, and those through join tables. */
export function addRelations(models: readonly LinkedTable[], reserved: Iterable<string>): void {
  new Relations(models, reserved).run()
}
