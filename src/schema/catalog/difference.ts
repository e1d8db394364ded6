/** One difference between the schema that is expected and the database. */
export interface Difference {
  readonly kind: 'table' | 'column' | 'primaryKey' | 'index' | 'foreignKey' | 'check' | 'comment' | 'option' | 'view'
  /** `missing`: the database lacks it; `unexpected`: only the database has it. */
  readonly change: 'missing' | 'unexpected' | 'different'
  /** The table, or the view. */
  readonly table: string
  /** The column, index or constraint; null for the table itself, and for a constraint without a name. */
  readonly name: string | null
  /** The property that differs: `type`, `nullable`, `default` … */
  readonly property: string | null
  /** The value in the database, in the database's own wording. */
  readonly found: string | null
  /** The expected value, in the database's own wording. */
  readonly expected: string | null
}

/** Creates a difference. Omitted properties are null. */
export const difference = (
  kind: Difference['kind'],
  change: Difference['change'],
  table: string,
  more: Partial<Pick<Difference, 'name' | 'property' | 'found' | 'expected'>> = {},
): Difference => ({ kind, change, table, name: null, property: null, found: null, expected: null, ...more })

/** The subject of a difference: `books.price`. */
export const subjectOf = ({ table, name }: Difference): string => (name === null ? table : `${table}.${name}`)

const WORDS: Readonly<Record<Difference['kind'], string>> = {
  table: 'table',
  column: 'column',
  primaryKey: 'primary key of',
  index: 'index',
  foreignKey: 'foreign key',
  check: 'check',
  comment: 'comment of',
  option: 'option of',
  view: 'view',
}

/** A difference in one line: `column books.price: type is numeric(8,2), expected numeric(10,2)`. */
export function describeDifference(given: Difference): string {
  const { kind, change, property, found, expected } = given
  const what = `${WORDS[kind]} ${subjectOf(given)}`
  if (change === 'missing') return `${what} is missing${expected === null ? '' : `: ${expected}`}`
  if (change === 'unexpected') return `${what} is not expected${found === null ? '' : `: ${found}`}`
  return `${what}: ${property ?? 'it'} is ${found ?? 'not set'}, expected ${expected ?? 'not set'}`
}
