import type {
  CatalogCheck,
  CatalogColumn,
  CatalogForeignKey,
  CatalogIndex,
  CatalogSupport,
  CatalogTable,
} from '../../dialect/catalog.js'
import { type Difference, difference } from './difference.js'

/** Compares how the database would describe a table with the table that exists. */
export function compareTable(expected: CatalogTable, found: CatalogTable, support: CatalogSupport): Difference[] {
  return new TableComparison(expected, found, support).run()
}

/** The properties of a column that are compared, as text. */
const columnFacts = (column: CatalogColumn): Readonly<Record<string, string | null>> => ({
  type: column.type,
  nullable: String(column.nullable),
  default: column.default,
  generated: column.generated === null ? null : column.generated.expression,
  stored: column.generated === null ? null : String(column.generated.stored),
  numbered: String(column.numbered),
  collation: column.collation,
  comment: column.comment,
  noted: column.noted,
  extra: column.extra,
})

const foreignKeyText = ({
  columns,
  table,
  references,
  onDelete,
  onUpdate,
  deferrable,
  valid,
}: CatalogForeignKey): string =>
  [
    `(${columns.join(', ')}) references ${table} (${references.join(', ')}) on delete ${onDelete} on update ${onUpdate}`,
    ...(deferrable ? ['deferrable'] : []),
    ...(valid ? [] : ['not valid']),
  ].join(' ')

const indexText = ({ unique, text, valid }: CatalogIndex): string =>
  `${unique ? 'unique ' : ''}${text}${valid ? '' : ' (not valid)'}`

/** Whether an unnamed unique constraint covers the same columns as the expected unique index. */
const isUniqueAlike = (found: CatalogIndex, expected: CatalogIndex): boolean =>
  found.unnamed &&
  found.constraint &&
  found.unique &&
  expected.unique &&
  found.columns.join('\0') === expected.columns.join('\0')

const checkText = ({ predicate, valid }: CatalogCheck): string => `${predicate}${valid ? '' : ' (not valid)'}`

const primaryKeyText = ({ primaryKey, keyText }: CatalogTable): string => keyText ?? primaryKey.join(', ')

interface OptionallyNamed {
  readonly name: string | null
}

const isKey = ({ primaryKey }: CatalogTable, { name }: CatalogColumn): boolean => primaryKey.includes(name)

class TableComparison {
  readonly #differences: Difference[] = []
  readonly #table: string

  constructor(
    readonly expected: CatalogTable,
    readonly found: CatalogTable,
    readonly support: CatalogSupport,
  ) {
    this.#table = expected.name
  }

  run(): Difference[] {
    const { expected, found } = this
    this.#columns()
    if (!this.#hasUniqueKey()) this.#text('primaryKey', primaryKeyText(expected), primaryKeyText(found))
    this.#indexes()
    const sameText = (a: string, b: string) => this.support.isSameText(a, b)
    this.#constraints('foreignKey', [expected.foreignKeys, found.foreignKeys], {
      text: foreignKeyText,
      isSame: (a, b) => a === b,
    })
    this.#constraints('check', [expected.checks, found.checks], { text: checkText, isSame: sameText })
    this.#text('comment', expected.comment, found.comment)
    if (expected.options.length > 0) this.#text('option', expected.options.join(', '), found.options.join(', '))
    return this.#differences
  }

  #add(kind: Difference['kind'], change: Difference['change'], more: Parameters<typeof difference>[3]): void {
    this.#differences.push(difference(kind, change, this.#table, more))
  }

  #text(kind: Difference['kind'], expected: string | null, found: string | null): void {
    if (expected !== found) this.#add(kind, 'different', { expected, found })
  }

  /** Whether a table without a primary key has a unique key instead, as its model declares. */
  #hasUniqueKey(): boolean {
    const { expected, found } = this
    return (
      found.primaryKey.length === 0 &&
      found.indexes.some(
        ({ unique, where, columns }) =>
          unique && where === null && columns.join(', ') === expected.primaryKey.join(', '),
      )
    )
  }

  #columns(): void {
    const there = new Map(this.found.columns.map((column) => [column.name, column]))
    for (const column of this.expected.columns) {
      const other = there.get(column.name)
      there.delete(column.name)
      if (other === undefined) this.#add('column', 'missing', { name: column.name, expected: column.type })
      else this.#column(column, other)
    }
    for (const { name, type } of there.values()) this.#add('column', 'unexpected', { name, found: type })
  }

  #column(expected: CatalogColumn, found: CatalogColumn): void {
    const [wanted, has] = [columnFacts(expected), columnFacts(found)]
    for (const [property, text] of Object.entries(wanted)) {
      const other = has[property] ?? null
      if (text === other) continue
      // another program may have created the column without the comment of corm
      if (property === 'noted' && other === null) continue
      // SQLite accepts NULL in keys unless the column is NOT NULL
      if (property === 'nullable' && isKey(this.expected, expected) && isKey(this.found, expected)) continue
      const isText = property === 'type' || property === 'default' || property === 'generated'
      if (isText && text !== null && other !== null && this.support.isSameText(text, other)) continue
      this.#add('column', 'different', { name: expected.name, property, expected: text, found: other })
    }
  }

  #indexes(): void {
    const isSame = (a: CatalogIndex, b: CatalogIndex) =>
      a.unique === b.unique && a.valid === b.valid && this.support.isSameText(a.text, b.text)
    const left = new Set(this.found.indexes)
    const missing = this.expected.indexes.filter((index) => {
      const same = [...left].find((other) => !other.unnamed && other.name === index.name)
      if (same === undefined) return true
      left.delete(same)
      if (!isSame(index, same))
        this.#index('different', index.name, { expected: indexText(index), found: indexText(same) })
      return false
    })
    for (const index of missing) {
      const same =
        [...left].find((other) => isSame(other, index)) ?? [...left].find((other) => isUniqueAlike(other, index))
      if (same !== undefined && !isSame(same, index)) {
        left.delete(same)
        this.#index('different', index.name, { expected: indexText(index), found: indexText(same) })
      } else if (same === undefined) this.#index('missing', index.name, { expected: indexText(index) })
      else {
        left.delete(same)
        // only names that somebody chose are compared
        if (!same.unnamed)
          this.#index('different', index.name, { property: 'name', expected: index.name, found: same.name })
      }
    }
    for (const index of left)
      if (!this.#isOfKey(index)) this.#index('unexpected', index.name, { found: indexText(index) })
  }

  #index(change: Difference['change'], name: string, more: Partial<Difference>): void {
    this.#add('index', change, { name, ...more })
  }

  /** Whether the database created the index for a foreign key. */
  #isOfKey({ name, unnamed, constraint }: CatalogIndex): boolean {
    return unnamed && !constraint && this.found.foreignKeys.some((key) => key.name === name)
  }

  /** Compares constraints by name. Unnamed ones are matched by their content. */
  #constraints<T extends OptionallyNamed>(
    kind: 'foreignKey' | 'check',
    [expected, found]: readonly [readonly T[], readonly T[]],
    how: { text(item: T): string; isSame(a: string, b: string): boolean },
  ): void {
    const isSame = (a: T, b: T) => how.isSame(how.text(a), how.text(b))
    const left = new Set(found)
    const missing = expected.filter((item) => {
      const same = item.name === null ? undefined : [...left].find(({ name }) => name === item.name)
      if (same === undefined) return true
      left.delete(same)
      if (!isSame(item, same))
        this.#add(kind, 'different', { name: item.name, expected: how.text(item), found: how.text(same) })
      return false
    })
    for (const item of missing) {
      const same = [...left].find((other) => isSame(item, other))
      if (same === undefined) this.#add(kind, 'missing', { name: item.name, expected: how.text(item) })
      else {
        left.delete(same)
        if (same.name !== null && item.name !== null)
          this.#add(kind, 'different', {
            name: item.name,
            property: 'name',
            expected: item.name,
            found: same.name,
          })
      }
    }
    for (const item of left) this.#add(kind, 'unexpected', { name: item.name, found: how.text(item) })
  }
}
