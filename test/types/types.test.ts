import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chainFiles } from './support/chain.js'
import { root, writeProject } from './support/project.js'

/** What the compiler prints about a project, and how it ended. Memory is limited: a type that explodes fails here. */
function compile(compiler: string, project: string): Promise<{ code: number | null; output: string }> {
  const args = ['--max-old-space-size=1500', join(root, 'node_modules', compiler, 'bin/tsc'), '-p', project]
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    child.on('close', (code) => resolve({ code, output }))
  })
}

// 5.9 takes ten times as long as 7
describe.each([
  ['5.9', 'typescript', 200],
  ['7', 'typescript7', 500],
] as const)('TypeScript %s', (_, compiler, models) => {
  const folder = mkdtempSync(join(tmpdir(), 'corm-types-'))
  beforeAll(() => writeProject(folder, chainFiles(models)))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('accepts what must compile and refuses what must not', async () => {
    const { code, output } = await compile(compiler, join(root, 'test/types'))
    expect(output).toBe('')
    expect(code).toBe(0)
  }, 120_000)

  it(`checks a ring of ${models} models that refer to each other`, async () => {
    const { code, output } = await compile(compiler, folder)
    expect(output.slice(0, 2000)).toBe('')
    expect(code).toBe(0)
  }, 180_000)
})
