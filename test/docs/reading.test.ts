import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { findPages, type Page, root } from './pages.js'

const pages = findPages()

/** What a page links to in the repository, without headings. */
const targetsOf = ({ path }: Page, lines: readonly string[]): string[] =>
  [...lines.join('\n').matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)].map(([, to = '']) => join(dirname(path), to))

/** The lines of a page's last section, if it is the one that says where to read on. */
function nextOf({ lines }: Page): readonly string[] | null {
  const last = lines.findLastIndex((line) => line.startsWith('## '))
  return last >= 0 && lines[last] === '## Next' ? lines.slice(last) : null
}

it('lists every page in the table of contents', () => {
  const index = pages.find(({ path }) => path === 'docs/index.md')!
  const listed = new Set(targetsOf(index, index.lines))
  const missing = pages.map(({ path }) => path).filter((path) => path.startsWith('docs/') && !listed.has(path))
  expect(missing).toEqual(['docs/index.md'])
})

it('reaches every page of docs from the readme by links', () => {
  const reached = new Set(['README.md'])
  for (const path of reached) {
    const page = pages.find((one) => one.path === path)
    for (const target of page === undefined ? [] : targetsOf(page, page.lines)) reached.add(target)
  }
  expect(pages.map(({ path }) => path).filter((path) => !reached.has(path))).toEqual([])
})

it('ends with two to four links to pages that are there, where a page has a section "Next"', () => {
  const wrong = pages.flatMap((page) => {
    const next = nextOf(page)
    if (next === null) return []
    const targets = targetsOf(page, next)
    const items = next.filter((line) => line.startsWith('- '))
    if (items.length < 2 || items.length > 5) return [`${page.path} has ${items.length} lines below "Next".`]
    return targets.filter((to) => !existsSync(join(root, to))).map((to) => `${page.path} leads on to ${to}.`)
  })
  expect(wrong).toEqual([])
})

/** Pages that have no such section yet. */
const later = new Set([
  'docs/coming-from/asok.md',
  'docs/coming-from/dotorm.md',
  'docs/coming-from/nextorm.md',
  'docs/coming-from/openviper.md',
  'docs/coming-from/sqliter.md',
  'docs/guide/cancelling.md',
  'docs/guide/existing-databases.md',
  'docs/guide/expressions.md',
  'docs/guide/filters.md',
  'docs/guide/generic-code.md',
  'docs/guide/joins.md',
  'docs/guide/many-to-many.md',
  'docs/guide/morphs.md',
  'docs/guide/n-plus-one.md',
  'docs/guide/nested-writes.md',
  'docs/guide/pages.md',
  'docs/guide/paths.md',
  'docs/guide/relation-aggregates.md',
  'docs/guide/relation-keys.md',
  'docs/guide/through.md',
])

it('reads on from every page of the guide', () => {
  const read = pages.filter(({ path }) => /^docs\/(guide|coming-from|how-it-works)\//.test(path) && !later.has(path))
  expect(read.filter((page) => nextOf(page) === null).map(({ path }) => path)).toEqual([])
})
