import type { ValueType } from '../../ast/data-type.js'
import type { CastNode, ExpressionNode, SelectNode } from '../../ast/expression.js'
import { UsageError } from '../../errors.js'
import { plainTypes } from '../../field/plain-type.js'
import type { ModelField } from '../../metadata/model-field.js'
import { commonNumber, decimalWith } from '../expression/number-types.js'
import { NUMBERS } from '../expression/scalars.js'
import type { PartOf } from '../shape.js'
import { FUSED } from './fused.js'

// Combines the rows of several queries. Values with the same name become one column with one type.

export type NamedTypes = ReadonlyMap<string, ValueType | null>

const TEXTS: readonly string[] = ['string', 'text', 'char', 'enum']

const familyOf = ({ dataType: { name } }: ValueType): string =>
  NUMBERS.includes(name) ? 'number' : TEXTS.includes(name) ? 'text' : name

/** The type that holds the values of both. */
export function unitedType(name: string, a: ValueType | null, b: ValueType | null): ValueType | null {
  if (a === null || b === null || a === b) return a ?? b
  if (familyOf(a) !== familyOf(b))
    throw new UsageError(
      `The queries of a union have values of different types as "${name}": ${a.dataType.name} and ${b.dataType.name}. Give them one type, by cast() or another expression.`,
    )
  return familyOf(a) === 'number' ? (decimalWith([a, b], []) ?? commonNumber([a, b]) ?? a) : a
}

/**
 * Casts named decimals of a query, and values that are combined with decimals, to these types. The queries of a union may have
 * decimals with different digits.
 */
export function castTo(query: SelectNode, own: NamedTypes, to: NamedTypes): SelectNode {
  const isOther = (name: string | null) => {
    const type = name === null ? null : to.get(name)
    return type?.dataType.name === 'decimal' && own.get(name as string) !== type
  }
  if (!query.selections.some(({ alias }) => isOther(alias))) return query
  const selections = query.selections.map((selection) => {
    if (!isOther(selection.alias)) return selection
    const type = to.get(selection.alias as string) as ValueType
    const expression: CastNode = { kind: 'cast', operand: selection.expression, to: 'decimal', type }
    return { ...selection, expression }
  })
  return { ...query, selections }
}

/** Throws if the queries of a union don't have the same columns. */
export function refuseOthers(
  fields: readonly ModelField[],
  named: ReadonlyMap<string, ExpressionNode>,
  part: PartOf<'compound'>,
): void {
  refuseOneSearch(named, part)
  const names = [...named.keys()]
  const others = [...part.types.keys()]
  if (list(fields) !== list(part.fields) || names.join() !== others.join())
    throw new UsageError(
      `The queries of a union select the same fields and names. One has ${list(fields, names)}; the other ${list(part.fields, others)}.`,
    )
}

const isOfSearch = (node: ExpressionNode) =>
  node.kind === 'match' || node.kind === 'distance' || (node.kind === 'column' && node.table === FUSED)

/** Refuses a search in only one query of a union: it adds a value that the rows of the others lack. */
function refuseOneSearch(named: ReadonlyMap<string, ExpressionNode>, part: PartOf<'compound'>): void {
  const searches = (items: Iterable<readonly [string | null, ExpressionNode]>) =>
    [...items].flatMap(([name, node]) => (name !== null && isOfSearch(node) ? name : []))
  const first = searches(named)
  const second = searches(part.query.selections.map(({ alias, expression }) => [alias, expression]))
  const lone = first.find((name) => !part.types.has(name)) ?? second.find((name) => !named.has(name))
  if (lone !== undefined)
    throw new UsageError(
      `One query of the union has "${lone}", which a search adds to its rows, and the other one has not. Search in both queries, or use the search as a condition: whereIn('id', query.select('id')).`,
    )
}

const list = (fields: readonly ModelField[], names: readonly string[] = []) =>
  [...fields.map((field) => field.name), ...names].join(', ')

/** Casts the texts in the first rows of a recursive query to a long type, because texts of later rows may be longer. */
export function withLongTexts(query: SelectNode, names: NamedTypes): SelectNode {
  const isText = (name: string | null) => {
    const type = name === null ? null : names.get(name)
    return type != null && familyOf(type) === 'text'
  }
  if (!query.selections.some(({ alias }) => isText(alias))) return query
  const selections = query.selections.map((selection) => {
    if (!isText(selection.alias)) return selection
    const operand = selection.expression
    const expression: CastNode = { kind: 'cast', operand, to: 'longText', type: plainTypes.text }
    return { ...selection, expression }
  })
  return { ...query, selections }
}
