import { ANNOTATION, COLUMN } from '../../ast/bases.js'
import type { ColumnNode } from '../../ast/expression.js'
import { UsageError } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { type RelationMetadata, relationOf } from '../../metadata/relation/resolve.js'
import type { Translation } from '../../metadata/translation.js'
import { present } from '../../util/expect.js'
import { at } from '../../util/list.js'
import { type TranslatedNode, translatedOf } from '../columns/columns.js'
import type { Annotation } from '../shape.js'

/** Relations of one path: beyond this a text from outside would only make work. */
const LONGEST = 20

/** A key with a path through relations. */
export interface Path {
  readonly relations: readonly RelationMetadata[]
  /** The rest of the path, after the first relation. */
  readonly rest: string
  /** The field at its end, or the columns of a translated one. */
  readonly field: ModelField
  readonly translation: Translation | null
  /** Leads through a relation to many rows, so that it is no value of one row. */
  readonly many: boolean
}

/** The same where a relation is at its end. */
export type ResolvedRelationPath = Omit<Path, 'field' | 'translation'>

/** A key with dots in it as a path; null: it is none, and so the name of a field. */
export function pathOf(meta: ModelMetadata, key: unknown): Path | null {
  if (typeof key !== 'string') return null
  const dot = key.indexOf('.')
  if (dot < 0 || meta.hasField(key) || !meta.relations.has(key.slice(0, dot))) return null
  const { relations, end, last } = walk(meta, key)
  const [only, second] = end.primaryKey
  const translation = end.attributes.get(last)?.translation ?? null
  const isKey = last === 'pk' && only !== undefined && second === undefined
  const field = isKey ? only : (translation?.type ?? end.field(last))
  return { relations, rest: key.slice(dot + 1), field, translation, many: isMany(relations) }
}

/** A path whose last name is a relation as well, `author.country`: it is compared with instances. Else null. */
export function relationPathOf(meta: ModelMetadata, key: string): ResolvedRelationPath | null {
  const dot = key.indexOf('.')
  if (dot < 0 || meta.hasField(key) || !meta.relations.has(key.slice(0, dot))) return null
  const { relations, end, last } = walk(meta, key)
  return end.relations.has(last) ? { relations, rest: key.slice(dot + 1), many: isMany(relations) } : null
}

const isMany = (relations: readonly RelationMetadata[]) => relations.some((relation) => relation.many)

function walk(meta: ModelMetadata, key: string) {
  const names = key.split('.')
  if (names.length > LONGEST)
    throw new UsageError(
      `A path through relations has ${LONGEST} names at most; this one has ${names.length}. Write the rest in a callback of whereHas().`,
    )
  const relations: RelationMetadata[] = []
  let end = meta
  for (const name of names.slice(0, -1)) {
    const relation = relationOf(end, name)
    relations.push(relation)
    end = relation.target
  }
  return { relations, end, last: at(names, names.length - 1) }
}

/** The column at the end of a path through relations to one row. */
export function columnOfPath(
  meta: ModelMetadata,
  key: string,
  { relations, field, translation, many }: Path,
): ColumnNode | TranslatedNode {
  const wide = relations.find((relation) => relation.many)
  if (many && wide !== undefined)
    throw new UsageError(
      `"${meta.name}": "${key.slice(0, 100)}" goes through the to-many relation "${wide.name}", so it is not a single value. ` +
        'Use it in where(), or count, sum or join them in annotate().',
    )
  const path = relations.map((relation) => relation.name)
  const columnAt = (of: ModelField): ColumnNode => ({ ...COLUMN, table: null, name: of.column, type: of, path })
  return translation === null ? columnAt(field) : translatedOf(translation, columnAt)
}

/** Paths as values under their own names. */
export function pathAnnotations({ meta }: { readonly meta: ModelMetadata }, keys: readonly string[]): Annotation[] {
  return [...new Set(keys)].map((name) => {
    const expression = columnOfPath(meta, name, present(pathOf(meta, name), 'a path'))
    return { node: { ...ANNOTATION, name, type: expression.type }, expression }
  })
}
