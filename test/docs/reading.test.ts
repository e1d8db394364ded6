import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { findPages, type Page, root } from './pages.js'

const pages = findPages()

/** What a page links to in the repository, without headings. */
const targetsOf = ({ path }: Page, lines: readonly string[]): string[] =>
  [...lines.join('\n').matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)].map(([, to = '']) => join(dirname(path), to))

/** The lines of the section that says where to read on. */
function nextOf({ lines }: Page): readonly string[] {
  const first = lines.indexOf('## Next')
  if (first < 0) return []
  const after = lines.findIndex((line, i) => i > first && line.startsWith('## '))
  return lines.slice(first, after < 0 ? undefined : after)
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

/** The list of all pages, and one that nobody reads on from. */
const withoutNext = ['docs/changelog.md', 'docs/index.md']

it('ends every page with two to four links under "Next"', () => {
  const read = pages.filter(({ path }) => path.startsWith('docs/') && !withoutNext.includes(path))
  const wrong = read.flatMap((page) => {
    const next = nextOf(page)
    const links = next.filter((line) => line.startsWith('- '))
    if (links.length < 2 || links.length > 4) return [`${page.path} has ${links.length} links under "Next".`]
    return targetsOf(page, next)
      .filter((to) => !existsSync(join(root, to)))
      .map((to) => `${page.path} leads to ${to}.`)
  })
  expect(wrong).toEqual([])
})

it('reaches every page of the guide by the links under "Next"', () => {
  const guide = pages.filter(({ path }) => path.startsWith('docs/guide/'))
  const reached = new Set(pages.flatMap((page) => targetsOf(page, nextOf(page))))
  expect(guide.map(({ path }) => path).filter((path) => !reached.has(path))).toEqual([])
})
