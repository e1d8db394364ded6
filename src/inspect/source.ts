import { keyLiteral, type Source, stringLiteral, valueSource, WIDTH, writeSource } from '../util/source-text.js'
import { type DraftOptions, type DraftValue, type FieldDraft, type ModelDraft, ModelRef, SqlText } from './draft.js'
import { ElementDraft } from './field-draft.js'
import { fieldNameOf } from './names.js'

// Writes the files of models, formatted as a formatter would do it.

/** A file, with its path in the folder of the models. */
export interface ModelFile {
  readonly path: string
  readonly text: string
}

const escapedSql = (text: string): string =>
  `sql\`${text
    .replace(/[\\`]|\$(?=\{)/g, '\\$&')
    .replace(/\n/g, '\\n')
    .replace(/\r/g, '\\r')
    .replace(/[\u2028\u2029\0]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)}\``

const flatLine = (source: Source): string => writeSource(source, -10_000)

/** Source that is written as it is. */
class Code {
  constructor(readonly text: string) {}
}

/** A value on one line. */
function inline(value: DraftValue): string {
  if (value instanceof Code) return value.text
  if (value instanceof SqlText) return escapedSql(value.text)
  if (value instanceof ModelRef) return `() => ${value.className}`
  if (value instanceof ElementDraft) {
    const { maker, first = [], options = {} } = value.made
    return `Field.${maker}(${argumentsOf(first, options).map(inline).join(', ')})`
  }
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`
  if (isObject(value)) {
    const entries = Object.entries(value)
    if (entries.length === 0) return '{}'
    return `{ ${entries.map(([name, each]) => `${keyLiteral(name)}: ${inline(each)}`).join(', ')} }`
  }
  return flatLine(valueSource(value))
}

const isObject = (value: DraftValue): value is DraftOptions =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  ![Code, SqlText, ModelRef, ElementDraft].some((kind) => value instanceof kind)

const argumentsOf = (first: readonly DraftValue[], options: DraftOptions): readonly DraftValue[] =>
  Object.keys(options).length === 0 ? first : [...first, options]

/** Whether each object of a list gets its own line, as formatters do if all of them have several members. */
function isSpread(value: DraftValue): boolean {
  if (Array.isArray(value)) {
    const sizes = value.map((each) =>
      Array.isArray(each) ? each.length : isObject(each) ? Object.keys(each).length : 0,
    )
    const isAlike = value.every(Array.isArray) || value.every(isObject)
    return (value.length > 1 && isAlike && sizes.every((size) => size > 1)) || value.some(isSpread)
  }
  return isObject(value) && Object.values(value).some(isSpread)
}

/** Prints a value after `used` characters of a line and before `after`, on several lines if necessary. */
function block(value: DraftValue, level: number, used: number, after: number): string {
  const line = inline(value)
  if (used + line.length + after <= WIDTH && !isSpread(value)) return line
  const indent = '  '.repeat(level + 1)
  const end = '  '.repeat(level)
  if (Array.isArray(value) && value.length > 0)
    return `[\n${value.map((each) => `${indent}${block(each, level + 1, indent.length, 1)},\n`).join('')}${end}]`
  if (isObject(value) && Object.keys(value).length > 0) {
    const lines = Object.entries(value).map(([name, each]) => {
      const key = `${keyLiteral(name)}: `
      return `${indent}${key}${block(each, level + 1, indent.length + key.length, 1)},\n`
    })
    return `{\n${lines.join('')}${end}}`
  }
  return line
}

/** Prints a call. If it is too long for one line, its last argument is broken over several. */
function call(name: string, args: readonly DraftValue[], { level, used, after }: Position): string {
  const line = `${name}(${args.map(inline).join(', ')})`
  if (used + line.length + after <= WIDTH) return line
  const before = args.slice(0, -1).map(inline)
  const last = args.at(-1)
  const head = `${name}(${before.map((each) => `${each}, `).join('')}`
  if ((isObject(last) || Array.isArray(last)) && used + head.length + 1 <= WIDTH)
    return `${head}${block(last, level, WIDTH, 1)})`
  const indent = '  '.repeat(level + 1)
  const lines = args.map((each) => `${indent}${block(each, level + 1, indent.length, 1)},\n`)
  return `${name}(\n${lines.join('')}${'  '.repeat(level)})`
}

interface Position {
  readonly level: number
  readonly used: number
  readonly after: number
}

/** The names of the constants for column types that corm has no field for, by their SQL. */
function customTypes(draft: ModelDraft): ReadonlyMap<string, string> {
  const types = new Map<string, string>()
  for (const { maker, options } of draft.fields) {
    const text = String(options.sql)
    if (maker !== 'custom' || types.has(text)) continue
    const name = `${fieldNameOf(text.replace(/\(.*/, ''))}Type`
    types.set(text, [...types.values()].includes(name) ? `${name}${types.size + 1}` : name)
  }
  return types
}

const customText = (name: string, sql: string): string =>
  `/** The texts in which the database writes values of this type. */\nconst ${name} = ${call(
    'Field.custom',
    [{ type: 'text', sql, encode: new Code('(value: string) => value'), decode: new Code('(raw: string) => raw') }],
    { level: 0, used: `const ${name} = `.length, after: 0 },
  )}\n\n`

function fieldText(field: FieldDraft, types: ReadonlyMap<string, string>, level: number): string {
  const key = `${keyLiteral(field.name)}: `
  const indent = '  '.repeat(level)
  const { sql, ...rest } = field.options
  const isCustom = field.maker === 'custom'
  const name = isCustom ? (types.get(String(sql)) ?? '') : `Field.${field.maker}`
  const args = argumentsOf(field.first, isCustom ? rest : field.options)
  return `${indent}${key}${call(name, args, { level, used: indent.length + key.length, after: 1 })},\n`
}

function modelOptions({ options, indexes, foreignKeys, checks }: ModelDraft): DraftOptions {
  const named = [...checks].map(([name, { check, ...more }]) => [
    name,
    Object.keys(more).length === 0 ? check : { check, ...more },
  ])
  return {
    ...options,
    ...(indexes.length > 0 && { indexes: indexes.map(shortIndex) }),
    ...(foreignKeys.length > 0 && { foreignKeys }),
    ...(named.length > 0 && { checks: Object.fromEntries(named) }),
  }
}

const shortIndex = (index: DraftOptions & { readonly fields: readonly string[] }): DraftValue =>
  Object.keys(index).length > 1 ? index : index.fields.length === 1 ? index.fields[0] : [...index.fields]

const LINE_ENDS = /[\r\n\u2028\u2029]+/g

/** A text from the database in a comment. It can end neither the comment nor its line. */
const comment = (text: string): string => {
  const line = text.replace(LINE_ENDS, ' ').replaceAll('*/', '* /')
  return line.length > 500 ? `${line.slice(0, 500)}…` : line
}

function notesText(notes: readonly string[]): string {
  const [only, ...more] = notes.map(comment)
  if (only === undefined) return ''
  if (more.length === 0) return `/** ${only} */\n`
  return `/**\n${[only, ...more].map((note) => ` * - ${note}\n`).join('')} */\n`
}

function classText(draft: ModelDraft, types: ReadonlyMap<string, string>): string {
  const options = modelOptions(draft)
  const hasOptions = Object.keys(options).length > 0
  const level = hasOptions ? 2 : 1
  const fields = draft.fields.map((field) => fieldText(field, types, level)).join('')
  const relations = draft.relations.map(({ name, kind, target, options: given }) => {
    const head = `  static ${name} = `
    const args = argumentsOf([new ModelRef(target)], given)
    return `${head}${call(`Relation.${kind}`, args, { level: 1, used: head.length, after: 0 })}\n`
  })
  const body = relations.length === 0 ? '{}' : `{\n${relations.join('')}}`
  const head = `export class ${draft.className} extends Model(`
  if (!hasOptions) return `${head}{\n${fields}}) ${body}\n`
  return `${head}\n  {\n${fields}  },\n  ${block(options, 1, 2, 1)},\n) ${body}\n`
}

/** Prints the file of a model. `files` are the names of all files by class. */
export function printModel(draft: ModelDraft, files: ReadonlyMap<string, string>): ModelFile {
  const types = customTypes(draft)
  const text = `${[...types].map(([sql, name]) => customText(name, sql)).join('')}${notesText(draft.notes)}${classText(draft, types)}`
  const names = [
    'Field',
    'Model',
    ...(draft.relations.length > 0 ? ['Relation'] : []),
    ...(hasSql(draft) ? ['sql'] : []),
  ]
  const others = [
    ...new Set(
      [
        ...draft.fields.flatMap(({ first }) => first),
        ...draft.foreignKeys.map(({ references }) => references),
        ...draft.relations.flatMap(({ target, options }) => [new ModelRef(target), options.through]),
      ].flatMap((each) => (each instanceof ModelRef ? [each.className] : [])),
    ),
  ]
    .filter((name) => name !== draft.className)
    .map((name) => [name, `./${files.get(name)}.js`] as const)
    .sort(([, a], [, b]) => (a < b ? -1 : 1))
  const imports = [
    `import { ${names.join(', ')} } from 'corm'\n`,
    ...others.map(([name, path]) => `import { ${name} } from ${stringLiteral(path)}\n`),
  ]
  return { path: `${draft.file}.ts`, text: `${imports.join('')}\n${text}` }
}

/** Whether the model contains SQL. */
function hasSql(draft: ModelDraft): boolean {
  const has = (value: DraftValue): boolean =>
    value instanceof SqlText ||
    (Array.isArray(value) ? value.some(has) : isObject(value) && Object.values(value).some(has))
  return draft.fields.some(({ options }) => has(options)) || has(modelOptions(draft))
}
