import type { ColumnState, SchemaState, TableState } from '../../ast/schema.js'
import { typeWord } from './type-text.js'

// https://mermaid.js.org/syntax/entityRelationshipDiagram.html

/** The diagram as Mermaid text. */
export function mermaid({ tables }: SchemaState): string {
  const all = [...tables.values()]
  const blocks = all.map((table) => [
    `  ${entity(table.name)} {`,
    ...table.columns.map((each) => attribute(table, each)),
    '  }',
  ])
  const edges = all.flatMap((table) => table.foreignKeys.map((key) => edge(table, key)))
  return `${['erDiagram', ...blocks.flat(), ...edges].join('\n')}\n`
}

/** A table name for Mermaid, which allows all characters except quotes, percent signs and backslashes. */
const entity = (name: string): string => (/^[A-Za-z_][\w-]*$/.test(name) ? name : `"${word(name, /["%\\\p{C}]/gu)}"`)
/** A column name or type for Mermaid, which only allows letters, digits and few other characters. */
const word = (text: string, refused = /[^\p{L}\p{N}_-]/gu): string => text.replace(refused, '_') || '_'
const comment = (text: string): string => `"${text.replace(/["\p{C}]/gu, "'")}"`

function attribute(table: TableState, column: ColumnState): string {
  const { name } = column
  const keys = [
    ...(table.primaryKey.includes(name) ? ['PK'] : []),
    ...(table.foreignKeys.some(({ columns }) => columns.includes(name)) ? ['FK'] : []),
    ...(isUnique(table, [name]) ? ['UK'] : []),
  ]
  const type = word(typeWord(column))
  // names must begin with a letter
  const shown = /^\p{L}|^_/u.test(name) ? word(name) : `_${word(name)}`
  const said = column.comment === null ? [] : [comment(column.comment)]
  return `    ${[type, shown, ...(keys.length === 0 ? [] : [keys.join(', ')]), ...said].join(' ')}`
}

const isUnique = (table: TableState, columns: readonly string[]): boolean =>
  table.indexes.some(
    (index) =>
      index.unique &&
      index.where === null &&
      index.columns.length === columns.length &&
      columns.every((each) => index.columns.includes(each)),
  )

/** `books }o--|| authors`: many books, and exactly one author. */
function edge(table: TableState, { columns, table: target }: TableState['foreignKeys'][number]): string {
  const isOptional = table.columns.some(({ name, nullable }) => nullable && columns.includes(name))
  const isSingle =
    isUnique(table, columns) ||
    (table.primaryKey.length === columns.length && columns.every((each) => table.primaryKey.includes(each)))
  const near = isSingle ? '|o' : '}o'
  return `  ${entity(table.name)} ${near}--${isOptional ? 'o|' : '||'} ${entity(target)} : ${comment(columns.join(', '))}`
}
