import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { leavesLongOut } from '../support/long-files.js'
import { chainFiles } from './support/chain.js'
import { root, writeProject } from './support/project.js'

const types = join(root, 'test/types')
const tsc = (compiler: string) => join(root, 'node_modules', compiler, 'bin/tsc')
/** Several threads check what they share once each. */
const tsc7 = (project: string) => [tsc('typescript7'), '-p', project, '--singleThreaded']

/** What the compiler prints, and how it ended. Memory is limited: a type that explodes fails here. */
function compile(args: readonly string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--max-old-space-size=1500', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    child.on('close', (code) => resolve({ code, output }))
  })
}

// 5.9 takes ten times as long as 7, most of it for the sources behind the types, which `npm run typecheck` checks with 5.9
const versions = [
  {
    version: '5.9',
    models: 100,
    ofTypes: [join(types, 'support/check.mjs'), types, types, join(root, 'src/types')],
    ofProject: (project: string) => [tsc('typescript'), '-p', project],
  },
  { version: '7', models: 500, ofTypes: tsc7(types), ofProject: tsc7 },
]

describe.each(leavesLongOut ? versions.slice(1) : versions)('TypeScript $version', ({ models, ofTypes, ofProject }) => {
  const folder = mkdtempSync(join(tmpdir(), 'corm-types-'))
  beforeAll(() => writeProject(folder, chainFiles(models)))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('accepts what must compile and refuses what must not', async () => {
    const { code, output } = await compile(ofTypes)
    expect(output).toBe('')
    expect(code).toBe(0)
  }, 120_000)

  it(`checks a ring of ${models} models that refer to each other`, async () => {
    const { code, output } = await compile(ofProject(folder))
    expect(output.slice(0, 2000)).toBe('')
    expect(code).toBe(0)
  }, 180_000)
})
