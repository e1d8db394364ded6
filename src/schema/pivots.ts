import { DefinitionError } from '../errors.js'
import type { ModelMetadata } from '../metadata/metadata.js'
import { type RelationMetadata, relationOf } from '../metadata/relation/resolve.js'

/** These models, and the join tables between them that have no model. */
export function withPivots(models: readonly ModelMetadata[]): ModelMetadata[] {
  const listed = new Set(models)
  const known = new Map(models.map((meta) => [meta.table, meta]))
  const pivots = new Map<string, RelationMetadata>()
  for (const meta of models)
    for (const name of meta.relations.keys()) {
      const relation = relationOf(meta, name)
      const { through } = relation
      if (through?.isImplicit !== true || !listed.has(relation.target) || known.has(through.meta.table)) continue
      const other = pivots.get(through.meta.table)
      pivots.set(through.meta.table, other === undefined ? relation : fuller(other, relation))
    }
  return [...models, ...[...pivots.values()].map(metaOf)]
}

/** Merges the two sides of a relation, which describe the same join table. Fields that only one side names are included. */
function fuller(a: RelationMetadata, b: RelationMetadata): RelationMetadata {
  const [one, two] = [metaOf(a), metaOf(b)]
  const [more, less] = two.fields.length > one.fields.length ? [b, a] : [a, b]
  for (const field of metaOf(less).fields) {
    const other = metaOf(more).fieldOfColumn(field.column)
    if (other === undefined || other.dataType.name !== field.dataType.name)
      throw new DefinitionError(
        `"${a.source.name}.${a.name}" and "${b.source.name}.${b.name}" both have the table "${one.table}", but not the same fields: ${field.column}. Let them agree, or give the table a model.`,
      )
  }
  return more
}

function metaOf({ through }: RelationMetadata): ModelMetadata {
  if (through === null) throw new TypeError('a relation without a join table')
  return through.meta
}
