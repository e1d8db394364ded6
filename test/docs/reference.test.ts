import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, it } from 'vitest'
import { COMMANDS, COMMON } from '../../src/cli/commands.js'
import { membersOf } from '../support/declared.js'
import { root } from './pages.js'

const textOf = (path: string) => readFileSync(join(root, path), 'utf8')
const parse = (path: string) => ts.createSourceFile(path, textOf(path), ts.ScriptTarget.Latest, true)

/** The texts that a type is one of. */
function textsOf(path: string, name: string): string[] {
  const declared = parse(path).statements.filter(ts.isTypeAliasDeclaration)
  const texts: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteral(node)) texts.push(node.text)
    node.forEachChild(visit)
  }
  for (const statement of declared) if (statement.name.text === name) visit(statement.type)
  if (texts.length === 0) throw new Error(`${path} declares no type ${name} of texts.`)
  return texts
}

/** Fails with the names that the page does not have in code, in this form. */
function expectNamed(page: string, names: readonly string[], form: (name: string) => RegExp): void {
  const text = textOf(page)
  const missing = names.filter((name) => !form(name).test(text))
  expect(missing, `${page} lacks these.`).toEqual([])
}

it('names every step and call of a query', () => {
  const names = membersOf('QueryBuilder')
  expect(names.length).toBeGreaterThan(80)
  expectNamed('docs/reference/queries.md', names, (name) => new RegExp(`[\`. ]${name}[\`(]`))
})

it('names every operator of conditions', () => {
  const path = 'src/types/expression.ts'
  const operators = ['CompareOp', 'TextOp', 'RegexOp', 'ListOp', 'RangeOp'].flatMap((name) => textsOf(path, name))
  expectNamed('docs/reference/queries.md', operators, (name) => new RegExp(`\`where\\('\\w+', '${name}', `))
  const functions = membersOf('Operators')
  const page = textOf('docs/reference/queries.md') + textOf('docs/reference/expressions.md')
  expect(functions.filter((name) => !new RegExp(`[\` (]${name}\\(`).test(page))).toEqual([])
})

it('names every method of columns and conditions', () => {
  const names = ['Column', 'Predicate', 'CaseSteps', 'SqlTag'].flatMap((name) => membersOf(name))
  expect(names.length).toBeGreaterThan(70)
  expectNamed('docs/reference/expressions.md', names, (name) => new RegExp(`\\.${name}\\(|\`${name}\``))
})

it('names every function of fn, and what aggregates and windows take', () => {
  const page = 'docs/reference/expressions.md'
  expectNamed(page, membersOf('Functions'), (name) => new RegExp(`fn\\.${name}[(\`]`))
  const rest = ['Aggregate', 'WindowFunction', 'Window'].flatMap((name) => membersOf(name))
  expectNamed(page, rest, (name) => new RegExp(`\\.${name}\\(|\`${name}\``))
})

it('names every command with its arguments and options', () => {
  const page = textOf('docs/reference/command-line.md')
  const [common = '', ...parts] = page.split(/^## corm /m)
  expect(parts.map((part) => part.split('\n')[0])).toEqual(COMMANDS.map(({ name }) => name))
  expect(COMMON.filter(({ flags }) => !common.includes(`\`${flags}\``))).toEqual([])
  const missing = COMMANDS.flatMap(({ name, arguments: args = [], options = [] }, i) =>
    [...args.map((each) => each.name), ...options.map(({ flags }) => flags)]
      .filter((each) => parts[i]?.includes(`| \`${each}\` |`) !== true)
      .map((each) => `${name} ${each}`),
  )
  expect(missing).toEqual([])
})
