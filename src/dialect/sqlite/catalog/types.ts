import type { DataType } from '../../../ast/data-type.js'
import { typeOnly } from '../../../compiler/definition.js'
import type { CatalogColumn } from '../../catalog.js'
import { byAffinity } from '../affinity.js'
import { readTypeComment } from '../type-comment.js'
import { sqliteCodec } from '../types.js'

/** The type of a column by what corm has noted of it, or else by the type that was declared. */
export function catalogTypeOf(column: CatalogColumn): DataType {
  const { type, collation } = column
  const found = typeWithoutCollation(column)
  return collation === null ? found : { ...found, sql: `${type} collate ${collation}` }
}

function typeWithoutCollation(column: CatalogColumn): DataType {
  const noted = column.noted === null ? null : (readTypeComment(column.noted)?.type ?? null)
  if (noted === null) return declaredType(column)
  const isOwn = sqliteCodec(typeOnly(noted)).columnType.toLowerCase() === column.type.toLowerCase()
  return { ...noted, ...(!isOwn && { sql: column.type }), ...(column.numbered && { autoIncrement: true }) }
}

function declaredType({ type, numbered }: CatalogColumn): DataType {
  const declared = type.toLowerCase()
  if (declared === 'integer' || declared === 'int')
    return { name: 'bigInteger', ...(numbered && { autoIncrement: true }) }
  if (declared === 'real') return { name: 'float' }
  if (declared === 'blob') return { name: 'binary' }
  if (declared === 'text') return { name: 'text' }
  return { name: byAffinity(declared), sql: type }
}
