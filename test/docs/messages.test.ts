import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as corm from 'corm'
import { expect, it } from 'vitest'
import { MessageReader, type Messages } from './messages.js'
import { root } from './pages.js'

const PAGE = join(root, 'docs/errors.md')
/** What stands below this line is written by the test: `npm run docs:errors`. */
const MARK = '<!-- All messages: written by `npm run docs:errors`. -->'
/** Codes of issues that are not in the page's list: no value has them. */
const OTHER_CODES = ['cursor']

/** Errors with the message of the driver or the database: there is nothing to list. */
const WORDS_OF_OTHERS = [
  'src/dialect/mysql/errors.ts',
  'src/dialect/postgres/errors.ts',
  'src/dialect/sqlite/errors.ts',
]

const errorNames = new Set(
  Object.entries(corm).flatMap(([name, value]) =>
    typeof value === 'function' && (value === corm.CormError || value.prototype instanceof corm.CormError)
      ? [name]
      : [],
  ),
)

const text = readFileSync(PAGE, 'utf8')

/** The codes that the page says issues have. */
function issueCodes(): string[] {
  const [, line] = /^The codes of issues: (.*)\.$/m.exec(text) ?? []
  if (line === undefined) throw new Error('docs/errors.md lists no codes of issues.')
  return [...line.matchAll(/`(\w+)`/g)].map(([, code]) => code as string)
}

const fenced = (message: string) => (message.includes('`') ? `\`\` ${message} \`\`` : `\`${message}\``)
const listOf = (messages: ReadonlySet<string>) => [...messages].map((message) => `- ${fenced(message)}`)

function sections(messages: Messages, titleOf: (key: string) => string): string[] {
  return [...messages]
    .filter(([, texts]) => texts.size > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, texts]) => ['', titleOf(key), '', ...listOf(texts)])
}

const codes = new Map(
  readdirSync(join(root, 'src/errors'))
    .flatMap((file) => [
      ...readFileSync(join(root, 'src/errors', file), 'utf8').matchAll(
        /class (\w+) extends[^}]*?readonly code(?:: string)? = '(\w+)'/g,
      ),
    ])
    .map(([, name, code]) => [name as string, code as string]),
)

it('lists all messages, by class and code, in docs/errors.md', { timeout: 300_000 }, async () => {
  const collected = new MessageReader().collect(errorNames, new Set([...issueCodes(), ...OTHER_CODES]))
  const unread = collected.unread.filter((place) => !WORDS_OF_OTHERS.some((file) => place.startsWith(`${file}:`)))
  expect(unread, 'Messages that can not be read from the source').toEqual([])
  const written = text.slice(0, text.indexOf(MARK) + MARK.length)
  expect(written.endsWith(MARK), 'docs/errors.md has the mark').toBe(true)
  const page = [
    written,
    ...sections(collected.errors, (name) => `### ${name} (\`${codes.get(name)}\`)`),
    ...sections(collected.issues, (code) => `### Issues with the code \`${code}\``),
    '',
  ].join('\n')
  await expect(page).toMatchFileSnapshot(PAGE)
})
