import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** A fenced block of a page; lines are counted from 1, and `first` is the line below the fence. */
export interface Block {
  readonly language: string
  readonly isRun: boolean
  readonly first: number
  readonly last: number
  readonly text: string
}

export interface Page {
  /** Relative to the repository. */
  readonly path: string
  readonly lines: readonly string[]
  readonly blocks: readonly Block[]
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
    if (language === 'ts' && !['', ' no-run'].includes(mark))
      throw new Error(`${path}:${first} has the mark "${mark.trim()}"; a block of ts may have "no-run".`)
    blocks.push({ language, isRun: mark === '', first: first + 1, last: i, text: lines.slice(first, i).join('\n') })
  }
  return { path, lines, blocks }
}
