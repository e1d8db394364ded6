import { CALL, COLUMN } from '../../ast/bases.js'
import type { CallNode, ColumnNode } from '../../ast/expression.js'
import { UnknownFieldError } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import type { Translation } from '../../metadata/translation.js'
import { memo } from '../../util/memo.js'
import { proxyOf } from '../../util/own.js'
import { emptyRecord } from '../../util/record.js'
import { Expr } from '../expression/expression.js'

const columns = new WeakMap<ModelField, ColumnNode>()

/** The node of a field's column; one per field, so that shapes are equal. */
export function columnOf(field: ModelField): ColumnNode {
  return memo(columns, field, columnNode)
}

function columnNode(field: ModelField): ColumnNode {
  return { ...COLUMN, table: null, name: field.column, type: field }
}

/** A translated field: the first of its columns that is filled. `make` makes the column of a language. */
export function translatedOf(translation: Translation, make: (field: ModelField) => ColumnNode): TranslatedNode {
  return {
    ...CALL,
    name: 'translated',
    args: translation.fields.map(make),
    distinct: false,
    type: translation.type,
  }
}

/** The columns of a translated field. */
export type TranslatedNode = CallNode<'translated'>

const translated = new WeakMap<Translation, TranslatedNode>()

/** The node of a translated field in the enclosing select; one per field, so that shapes are equal. */
export const translatedColumn = (translation: Translation): TranslatedNode =>
  memo(translated, translation, (of) => translatedOf(of, columnOf))

/** The columns of a model by the names of their fields. */
export type Columns = Readonly<Record<string, Expr>>
const columnObjects = new WeakMap<ModelMetadata, Map<string | null, Columns>>()

/**
 * The columns of a model as expressions; with the table's name before them for use in any statement. Unknown names throw.
 */
export function columnsOf(meta: ModelMetadata, table: string | null = null): Columns {
  const objects = memo(columnObjects, meta, () => new Map<string | null, Columns>())
  return memo(objects, table, () => columnObject(meta, (field) => ({ ...columnOf(field), table })))
}

/** An object of a model's columns, each made by `make`; `related` makes those of related rows. */
export function columnObject(
  meta: ModelMetadata,
  make: (field: ModelField) => ColumnNode,
  related?: (relation: string) => object,
): Readonly<Record<string, Expr>> {
  const object = emptyRecord<Expr>()
  for (const field of meta.fields) object[field.name] = new Expr(make(field))
  for (const each of meta.translations) object[each.name] = new Expr(translatedOf(each, make))
  return proxyOf(Object.freeze(object), {
    get(target, name) {
      if (typeof name === 'symbol' || name in target) return Reflect.get(target, name)
      // asked by promises and printers of any object
      if (name === 'then' || name === 'toJSON') return undefined
      if (related !== undefined && meta.relations.has(name)) return related(name)
      if (/^(where|orWhere)/.test(name) && meta.fieldOrNull(name) === undefined)
        throw new UnknownFieldError(
          `"${meta.name}" has no field "${name.slice(0, 100)}". This callback receives the columns of a row, and no query. Combine conditions with or() and and(): (c) => or(c.age.gt(18), c.role.eq('admin')).`,
        )
      return columnOf(meta.field(name))
    },
  })
}
