import ts from 'typescript'
import type { DatabaseKind } from '../support/databases.js'
import type { Block, Page } from './pages.js'
import { type Row, rowsOf } from './tables.js'

/** What the page says of a statement: the SQL it sends or stands for, the value it has, the error it throws. */
export interface Expected {
  readonly line: number
  readonly sql?: readonly string[]
  readonly value?: string
  readonly error?: string
  readonly message?: string
}

/** A program made of a page: its lines are those of the page, so that every error tells the right one. */
export interface Program {
  readonly name: string
  readonly page: string
  readonly text: string
}

/** What is type-checked: one program of all blocks that run, and one for each that does not. */
export function writtenPrograms(page: Page): Program[] {
  const name = nameOf(page)
  const blocks = page.blocks.filter((block) => block.language === 'ts')
  const run = blocks.filter((block) => block.isRun)
  const rest = blocks
    .filter((block) => !block.isRun && block.file === null)
    .map((block): Program => ({ name: `${name}-${block.first}`, page: page.path, text: linesOf([block]) }))
  if (run.length === 0) return rest
  const rows = rowsOf(page).map((row) => blockOf(row, `void (async () => [${row.code}])`))
  return [...rest, { name, page: page.path, text: linesOf([...run, ...rows]) }]
}

/** What is run on a database, with the checks of SQL, values and errors; null when nothing of the page is for it. */
export function checkedProgram(page: Page, kind: DatabaseKind): Program | null {
  const isFor = ({ only }: Page | Block) => only === null || only.includes(kind)
  const run = page.blocks.filter((block) => block.language === 'ts' && block.isRun && isFor(block))
  if (run.length === 0 || !isFor(page)) return null
  const rows = rowsOf(page).map((row) => blockOf(row, `await $.row(${JSON.stringify(row)}, async () => [${row.code}])`))
  return { name: `${nameOf(page)}.${kind}`, page: page.path, text: withChecks(page, run, linesOf([...run, ...rows])) }
}

const nameOf = ({ path }: Page) => path.replace(/\.md$/, '').replaceAll('/', '-').toLowerCase()

const blockOf = ({ line }: Row, text: string): Block => ({
  language: 'ts',
  isRun: true,
  first: line,
  last: line,
  text,
  only: null,
  file: null,
})

function linesOf(blocks: readonly Block[]): string {
  const lines: string[] = []
  for (const block of [...blocks].sort((a, b) => a.first - b.first)) {
    while (lines.length < block.first - 1) lines.push('')
    lines.push(...block.text.split('\n'))
  }
  return `${lines.join('\n')}\nexport {}\n`
}

const SQL = /^(select|insert|update|delete|with|begin|commit|rollback|savepoint|release|create|drop|alter|explain)\b/

function withChecks(page: Page, run: readonly Block[], text: string): string {
  const file = ts.createSourceFile('page.ts', text, ts.ScriptTarget.Latest, true)
  const lines = text.split('\n')
  const inserts: { at: number; text: string }[] = []
  const lineAt = (position: number) => file.getLineAndCharacterOfPosition(position).line
  const check = (statement: ts.Statement, expected: Expected) => {
    const start = `const $${expected.line} = $.start();`
    const end = (values: string) => `;$.check($${expected.line}, ${JSON.stringify(expected)}, ${values});`
    if (ts.isReturnStatement(statement))
      throw new Error(`${page.path}:${expected.line} can't be checked behind a return. Show it behind the call.`)
    if (ts.isExpressionStatement(statement)) {
      const { expression } = statement
      inserts.push(
        { at: expression.getStart(), text: `${start}try{$.value=[` },
        { at: expression.end, text: `]}catch(error){$.caught(error)}${end('$.value')}` },
      )
    } else
      inserts.push(
        { at: statement.getStart(), text: start },
        { at: statement.end, text: end(`[${declared(statement)}]`) },
      )
  }
  const visit = (node: ts.Node): void => {
    node.forEachChild(visit)
    if (ts.isCallExpression(node) && /^Database\.connect\(.*'sqlite::memory:'/s.test(node.getText()))
      inserts.push({ at: node.getStart(), text: '$.' })
    if (!ts.isStatement(node) || ts.isBlock(node)) return
    const expected = expectedOf(lines, lineAt(node.end), text.slice(node.end))
    if (expected !== null) check(node, expected)
  }
  visit(file)
  inserts.push(...blockChecks(page, run, file))
  inserts.sort((a, b) => b.at - a.at)
  let result = text
  for (const insert of inserts) result = result.slice(0, insert.at) + insert.text + result.slice(insert.at)
  return `import { recorder as $ } from '../../test/docs/recorder.js';${result}`
}

/** The variables that a statement declares: one that holds a query is asked for the SQL it stands for. */
function declared(statement: ts.Statement): string {
  if (!ts.isVariableStatement(statement)) return ''
  const names = statement.declarationList.declarations.map(({ name }) => name).filter(ts.isIdentifier)
  return names.map((name) => name.text).join()
}

/** The comments behind a statement and in the lines below it. */
function expectedOf(lines: readonly string[], last: number, rest: string): Expected | null {
  if (!/^;?[^\S\n]*(\/\/.*)?(\n|$)/.test(rest)) return null // it stands within a line
  const [, sign, told] = /^;?[^\S\n]*\/\/ (→|throws) (.*)/.exec(rest) ?? []
  const error = sign === 'throws' ? told : undefined
  let value = sign === '→' ? told : undefined
  const sql: string[] = []
  const message: string[] = []
  for (let i = last + 1; i < lines.length; i++) {
    const comment = /^\s*\/\/( +)(.*)$/.exec(lines[i] as string)
    if (comment === null) break
    const [, space = '', words = ''] = comment
    if (error !== undefined) message.push(words)
    else if (SQL.test(words)) sql.push(words)
    else if (words.startsWith('→ ') && value === undefined) value = words.slice(2)
    else if (sql.length > 0 && space.length > 1) sql.push(`${sql.pop()} ${words}`)
    else break
  }
  if (sql.length === 0 && value === undefined && error === undefined) return null
  return {
    line: last + 1,
    ...(sql.length > 0 && { sql }),
    ...(value !== undefined && { value }),
    ...(error !== undefined && { error }),
    ...(message.length > 0 && { message: message.join(' ') }),
  }
}

/** A block of sql right below a block of ts shows what all of that sends. */
function blockChecks(page: Page, run: readonly Block[], file: ts.SourceFile): { at: number; text: string }[] {
  return page.blocks.flatMap((block, i) => {
    const above = page.blocks[i - 1]
    if (block.language !== 'sql' || above === undefined || !run.includes(above)) return []
    if (page.lines.slice(above.last + 1, block.first - 2).some((line) => line.trim() !== '')) return []
    const sql = block.text.split(/;\s*$|\n\s*\n/m).filter((statement) => statement.trim() !== '')
    const expected = JSON.stringify({ line: block.first, sql })
    const at = (line: number) => file.getPositionOfLineAndCharacter(line, 0)
    return [
      { at: at(above.first - 1), text: `const $${block.first} = $.start();` },
      { at: at(above.last), text: `;$.check($${block.first}, ${expected}, []);` },
    ]
  })
}
