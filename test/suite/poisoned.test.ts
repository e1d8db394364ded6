import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { pollutedNames } from '../support/poison/names.js'
import { compileSources } from '../support/programs.js'

const programs = compileSources('test/support')
const names = pollutedNames()

/** A program of its own: a test runner does not survive such a world itself. */
function run(url: string): Promise<{ outcomes: number; wrong: string[] }> {
  return new Promise((resolve, reject) => {
    const child = programs.start(url, [programs.path('test/support/poisoned.ts'), url])
    let [output, errors] = ['', '']
    child.stdout.on('data', (part) => (output += String(part)))
    child.stderr.on('data', (part) => (errors += String(part)))
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(output.trim().split('\n').at(-1) ?? ''))
      else reject(new Error(errors))
    })
    child.stdin.end(JSON.stringify(names))
  })
}

describeDatabases('a process whose Object.prototype is polluted, and then frozen,', (database) => {
  it('works as any other', async () => {
    const { outcomes, wrong } = await run(database.url.startsWith('pglite') ? 'pglite::memory:' : database.url)
    expect(wrong.join('\n\n')).toBe('')
    expect(outcomes).toBeGreaterThan(500)
  }, 60_000)
})

it('names to pollute are found in the source', () => {
  expect(names.length).toBeGreaterThan(1000)
  for (const name of ['guarded', 'isolation', 'skipLocked', 'nulls', 'storage', 'teamId']) expect(names).toContain(name)
})
