import type { CatalogForeignKey, CatalogTable } from '../dialect/catalog.js'
import { constraintName } from '../schema/names.js'
import { type DraftOptions, type FieldDraft, fieldDraftOf, type ModelDraft, ModelRef } from './draft.js'

/** A foreign key between two of the models. */
export interface KeyDraft {
  readonly owner: ModelDraft
  readonly target: ModelDraft
  readonly fields: readonly FieldDraft[]
  readonly references: readonly FieldDraft[]
  /** Whether it references the primary key, in the same order. */
  readonly isPrimary: boolean
  readonly key: CatalogForeignKey
}

/** The foreign keys of a table between tables that have models. */
export function keysOf(
  owner: ModelDraft,
  table: CatalogTable,
  models: ReadonlyMap<string, { readonly draft: ModelDraft; readonly table: CatalogTable }>,
): readonly KeyDraft[] {
  return table.foreignKeys.flatMap((key) => {
    const target = models.get(key.table)
    if (target === undefined) {
      owner.notes.push(
        `The foreign key of ${key.columns.join(', ')} points to ${key.table}, for which there is no model.`,
      )
      return []
    }
    const fields = key.columns.flatMap((column) => fieldDraftOf(owner, column) ?? [])
    const references = key.references.flatMap((column) => fieldDraftOf(target.draft, column) ?? [])
    if (fields.length !== key.columns.length || references.length !== fields.length) return []
    const isPrimary = key.references.join('\0') === target.table.primaryKey.join('\0')
    return [{ owner, target: target.draft, fields, references, isPrimary, key }]
  })
}

/** The option of a foreign key for the type of the referenced key. Null if corm does not support keys of this type. */
const KEY_TYPES: ReadonlyMap<string, string | null> = new Map([
  ['smallInteger', null],
  ['integer', null],
  ['bigInteger', 'bigint'],
  ['uuid', 'uuid'],
  ['string', 'string'],
  ['text', 'string'],
  ['char', 'string'],
  ['enum', 'string'],
])

const FAMILIES: Readonly<Record<string, string>> = {
  smallInteger: 'number',
  integer: 'number',
  bigInteger: 'number',
  string: 'text',
  text: 'text',
  char: 'text',
  enum: 'text',
  uuid: 'uuid',
}
const familyOf = ({ inspected: { type } }: FieldDraft) => FAMILIES[type.name] ?? type.name

/** Whether the types of both sides can be compared. */
export const isComparable = ({ fields, references }: KeyDraft): boolean =>
  fields.every((field, i) => {
    const other = references[i]
    const families = [field, other ?? field].map(familyOf)
    return families[0] === families[1] || families.every((family) => family === 'text' || family === 'uuid')
  })

/** Whether the types would follow each other in a cycle. */
function leadsBack(from: FieldDraft, start: FieldDraft, keys: ReadonlyMap<FieldDraft, KeyDraft>): boolean {
  let at: FieldDraft | undefined = start
  for (let steps = 0; at !== undefined && steps < 50; steps++) {
    if (at === from) return true
    at = keys.get(at)?.references[0]
  }
  return at !== undefined
}

/** Whether the columns can't support the action, which databases still let you declare. */
const isImpossible = ({ fields, key: { onDelete, onUpdate } }: KeyDraft): boolean =>
  [onDelete, onUpdate].some(
    (action) =>
      (action === 'setNull' && fields.some(({ column }) => !column.nullable)) ||
      (action === 'setDefault' && fields.some(({ column }) => column.default === null && !column.nullable)),
  )

const KEPT = ['column', 'primaryKey', 'nullable', 'dbDefault', 'description', 'unique']

const actionsOf = ({ onDelete, onUpdate, deferrable }: CatalogForeignKey): DraftOptions => {
  const atOnce = deferrable ? 'noAction' : 'restrict'
  return {
    ...(onDelete !== atOnce && { onDelete }),
    ...(onUpdate !== atOnce && { onUpdate }),
    ...(deferrable && { deferrable }),
  }
}

const nameOption = (table: string, { name, columns }: CatalogForeignKey): DraftOptions =>
  name === null || name === constraintName(table, columns, 'fkey') ? {} : { name }

/** Turns fields into foreign keys. Options that a field does not have become options of the model. */
export function applyKeys(keys: readonly KeyDraft[]): void {
  const applied = new Map<FieldDraft, KeyDraft>()
  for (const each of keys) {
    const { owner, target, fields, references, isPrimary, key } = each
    const [field] = fields
    const [other] = references
    if (field === undefined || other === undefined) continue
    if (isImpossible(each)) {
      owner.notes.push(
        `The foreign key of ${key.columns.join(', ')} is left out: NOT NULL columns can't do what it says.`,
      )
      continue
    }
    const keyType = KEY_TYPES.get(other.inspected.type.name)
    const isField =
      fields.length === 1 &&
      isPrimary &&
      keyType !== undefined &&
      other.maker !== 'custom' &&
      field.maker !== 'custom' &&
      field.maker !== 'id' &&
      field.maker !== 'bigId' &&
      field.options.autoIncrement !== true &&
      field.column.generated === null &&
      isComparable(each) &&
      familyOf(field) === familyOf(other) &&
      !applied.has(field) &&
      !leadsBack(field, other, applied)
    if (!isField) {
      owner.foreignKeys.push({
        fields: fields.map(({ name }) => name),
        references: new ModelRef(target.className),
        ...(isPrimary ? {} : { localKey: references.map(({ name }) => name) }),
        ...actionsOf(key),
        ...nameOption(owner.table, key),
      })
      continue
    }
    applied.set(field, each)
    const kept = Object.fromEntries(Object.entries(field.options).filter(([name]) => KEPT.includes(name)))
    field.maker = 'foreignKey'
    field.first = [new ModelRef(target.className)]
    field.options = {
      ...kept,
      ...(keyType !== null && { key: keyType }),
      ...actionsOf(key),
      ...nameOption(owner.table, key),
    }
  }
}
