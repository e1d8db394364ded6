import { DefinitionError } from '../../errors.js'
import { foreignKeyField, MORPH_TYPE_LENGTH, stringField } from '../../field/index.js'
import { FieldDescriptor, type FieldKind } from '../../field/kind.js'
import { at } from '../../util/list.js'
import { keyOption, type ModelConstructor, type ModelMetadata, metadataOf } from '../metadata.js'
import type { ModelField } from '../model-field.js'

// Join tables without a model.

/** A key of a join table: its fields there, and the model whose keys they hold. */
export interface PivotKey {
  readonly names: readonly string[]
  readonly owner: ModelMetadata
  readonly fields: readonly ModelField[]
  /** Holds keys of several models, so that the database can't check them. */
  readonly isMorph: boolean
}

export interface PivotTable {
  readonly table: string
  readonly keys: readonly [PivotKey, PivotKey]
  readonly typeName: string | null
  readonly more: Readonly<Record<string, unknown>>
  /** The model whose relation it is: the table has its naming, and is in its database. */
  readonly source: ModelMetadata
}

type MakeModel = (fields: Record<string, unknown>, options: Record<string, unknown>) => ModelConstructor

let makeModel: MakeModel | null = null

/** How a model is made; given by the layer that knows. */
export function makePivotsBy(make: MakeModel): void {
  makeModel = make
}

/** The metadata of such a table: both keys are its primary key, so that a pair is there once. */
export function pivotMetadata({ table, keys, typeName, more, source }: PivotTable, where: string): ModelMetadata {
  const fields: Record<string, FieldDescriptor> = {}
  for (const key of keys) Object.assign(fields, keyFields(key))
  if (typeName !== null) fields[typeName] = stringField({ max: MORPH_TYPE_LENGTH, primaryKey: true })
  for (const name of Object.keys(more)) {
    if (Object.hasOwn(fields, name))
      throw new DefinitionError(
        `${where} has the pivot field "${name}", which is one of its keys. Remove it: corm adds the keys itself.`,
      )
    if (!(more[name] instanceof FieldDescriptor))
      throw new DefinitionError(
        `${where} has the pivot field "${name}", which is not made by Field. Write ${name}: Field.string().`,
      )
    fields[name] = more[name]
  }
  const indexes = typeName === null ? [] : [morphIndex(keys, typeName)]
  const { naming, database } = source.options
  const options = {
    table,
    indexes,
    ...(naming !== undefined && { naming }),
    ...(database !== undefined && { database }),
  }
  if (makeModel === null) throw new TypeError('a model is made by the layer above')
  const Base = makeModel(fields, options)
  const Pivot = class extends Base {}
  Object.defineProperty(Pivot, 'name', { value: table })
  return metadataOf(Pivot)
}

const morphIndex = (keys: PivotTable['keys'], typeName: string) => [
  typeName,
  ...keys.filter((key) => key.isMorph).flatMap((key) => key.names),
]

function keyFields({ names, owner, fields, isMorph }: PivotKey): Record<string, FieldDescriptor> {
  const [field, second] = fields
  if (field === undefined)
    throw new DefinitionError(
      `"${owner.name}" has no primary key, so a relation can't refer to its rows. Set { primaryKey: true } on a field.`,
    )
  if (!isMorph && second === undefined && field === owner.primaryKey[0]) {
    const options = { key: keyOption(field), primaryKey: true, onDelete: 'cascade', onUpdate: 'cascade' } as const
    return { [at(names, 0)]: foreignKeyField(() => owner.model, options) }
  }
  return Object.fromEntries(fields.map((each, i) => [at(names, i), partOf(each)]))
}

/** A field that holds the values of another one, without the database knowing. */
function partOf({ kind }: ModelField): FieldDescriptor {
  const { automatic: _, ...rest } = kind
  const { autoIncrement: __, reuse: ___, ...dataType } = rest.dataType
  const copy: FieldKind = { ...rest, dataType }
  return new FieldDescriptor({ type: 'key', options: { primaryKey: true }, kind: copy })
}
