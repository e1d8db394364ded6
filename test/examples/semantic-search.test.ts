import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { kindsOfFile } from '../support/databases.js'
import { compilePrograms } from '../support/programs.js'

const programs = compilePrograms('examples/semantic-search')

/** The databases of the test run that always have vectors. */
const kinds = kindsOfFile().filter((kind) => kind === 'sqlite' || kind === 'pglite')

describe.each(kinds)('the example of a semantic search on %s', (kind) => {
  it('finds passages by similar words', async () => {
    const url = `${kind}::memory:`
    const file = programs.path('examples/semantic-search/main.ts')
    const child = programs.start(url, [file], { ...process.env, DATABASE_URL: url })
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^40 passages, 0 without/)
    expect(found(stdout)).toEqual({
      'lava and ash': ['Volcanoes', 'Volcanoes', 'Volcanoes'],
      'creme brulee': ['Crème brûlée', 'Crème brûlée', 'Crème brûlée'],
      'vulcano erupting': ['Volcanoes', 'nothing', 'Volcanoes'],
      'repairing a punctured bycicle tyre': ['Bicycle tyres', 'nothing', 'Bicycle tyres'],
      'fermenting cucumber': ['Pickles', 'nothing', 'Pickles'],
      feline: [expect.not.stringMatching('Cats'), 'nothing', expect.not.stringMatching('Cats')],
      'dust and ice': ['Comets', 'Comets', 'Comets'],
      'bats in the caves': ['Caves', 'Caves', 'Caves'],
      'river or lake': ['Rivers and lakes', 'nothing', 'Rivers and lakes'],
    })
    expect(stdout).toContain('\nStale: Rivers and lakes\nEmbedded again: 1\n')
  })
})

/** The first passage of each of the three searches, by the text that was searched. */
function found(output: string): Record<string, string[]> {
  const searches = output.matchAll(
    /^(.+)\n {2}by vectors: (.+?) \(.*\n {2}by words: +([^,\n]+).*\n {2}by both: +([^,\n]+)/gm,
  )
  return Object.fromEntries([...searches].map(([, text, ...firsts]) => [text, firsts]))
}
