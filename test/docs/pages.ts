import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DatabaseKind } from '../support/databases.js'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** A fenced block of a page; lines are counted from 1, and `first` is the line below the fence. */
export interface Block {
  readonly language: string
  readonly isRun: boolean
  readonly first: number
  readonly last: number
  readonly text: string
  /** The databases that the line above it names; null if it is for all of them. */
  readonly only: readonly DatabaseKind[] | null
  /** The file in examples that it is a part of: that is checked and tried there. */
  readonly file: string | null
}

export interface Page {
  /** Relative to the repository. */
  readonly path: string
  readonly lines: readonly string[]
  readonly blocks: readonly Block[]
  /** The databases that the line below its title names; null if it is for all of them. */
  readonly only: readonly DatabaseKind[] | null
}

/** README.md and every page of docs. */
export function findPages(): Page[] {
  const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => `docs/${path.replaceAll('\\', '/')}`)
    .sort()
  return ['README.md', ...docs].map((path) => readPage(path, readFileSync(join(root, path), 'utf8')))
}

export function readPage(path: string, text: string): Page {
  const lines = text.split('\n')
  const blocks: Block[] = []
  for (let i = 0; i < lines.length; i++) {
    const fence = /^```(\w+)(.*)$/.exec(lines[i] as string)
    if (fence === null) continue
    const first = i + 1
    while (++i < lines.length && lines[i] !== '```');
    if (i >= lines.length) throw new Error(`${path}:${first} opens a block that is never closed.`)
    const [, language = '', mark = ''] = fence
    const file = mark.startsWith(' examples/') ? mark.trim() : null
    if (language.startsWith('ts') && file === null && !['', ' no-run'].includes(mark))
      throw new Error(
        `${path}:${first} has the mark "${mark.trim()}"; a block of ts may have "no-run", or the file in examples that it is from.`,
      )
    const only = onlyOn(path, lines, first - 1)
    const text = lines.slice(first, i).join('\n')
    blocks.push({ language, isRun: mark === '', first: first + 1, last: i, text, only, file })
  }
  const below = lines.findIndex((line, i) => i > 0 && line !== '')
  return { path, lines, blocks, only: below < 0 ? null : onlyOn(path, lines, below + 1) }
}

/** What a page calls the databases; PGlite is a PostgreSQL. */
const DATABASES: Readonly<Record<string, readonly DatabaseKind[]>> = {
  SQLite: ['sqlite'],
  PostgreSQL: ['pglite', 'postgres'],
  PGlite: ['pglite'],
  // the servers of the tests have no pgvector
  'PostgreSQL with pgvector': ['pglite'],
  MariaDB: ['mysql'],
  MySQL: ['mysql'],
}

/** The line above, `*Only on SQLite.*` or `*Only on PostgreSQL and MariaDB.*`, says which databases this is for. */
function onlyOn(path: string, lines: readonly string[], at: number): readonly DatabaseKind[] | null {
  const above = lines.slice(0, at).findLastIndex((line) => line !== '')
  const [, names] = /^\*Only on (.+)\.\*$/.exec(lines[above] ?? '') ?? []
  if (names === undefined) return null
  return names.split(/, | and /).flatMap((name) => {
    const kinds = DATABASES[name]
    if (kinds === undefined)
      throw new Error(`${path}:${above + 1} names the database "${name}". Known: ${Object.keys(DATABASES).join(', ')}.`)
    return kinds
  })
}
