import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)

// a program of its own: a test runner does not survive such a world itself
describeDatabases('a process whose Object.prototype is', (database) => {
  it.each(['polluted', 'frozen'])('%s works as any other', async (mode) => {
    const url = database.url.startsWith('pglite') ? 'pglite::memory:' : database.url
    const { stdout } = await run(process.execPath, ['--import', 'tsx', 'test/support/poisoned.ts', url, mode], {
      cwd: root,
    })
    expect(stdout.trim()).toBe('done')
  })
})
