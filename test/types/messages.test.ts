import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
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
  ['a misspelt field in a condition', `Author.where('nam', 'x')`, `Argument of type '"nam"'`, '"name"'],
  [
    'a misspelt field in an object',
    `Author.where({ nam: 'x' })`,
    `'nam' does not exist in type 'Condition<typeof Author`,
  ],
  ['a misspelt column', `Author.where((c) => c.nam.eq('x'))`, `Property 'nam' does not exist`, `Did you mean 'name'?`],
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
    `'"work"' is not assignable to parameter of type 'RelationName<typeof Author>'`,
  ],
  [
    'a misspelt relation to count',
    `Author.query().withCount('work')`,
    `'"work"' is not assignable to parameter of type 'RelationName<typeof Author>'`,
  ],
  [
    'a field that has no sum',
    `Author.query().withSum('works', 'title')`,
    `'"title"' is not assignable to parameter of type 'NumberField<typeof Book>'`,
  ],
  ['a misspelt path', `Author.with('works.autor')`, `"works.author"`, `"works.sequel"`],
  ['a misspelt order', `Author.query().orderBy('-nam')`, `'"-nam"'`, 'OrderBy<typeof Author'],
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
  [
    'a reserved name',
    `Model({ save: Field.boolean() })`,
    'is a member of Model: name the field otherwise and set { column }',
  ],
  ['a reserved name of every object', `Model({ toString: Field.string() })`, 'is a member of Model'],
  ['a misspelt option', `Field.string({ mx: 3 })`, `'mx' does not exist in type 'StringOptions'`],
]

const folder = mkdtempSync(join(tmpdir(), 'corm-messages-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The messages of each line, by its number in MISTAKES. */
let messages: string[]
beforeAll(() => {
  writeProject(folder, {})
  const head = `import { Field, Model } from 'corm'\nimport { Author, Book } from '${join(root, 'test/types/support/models.js')}'\n`
  const file = join(folder, 'mistakes.ts')
  writeFileSync(file, `${head}${MISTAKES.map(([, code]) => `;${code}\n`).join('')}export {}\n`)
  const { config } = ts.readConfigFile(join(folder, 'tsconfig.json'), ts.sys.readFile)
  const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, folder)
  const program = ts.createProgram(fileNames, options)
  messages = MISTAKES.map(() => '')
  for (const diagnostic of program.getSemanticDiagnostics(program.getSourceFile(file))) {
    const { line } = ts.getLineAndCharacterOfPosition(diagnostic.file as ts.SourceFile, diagnostic.start ?? 0)
    messages[line - 2] += `${ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')}\n`
  }
}, 60_000)

it.each(MISTAKES.map((mistake, i) => [mistake[0], i] as const))('tells %s', (_, i) => {
  const [, , ...says] = MISTAKES[i] as (typeof MISTAKES)[number]
  for (const text of says) expect(messages[i]).toMatch(text)
})

it('tells each mistake in at most six lines', () => {
  const long = messages.filter((message) => message.trimEnd().split('\n').length > 6)
  expect(long).toEqual([])
})
