import type { DataType, ElementType } from '../ast/data-type.js'
import type { CheckDefinition, ForeignKeyDefinition } from '../ast/definition.js'
import {
  type ColumnState,
  type IndexState,
  isOneWay,
  type OperationName,
  type OperationOf,
  type SchemaOperation,
  type TableState,
  viewOptionsOf,
} from '../ast/schema.js'
import {
  callSource,
  listSource,
  objectSource,
  type Source,
  stringLiteral,
  valueSource,
  writeSource,
} from '../util/source-text.js'
import { sourceOfValue } from './column-value.js'
import type { SqlStep } from './definition.js'
import { ExpressionPrinter, type PrinterNeeds } from './printer-expressions.js'
import { copyText, fillText } from './printer-fill.js'
import { isSchemaOperation, type WrittenOperation } from './written-operation.js'

// Writes a migration file. Reading the file gives the same operations.

type PropertySource = readonly [string, Source]

const given = (name: string, source: Source | null | undefined | false): readonly PropertySource[] =>
  source === null || source === undefined || source === false ? [] : [[name, source]]

const flag = (name: string, value: boolean): readonly PropertySource[] => (value ? [[name, 'true']] : [])
const texts = (values: readonly string[]): Source => listSource(values.map(stringLiteral))

/** The parts of a migration file. */
export interface MigrationText {
  readonly parents: readonly string[]
  readonly operations: readonly (WrittenOperation | SqlStep)[]
  /** Comments for the lines before the operations, by their position. */
  readonly comments: ReadonlyMap<number, readonly string[]>
  readonly squashes: readonly string[]
  readonly after: 'deploy' | null
  /** Why its operations may run in production. */
  readonly safe?: string
}

class Printer {
  readonly needs: PrinterNeeds = new Set(['migration'])
  readonly #expressions = new ExpressionPrinter(this.needs)

  operation(operation: SchemaOperation | SqlStep, safe?: string): Source {
    if (operation.op === 'sql') return objectSource([['op', stringLiteral('sql')], ...sqlEntries(operation)])
    const print = PRINTERS[operation.op] as (this: Printer, each: SchemaOperation) => readonly PropertySource[]
    return objectSource([
      ['op', stringLiteral(operation.op)],
      ...print.call(this, operation),
      ...given('safe', safe && stringLiteral(safe)),
    ])
  }

  /** The text of an operation in the list of a file. */
  written(operation: WrittenOperation | SqlStep, safe?: string): string {
    if (operation.op === 'sql' || isSchemaOperation(operation))
      return writeSource(this.operation(operation, safe), 2, 1)
    if (operation.key.length === 1) this.needs.add('oneOf')
    if (operation.op === 'fillInBatches') return fillText(operation)
    this.needs.add('sql')
    return copyText(operation)
  }

  table({ name, columns, primaryKey, foreignKeys, checks, comment, options }: TableState): readonly PropertySource[] {
    // the reader uses the auto-incremented columns as the primary key if none is named
    const isPlainKey = primaryKey.join('\0') === idsOf(columns).join('\0')
    const entries = columns.map((each) => [each.name, this.column(each)] as const)
    return [
      ['table', stringLiteral(name)],
      ['columns', objectSource(entries)],
      ...given('primaryKey', !isPlainKey && texts(primaryKey)),
      ...given(
        'foreignKeys',
        foreignKeys.length > 0 &&
          objectSource(foreignKeys.map((key) => [key.name, objectSource(foreignKeyEntries(key))])),
      ),
      ...given('checks', checks.length > 0 && objectSource(checks.map((check) => [check.name, this.check(check)]))),
      ...given('comment', comment !== null && stringLiteral(comment)),
      ...given('options', options !== null && texts(options)),
    ]
  }

  check = ({ predicate }: CheckDefinition): Source => this.#expressions.callback(predicate)

  column({ type, nullable, default: value, generated, comment, retired }: ColumnState): Source {
    this.needs.add('column')
    const { name, first, options } = typeParts(type)
    const entries: readonly PropertySource[] = [
      ...options,
      ...flag('nullable', nullable),
      ...given('default', value !== null && this.#default(value)),
      ...given('generated', generated !== null && this.#expressions.callback(generated.expression)),
      ...flag('stored', generated?.stored === true),
      ...given('comment', comment !== null && stringLiteral(comment)),
      ...flag('retired', retired),
    ]
    const args = [...first, ...(entries.length === 0 ? [] : [objectSource(entries)])]
    return callSource(`column.${name}`, args)
  }

  #default(value: NonNullable<ColumnState['default']>): Source {
    return typeof value === 'string' ? stringLiteral(value) : this.#expressions.print(value)
  }

  index({
    name,
    columns,
    unique,
    where,
    expression,
    sql,
    method,
    vector,
    fullText,
  }: IndexState): readonly PropertySource[] {
    return [
      ['name', stringLiteral(name)],
      ['columns', texts(columns)],
      ...flag('unique', unique),
      ...given('where', where !== null && this.#expressions.callback(where)),
      ...given('expression', expression !== null && this.#expressions.callback(expression)),
      ...given('sql', sql !== null && stringLiteral(sql)),
      ...given('method', method !== null && stringLiteral(method)),
      ...given(
        'vector',
        vector !== null && valueSource({ metric: vector.metric, settings: Object.fromEntries(vector.settings) }),
      ),
      ...given('fullText', fullText !== null && fullTextSource(fullText)),
    ]
  }
}

const idsOf = (columns: readonly ColumnState[]): readonly string[] =>
  columns.filter(({ type }) => type.autoIncrement === true && isId(type)).map(({ name }) => name)

const isId = ({ name, storage }: DataType) => (name === 'integer' || name === 'bigInteger') && storage === undefined

function typeParts(type: DataType): { name: string; first: readonly Source[]; options: readonly PropertySource[] } {
  const { name, length, precision, scale, values = [], sql, storage, element } = type
  const options = [
    ...given('sql', sql !== undefined && stringLiteral(sql)),
    ...given('storage', storage !== undefined && valueSource(storage)),
  ]
  if (type.autoIncrement === true && isId(type))
    return {
      name: name === 'integer' ? 'id' : 'bigId',
      first: [],
      options: [...flag('reuse', type.reuse === true), ...options],
    }
  if (name === 'char' || name === 'vector') return { name, first: [String(length)], options }
  if (element !== undefined) return { name, first: [elementSource(element)], options }
  if (name === 'enum') return { name, first: [valueSource([...values])], options }
  const number = (key: string, value: number | undefined) => given(key, value !== undefined && String(value))
  if (name === 'string' || name === 'text') return { name, first: [], options: [...number('max', length), ...options] }
  if (name === 'decimal')
    return { name, first: [], options: [...number('precision', precision), ...number('scale', scale), ...options] }
  if (name === 'dateTime') return { name, first: [], options: [...number('precision', precision), ...options] }
  return { name, first: [], options }
}

function elementSource({ dataType, nullable }: ElementType): Source {
  const { name, first, options } = typeParts(dataType)
  const entries = [...options, ...flag('nullable', nullable)]
  return callSource(`column.${name}`, [...first, ...(entries.length === 0 ? [] : [objectSource(entries)])])
}

function foreignKeyEntries({
  columns,
  table,
  references,
  onDelete,
  onUpdate,
  deferrable,
}: ForeignKeyDefinition): readonly PropertySource[] {
  return [
    ['columns', texts(columns)],
    [
      'references',
      objectSource([
        ['table', stringLiteral(table)],
        ['columns', texts(references)],
      ]),
    ],
    ['onDelete', stringLiteral(onDelete)],
    ['onUpdate', stringLiteral(onUpdate)],
    ...flag('deferrable', deferrable),
  ]
}

const fullTextSource = ({ language, weights }: NonNullable<IndexState['fullText']>): Source =>
  language === null && weights === null
    ? 'true'
    : objectSource([
        ...given('language', language !== null && stringLiteral(language)),
        ...given('weights', weights !== null && valueSource([...weights])),
      ])

const sqlEntries = ({ up, down, probe }: SqlStep): readonly PropertySource[] => [
  ['up', valueSource(up)],
  ['down', valueSource(down)],
  ...given('probe', probe !== null && valueSource(probe)),
]

const inTable = ({ table }: { readonly table: string }): PropertySource => ['table', stringLiteral(table)]
/** Prints the members of an operation that are texts. */
const named =
  (...names: readonly string[]) =>
  (operation: object): readonly PropertySource[] =>
    names.map((name) => [name, stringLiteral((operation as Record<string, string>)[name] ?? '')])

type Print<Name extends OperationName> = (this: Printer, operation: OperationOf<Name>) => readonly PropertySource[]

const PRINTERS: { readonly [Name in OperationName]: Print<Name> } = {
  createTable({ table }) {
    return this.table(table)
  },
  dropTable: named('table'),
  retireTable: named('table'),
  restoreTable: named('table'),
  renameTable: named('table', 'to'),
  addColumn({ table, column, fill }) {
    return [
      inTable({ table }),
      ['column', stringLiteral(column.name)],
      ['definition', this.column(column)],
      ...given('fill', fill !== undefined && sourceOfValue(column.type, fill)),
    ]
  },
  removeColumn: named('table', 'column'),
  retireColumn: named('table', 'column'),
  renameColumn: named('table', 'from', 'to'),
  mirrorColumn(operation) {
    return [...named('table', 'from', 'to')(operation), ...flag('oneWay', isOneWay(operation))]
  },
  swapColumns({ table, column, other }) {
    return [
      inTable({ table }),
      ['column', stringLiteral(column.name)],
      ['with', stringLiteral(other.name)],
      ['to', this.column(column)],
    ]
  },
  unmirrorColumn: named('table', 'from', 'to'),
  alterColumn({ table, column, using, fill }) {
    return [
      inTable({ table }),
      ['column', stringLiteral(column.name)],
      ['to', this.column(column)],
      ...given('using', using !== null && valueSource({ ...using })),
      ...given('fill', fill !== undefined && sourceOfValue(column.type, fill)),
    ]
  },
  createIndex({ table, index, concurrently }) {
    return [inTable({ table }), ...this.index(index), ...flag('concurrently', concurrently)]
  },
  dropIndex({ table, name, concurrently }) {
    return [inTable({ table }), ['name', stringLiteral(name)], ...flag('concurrently', concurrently)]
  },
  renameIndex: named('table', 'from', 'to'),
  addForeignKey({ table, foreignKey, concurrently = false }) {
    return [
      inTable({ table }),
      ['name', stringLiteral(foreignKey.name)],
      ...foreignKeyEntries(foreignKey),
      ...flag('concurrently', concurrently),
    ]
  },
  dropForeignKey: named('table', 'name'),
  addCheck({ table, check, concurrently = false }) {
    return [
      inTable({ table }),
      ['name', stringLiteral(check.name)],
      ['check', this.check(check)],
      ...flag('concurrently', concurrently),
    ]
  },
  dropCheck: named('table', 'name'),
  alterComment({ table, column, comment }) {
    return [
      inTable({ table }),
      ...given('column', column !== null && stringLiteral(column)),
      ['comment', comment === null ? 'null' : stringLiteral(comment)],
    ]
  },
  createView: ({ view }) => [
    ['name', stringLiteral(view.name)],
    ['sql', valueSource({ ...view.sql })],
    ...given('options', viewOptionsOf(view).length > 0 && texts(viewOptionsOf(view))),
  ],
  dropView: named('name'),
}

const BATCHED: ReadonlySet<string> = new Set(['fillInBatches', 'copyInBatches'])

/** The text of a file of migrations. */
export function printMigration({ parents, operations, comments, squashes, after, safe }: MigrationText): string {
  const printer = new Printer()
  const body = operations.map((operation, i) => {
    const lines = (comments.get(i) ?? []).map((line) => `    // ${line}\n`)
    const text = printer.written(operation, safe)
    return `${lines.join('')}    ${text},\n`
  })
  const names = [...printer.needs].sort()
  const list = writeSource(texts(parents), 1, 11)
  const head = [
    `  parents: ${list},\n`,
    ...(squashes.length > 0 ? [`  squashes: ${writeSource(texts(squashes), 1, 12)},\n`] : []),
    ...(after === null ? [] : [`  after: ${stringLiteral(after)},\n`]),
    // without this, all batches would run in one transaction
    ...(operations.some(({ op }) => BATCHED.has(op)) ? ['  transaction: false,\n'] : []),
  ].join('')
  const operationsText = body.length === 0 ? '  operations: [],\n' : `  operations: [\n${body.join('')}  ],\n`
  return `import { ${names.join(', ')} } from 'corm/migration'\n\nexport default migration({\n${head}${operationsText}})\n`
}
