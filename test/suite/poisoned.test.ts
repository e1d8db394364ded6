import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { pollutedNames } from '../support/poison/names.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const names = pollutedNames()

/** A program of its own: a test runner does not survive such a world itself. */
function run(url: string): Promise<{ outcomes: number; wrong: string[] }> {
  return new Promise((resolve, reject) => {
    const args = ['--import', 'tsx', 'test/support/poisoned.ts', url]
    const child = execFile(process.execPath, args, { cwd: root, maxBuffer: 1e8 }, (error, stdout) => {
      if (error === null) resolve(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''))
      else reject(error)
    })
    child.stdin?.end(JSON.stringify(names))
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
