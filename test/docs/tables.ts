import type { Page } from './pages.js'

/** A row of a table whose first cell is code: it is run, and what the other cells say of its SQL must be so. */
export interface Row {
  /** Counted from 1. */
  readonly line: number
  readonly code: string
  readonly sql: Readonly<Record<string, string>>
  /** In which dialects it compiles; in the others it is an UnsupportedError. */
  readonly supported: Readonly<Record<string, boolean>>
}

/** What the heads of columns with SQL are called; `SQL` is the same in all of them. */
const HEADS = ['SQL', 'SQLite', 'PostgreSQL', 'MySQL', 'MariaDB']
const MARK = /^<!-- rows: (.*…[^>]*) -->$/

/** The tables that stand below a comment `<!-- rows: Author.query().… -->`, in which `…` is the place of the first cell. */
export function rowsOf({ path, lines }: Page): Row[] {
  return lines.flatMap((text, i) => {
    const [, frame] = MARK.exec(text) ?? []
    if (frame === undefined) return []
    const head = i + (lines[i + 1] === '' ? 2 : 1)
    const heads = cellsOf(lines[head] ?? '')
    if (heads.length === 0) throw new Error(`${path}:${i + 1} has no table below it.`)
    const rows: Row[] = []
    for (let at = head + 2; lines[at]?.startsWith('|'); at++)
      rows.push(rowAt(path, at + 1, lines[at] as string, heads, frame))
    return rows
  })
}

const cellsOf = (line: string) =>
  line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim().replaceAll('\\|', '|'))

function rowAt(path: string, line: number, text: string, heads: readonly string[], frame: string): Row {
  const [first = '', ...cells] = cellsOf(text)
  const code = codeOf(first)
  if (code === null) throw new Error(`${path}:${line} begins with no code.`)
  const sql: Record<string, string> = {}
  const supported: Record<string, boolean> = {}
  cells.forEach((cell, i) => {
    const head = heads[i + 1] ?? ''
    if (!HEADS.includes(head)) return
    const told = codeOf(cell)
    if (told !== null) sql[head] = told
    else if (/^(yes|no|since)\b/.test(cell)) supported[head] = !cell.startsWith('no')
  })
  return { line, code: frame.replace('…', () => code), sql, supported }
}

/** The text of a cell that is nothing but code. */
function codeOf(cell: string): string | null {
  const [, , code] = /^(`+)([^`].*?)\1$/.exec(cell) ?? []
  return code?.trim() ?? null
}
