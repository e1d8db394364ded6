import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ts from 'typescript'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { root, writeProject } from './support/project.js'

/** Mistakes people make, and what the compiler must say about them. One line of code each. */
const MISTAKES: readonly (readonly [title: string, code: string, ...says: string[]])[] = [
  ['a missing field', `Author.create({ name: 'x' })`, `Property 'email' is missing`],
  [
    'a misspelt field in data',
    `Author.create({ nam: 'x', email: 'y' })`,
    `'nam' does not exist`,
    `Did you mean to write 'name'?`,
  ],
  [
    'a value of the wrong type',
    `Author.create({ name: 3, email: 'y' })`,
    `Type 'number' is not assignable to type 'string'`,
  ],
  [
    'a guarded field',
    `Author.create({ name: 'x', email: 'y', role: 'editor' })`,
    'pass { guarded: true } as the last argument',
  ],
  [
    'a guarded field of update',
    `Author.query().update({ role: 'editor' })`,
    'pass { guarded: true } as the last argument',
  ],
  ['a misspelt field in a condition', `Author.where('nam', 'x')`, `Argument of type '"nam"'`, 'DidYouMean<"name">'],
  ['a misspelt field in a list', `Author.query().whereIn('emial', ['x'])`, 'DidYouMean<"email">'],
  ['a misspelt field to select', `Author.query().select('name', 'emial')`, `'"emial"'`, 'DidYouMean<"email">'],
  ['a misspelt field of values', `Author.query().values('nam')`, 'DidYouMean<"name">'],
  ['a misspelt field of a path', `Author.query().where('works.titel', 'x')`, `'"works.titel"'`, '"works.title"'],
  ['a misspelt relation of a path', `Author.query().where('wroks.title', 'x')`, 'DidYouMean<"works.">'],
  [
    'a misspelt field of an update',
    `Author.query().update({ nam: 'x' })`,
    `'nam' does not exist in type 'UpdateOf<typeof Author>`,
    `Did you mean to write 'name'?`,
  ],
  ['a misspelt field of a callback of update', `Author.query().update((c) => ({ nam: c.name }))`, 'DidYouMean<"name">'],
  ['a misspelt field of a change', `new Author().fill({ nam: 'x' })`, `Did you mean to write 'name'?`],
  [
    'a misspelt relation in nested data',
    `Author.createWithRelations({ name: 'a', email: 'b', wroks: [] })`,
    'DidYouMean<"works">',
  ],
  [
    'a misspelt field in nested data',
    `Author.createWithRelations({ name: 'a', email: 'b', works: [{ titel: 'x', price: 1 }] })`,
    `Did you mean to write 'title'?`,
  ],
  [
    'the name of a relation where only the class is known',
    `((author: Author) => author.related('works'))`,
    'pass Model.relation, or type the instance as Entity<typeof Model>',
  ],
  ['a missing foreign key', `Book.create({ title: 'x', price: 1 })`, `Property 'authorId' is missing`],
  [
    'a misspelt field in an object',
    `Author.where({ nam: 'x' })`,
    `'nam' does not exist in type 'Condition<typeof Author`,
  ],
  ['a misspelt column', `Author.where((c) => c.nam.eq('x'))`, `Property 'nam' does not exist`, `Did you mean 'name'?`],
  [
    'a value after a predicate',
    `Author.where(Author.columns.name.eq('x'), 'y')`,
    `to parameter of type 'FurtherCondition<typeof Author, `,
  ],
  ['a list as a value', `Author.where('name', ['x'])`, `Argument of type 'string[]'`, 'WhereValue<string>'],
  ['undefined as a value', `Author.where('name', undefined)`, `Argument of type 'undefined'`, 'WhereValue<string>'],
  ['an unknown operator', `Author.where('name', '~', 'x')`, `Argument of type '"~"'`, 'WhereOp'],
  [
    'a callback that returns nothing',
    `Author.where((c) => { c.name.eq('x') })`,
    `Type 'void' is not assignable to type 'Expression<boolean>'`,
  ],
  [
    'a misspelt relation',
    `Author.with('work')`,
    `'"work"' is not assignable to parameter of type 'RelationName<typeof Author>`,
    'DidYouMean<"works">',
  ],
  [
    'a misspelt relation to count',
    `Author.query().withCount('work')`,
    `'"work"' is not assignable to parameter of type 'RelationName<typeof Author>`,
    'DidYouMean<"works">',
  ],
  [
    'a field that has no sum',
    `Author.query().withSum('works', 'title')`,
    `'"title"' is not assignable to parameter of type 'NumberField<typeof Book>'`,
  ],
  ['a misspelt path', `Author.with('works.autor')`, `"works.sequel"`, 'DidYouMean<"works.author">'],
  ['a misspelt path of three', `Author.with('works.author.wroks')`, 'DidYouMean<"works.author.works">'],
  ['a misspelt relation of a condition', `Author.query().whereHas('works.autor')`, 'DidYouMean<"works.author">'],
  ['a misspelt relation in a map', `Author.with({ work: true })`, `Did you mean to write 'works'?`],
  ['a misspelt order', `Author.query().orderBy('-nam')`, `'"-nam"'`, 'DidYouMean<"-name">'],
  ['a misspelt order upwards', `Author.query().orderBy('nam')`, `'"nam"'`, 'DidYouMean<"name">'],
  [
    'a relation that is not loaded',
    `(await Book.findOrFail(1)).author.name`,
    `Property 'name' does not exist on type 'PendingOne<`,
  ],
  [
    'a field that is not selected',
    `(await Author.query().select('name').firstOrFail()).email`,
    `Property 'email' does not exist`,
  ],
  [
    'a key of the wrong type',
    `Author.find('1')`,
    `Argument of type 'string' is not assignable to parameter of type 'number'`,
  ],
  ['a reserved name', `Model({ save: Field.boolean() })`, 'is a member of Model: rename the field and set { column }'],
  ['a reserved name of every object', `Model({ toString: Field.string() })`, 'is a member of Model'],
  ['a misspelt option', `Field.string({ mx: 3 })`, `'mx' does not exist in type 'FieldOptions<string`],
  [
    'a misspelt option next to right ones',
    `Field.string({ nullable: true, uniqe: true })`,
    `Did you mean to write 'unique'?`,
  ],
  ['a default of another type', `Field.string({ default: 3 })`, `not assignable to type 'DefaultValue<string>`],
]

/** A mistake in one field, relation or option of a model that is used in many ways: it is told once. */
const DECLARATIONS: readonly (readonly [title: string, fields: string, options?: string, statics?: string])[] = [
  ['an unknown option', 'name: Field.string({ mx: 3 })'],
  ['an unknown option next to others', 'name: Field.string({ default: "x", mx: 3 })'],
  ['an option of another type', 'name: Field.string({ max: "3" })'],
  ['nullable as a text', 'name: Field.string({ nullable: "no" })'],
  ['guarded as a text', 'name: Field.string({ guarded: "yes" })'],
  ['generated as a text', 'name: Field.string({ generated: "x" })'],
  ['a default of another type', 'name: Field.string({ default: 3 })'],
  ['no such kind of field', 'name: Field.strng()'],
  ['no field', 'name: Field.string(), other: "text"'],
  ['a validator of another type', 'name: Field.string({ validate: (value: number) => value > 1 })'],
  ['no such action', 'name: Field.string(), otherId: Field.foreignKey(() => Book, { nullable: true, onDelete: "x" })'],
  ['no such value', 'name: Field.string(), kind: Field.enum(["a"], { default: "b" })'],
  ['a reserved name', 'name: Field.string(), save: Field.boolean({ default: false })'],
  ['an index of no field', 'name: Field.string()', '{ indexes: ["nam"] }'],
  ['no such option of the model', 'name: Field.string()', '{ tabel: "x" }'],
  ['a check of no field', 'name: Field.string()', '{ checks: { a: (c) => c.nam.eq("x") } }'],
  ['no such kind of relation', 'name: Field.string()', '{}', 'static other = Relation.hasMny(() => Book)'],
  ['no such model', 'name: Field.string()', '{}', 'static other = Relation.hasMany(() => Bok)'],
  [
    'an option of a relation',
    'name: Field.string()',
    '{}',
    'static other = Relation.hasMany(() => Book, { key: "x" })',
  ],
]
const declared = (
  fields: string,
  options = '{}',
  statics = '',
) => `import { type Entity, Field, fn, Model, Relation } from 'corm'
class Wrong extends Model({ ${fields}, count: Field.integer() }, ${options}) { ${statics}
  static books = Relation.hasMany(() => Book)
  get label() { return this.name.slice(1) }
}
class Book extends Model({ title: Field.string(), wrongId: Field.foreignKey(() => Wrong) }) {
  static wrong = Relation.belongsTo(() => Wrong)
}
export async function use(one: Entity<typeof Wrong>) {
  const made = await Wrong.create({ name: 'x', count: 1 })
  const rows = await Wrong.where({ count: 1 }).where('name', 'x').where((c) => c.name.eq('x')).with('books').orderBy('-name')
  await Wrong.query().update({ name: 'y' })
  const sums = await Wrong.query().groupBy('name').aggregate({ n: fn.sum(Wrong.columns.count) })
  const book = await Book.query().with('wrong').firstOrFail()
  await Book.create({ title: 'x', wrongId: 1 })
  await new Wrong({ name: 'x' }).save()
  return [made.name.length, rows.map((row) => row.books.map(({ title }) => title)), one.count + 1, one.label, sums, book.wrong.name, one.pk]
}
`

/** What an editor shows where the mouse stands: at the mark. */
const HOVERS: readonly (readonly [title: string, code: string, shows: string])[] = [
  ['an instance', 'const ▸row = await Author.findOrFail(1)', 'const row: Entity<typeof Author>'],
  ['rows', 'const ▸rows = await Author.query().get()', 'const rows: Entity<typeof Author>[]'],
  ['a new instance', 'const ▸row = new Author()', 'const row: Author'],
  ['a relation', 'const ▸books = (await Author.findOrFail(1)).works', 'const books: PendingMany<typeof Book, unknown>'],
  [
    'a manager',
    "const ▸books = (await Author.findOrFail(1)).related('works')",
    'const books: RelatedRows<typeof Book>',
  ],
  ['a query', "const ▸query = Author.where('name', 'x').orderBy('name')", 'const query: QueryBuilder<typeof Author, '],
  ['a callback', "Author.where((▸c) => c.name.eq('x'))", '(parameter) c: NoInfer<Row<typeof Author, unknown>>'],
  ['a column', "Author.where((c) => c.▸name.eq('x'))", '(property) name: Column<string, string>'],
  ['a field', 'const ▸field = Field.string({ max: 3 })', 'const field: Field<string, string, "">'],
]
/** What an editor offers at the mark. */
const OFFERS: readonly (readonly [code: string, ...names: string[]])[] = [
  [`Author.where('▸')`, 'name', 'email', 'works.'],
  [`Author.where('works.▸', 'x')`, 'works.title', 'works.price'],
  [`Author.with('▸')`, 'works', 'profile'],
  [`Author.with('works.▸')`, 'works.author', 'works.sequel'],
  [`Author.query().whereHas('works.▸')`, 'works.author', 'works.sequel'],
  [`Author.query().withCount('▸')`, 'works', 'mentees'],
  [`Author.query().orderBy('▸')`, 'name', '-name'],
  [`Author.query().groupBy('▸')`, 'name', 'email'],
  [`Book.query().select('author.▸')`, 'author.name', 'author.email'],
  [`Author.create({ ▸ })`, 'name', 'email', 'bio'],
  [`Field.string({ ▸ })`, 'max', 'nullable', 'default'],
]

const folder = mkdtempSync(join(tmpdir(), 'corm-messages-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const head = `import { Field, Model } from 'corm'\nimport { Author, Book } from '${join(root, 'test/types/support/models.js')}'\n`
/** The messages of each line, by its number in MISTAKES. */
let messages: string[]
/** The messages of each declaration. */
let declarations: string[][]
let editor: ts.LanguageService
const textOf = ({ messageText }: ts.Diagnostic) => ts.flattenDiagnosticMessageText(messageText, '\n')
const marked = (kind: string, i: number) => join(folder, `${kind}${i}.ts`)
const write = (file: string, code: string) => writeFileSync(file, `${head}${code.replace('▸', '')}\nexport {}\n`)

function editorOf(fileNames: string[], options: ts.CompilerOptions): ts.LanguageService {
  const readFile = (name: string) => ts.ScriptSnapshot.fromString(readFileSync(name, 'utf8'))
  return ts.createLanguageService({
    getCompilationSettings: () => options,
    getScriptFileNames: () => fileNames,
    getScriptVersion: () => '1',
    getScriptSnapshot: (name) => (ts.sys.fileExists(name) ? readFile(name) : undefined),
    getCurrentDirectory: () => folder,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
  })
}

beforeAll(() => {
  writeProject(folder, {})
  const file = join(folder, 'mistakes.ts')
  writeFileSync(file, `${head}${MISTAKES.map(([, code]) => `;${code}\n`).join('')}export {}\n`)
  for (const [i, [, ...parts]] of DECLARATIONS.entries())
    writeFileSync(marked('declared', i), declared(parts[0], parts[1], parts[2]))
  for (const [i, [, code]] of HOVERS.entries()) write(marked('hover', i), code)
  for (const [i, [code]] of OFFERS.entries()) write(marked('offer', i), code)
  const { config } = ts.readConfigFile(join(folder, 'tsconfig.json'), ts.sys.readFile)
  const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, folder)
  editor = editorOf(fileNames, options)
  const program = editor.getProgram() as ts.Program
  messages = MISTAKES.map(() => '')
  for (const diagnostic of program.getSemanticDiagnostics(program.getSourceFile(file))) {
    const { line } = ts.getLineAndCharacterOfPosition(diagnostic.file as ts.SourceFile, diagnostic.start ?? 0)
    messages[line - 2] += `${textOf(diagnostic)}\n`
  }
  declarations = DECLARATIONS.map((_, i) =>
    program.getSemanticDiagnostics(program.getSourceFile(marked('declared', i))).map(textOf),
  )
}, 120_000)

it.each(MISTAKES.map((mistake, i) => [mistake[0], i] as const))('tells %s', (_, i) => {
  const [, , ...says] = MISTAKES[i] as (typeof MISTAKES)[number]
  for (const text of says) expect(messages[i]).toMatch(text)
})

it('tells each mistake in at most six lines', () => {
  const long = messages.filter((message) => message.trimEnd().split('\n').length > 6)
  expect(long).toEqual([])
})

it.each(DECLARATIONS.map(([title], i) => [title, i] as const))('tells %s of a model once', (_, i) => {
  expect(declarations[i]).toHaveLength(1)
})

it.each(HOVERS.map(([title], i) => [title, i] as const))('shows %s in a line', (_, i) => {
  const [, code, shows] = HOVERS[i] as (typeof HOVERS)[number]
  const info = editor.getQuickInfoAtPosition(marked('hover', i), head.length + code.indexOf('▸'))
  const text = ts.displayPartsToString(info?.displayParts)
  expect(text).toContain(shows)
  expect(text.length).toBeLessThan(100)
})

it.each(OFFERS.map(([code], i) => [code, i] as const))('offers names at %s', (_, i) => {
  const [code, ...names] = OFFERS[i] as (typeof OFFERS)[number]
  const found = editor.getCompletionsAtPosition(marked('offer', i), head.length + code.indexOf('▸'), {})
  expect(found?.entries.map(({ name }) => name)).toEqual(expect.arrayContaining(names))
})
