import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { EMPTY, type SchemaOperation, type SchemaState } from '../../src/ast/schema.js'
import { lockIn, type TableLock } from '../../src/dialect/locks.js'
import { dialectNamed } from '../../src/dialect/named.js'
import { isSchema } from '../../src/migration/definition.js'
import { printMigration } from '../../src/migration/printer.js'
import { resolveOperation } from '../../src/migration/resolve.js'
import { applied, describeOperation, lossOf, reversed } from '../../src/schema/operation/index.js'
import { schemaSteps, textsOf } from '../../src/schema/steps.js'
import type { MigrationOperation } from '../../src/types/migration.js'
import { BEFORE, EXAMPLES, type Example, OTHERS } from './operations.js'
import { root } from './pages.js'

const PAGE = join(root, 'docs/reference/migrations.md')
/** What stands between these lines is written by the test, with `--update`. */
const [BEGIN, END] = [
  '<!-- Operations: written by `npx vitest run test/docs/migrations.test.ts --update`. -->',
  '<!-- End of the operations. -->',
]

const DIALECTS = { SQLite: 'sqlite', PostgreSQL: 'postgres', MySQL: 'mysql' } as const

function resolved(given: MigrationOperation, state: SchemaState): SchemaOperation {
  const operation = resolveOperation(given, state)
  if (!isSchema(operation)) throw new TypeError('an operation of the schema')
  return operation
}

const before = BEFORE.reduce((state, each) => applied(resolved(each, state), state), EMPTY)

/** The operation as a file has it. */
function sourceOf(operation: SchemaOperation): string {
  const text = printMigration({ parents: [], operations: [operation], comments: new Map(), squashes: [], after: null })
  const [, source = ''] = /operations: \[\n([\s\S]*?)\n {2}\],/.exec(text) ?? []
  return source.replace(/^ {4}/gm, '').replace(/,$/, '')
}

const LASTS: Readonly<Record<TableLock['lasts'], string>> = {
  moment: 'for a moment',
  scan: 'while the rows are read',
  rewrite: 'while the rows are written again',
}

function lockText({ name, blocksReads, blocksWrites, lasts }: TableLock): string {
  const who = blocksReads ? 'reads and writes wait' : blocksWrites ? 'writes wait' : 'nobody waits'
  const when = blocksReads || blocksWrites ? ` ${LASTS[lasts]}` : lasts === 'moment' ? '' : ` ${LASTS[lasts]}`
  return `${who}${when}${name === null ? '' : ` (${name})`}`
}

const fenced = (language: string, text: string) => [`\`\`\`${language}`, text, '```', '']
const table = (heads: readonly string[], rows: readonly (readonly string[])[]) =>
  [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)

const propertiesOf = ({ properties }: Example) =>
  table(
    ['Property', ''],
    Object.entries(properties).map(([name, text]) => [`\`${name}\``, text.replaceAll('|', '\\|')]),
  )

function section(example: Example): string[] {
  const operation = resolved(example.operation, before)
  const lost = lossOf(operation, before)
  const back = reversed(operation, before)
  const locks = Object.entries(DIALECTS).map(([title, name]) => {
    const dialect = dialectNamed(name)
    return [title, lockText(lockIn(dialect.locks, operation, before))]
  })
  const sql = Object.entries(DIALECTS).flatMap(([title, name]) => {
    const dialect = dialectNamed(name)
    const last = { ...operation, ...('concurrently' in operation && name !== 'postgres' && { concurrently: false }) }
    let texts: readonly string[]
    try {
      texts = schemaSteps([last as SchemaOperation], before, dialect).flatMap((step) => textsOf(step, dialect))
    } catch (error) {
      return [`-- ${title}: ${(error as Error).message}`]
    }
    return texts.length === 0 ? [`-- ${title}: nothing`] : [`-- ${title}`, ...texts.map((text) => `${text};`)]
  })
  return [
    ...headOf(example),
    ...fenced('js', sourceOf(operation)),
    ...fenced('sql', sql.join('\n')),
    ...table(['Database', 'Lock'], locks),
    '',
    `It is reversed by ${back.map((each) => `"${describeOperation(each)}"`).join(', ') || 'nothing'}. ` +
      (lost === null ? 'Nothing is lost.' : `It loses ${lost.replaceAll('"', '`')}.`),
    '',
  ]
}

const headOf = (example: Example): string[] => [
  `### ${example.operation.op}`,
  '',
  example.says,
  '',
  ...propertiesOf(example),
  '',
]

/** The properties that an operation of a file may have, as the reader of files lists them. */
function knownProperties(op: string): string[] {
  try {
    resolveOperation({ op, noSuchProperty: 1 } as never, before)
  } catch (error) {
    const [, list = ''] = /It takes (.*)\.$/.exec((error as Error).message) ?? []
    return list.split(', ').filter((name) => name !== 'safe')
  }
  throw new Error(`${op} takes everything.`)
}

it('names every operation and every property of it', () => {
  const all = [...EXAMPLES, ...OTHERS]
  const ops = readFileSync(join(root, 'src/migration/resolve.ts'), 'utf8').matchAll(/^ {2}(\w+): operationReader\(/gm)
  expect(all.map(({ operation }) => operation.op).sort()).toEqual([...ops].map(([, op]) => op).sort())
  for (const { operation, properties } of all)
    expect(Object.keys(properties).sort(), operation.op).toEqual(knownProperties(operation.op).sort())
})

it('shows the SQL, the locks and the reverse of every operation', async () => {
  const text = readFileSync(PAGE, 'utf8')
  const [start, end] = [text.indexOf(BEGIN), text.indexOf(END)]
  expect(start > 0 && end > start, 'the page has both marks').toBe(true)
  const written = [BEGIN, '', ...EXAMPLES.flatMap(section), ...OTHERS.flatMap(headOf)].join('\n')
  await expect(`${text.slice(0, start)}${written}${text.slice(end)}`).toMatchFileSnapshot(PAGE)
})
