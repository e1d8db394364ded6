import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What a program prints, however it ends. */
async function run(cwd: string, ...args: string[]): Promise<string> {
  // the runners would report to the one around them
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  for (const name of Object.keys(env)) if (name.startsWith('VITEST')) delete env[name]
  const options = { cwd, env: { ...env, NO_COLOR: '1' } }
  const { stdout } = await promisify(execFile)(process.execPath, args, options).catch(
    (error: { stdout: string }) => error,
  )
  return stdout
}

const node = (file: string) => run(root, '--import', 'tsx', '--test', '--test-reporter', 'tap', file)

it('the example of node:test passes', async () => {
  expect(await node('examples/testing/node.test.ts')).toContain('# pass 2')
})

it('tests of node:test that fail, are too late or contain others leave nothing', async () => {
  const lines = (await node('test/examples/runners/hostile-node.ts')).split('\n')
  const results = lines.flatMap(
    (line) => /^\s*(ok|not ok) \d+ - ((?:passes|fails).*)$/.exec(line)?.slice(1, 3).join(' ') ?? [],
  )
  expect(results).toEqual([
    'ok passes: one',
    'ok passes: seed',
    'ok passes: seed again',
    'ok passes: first',
    'ok passes: second',
    'ok passes: with tests inside',
    'not ok fails',
    'not ok fails: too late',
    'ok passes: after that',
  ])
})

it('tests of vitest that fail, are too late or run at the same time leave nothing', async () => {
  const folder = `${root}test/examples/runners`
  const vitest = `${root}node_modules/vitest/vitest.mjs`
  const printed = JSON.parse(await run(folder, vitest, 'run', '--reporter', 'json')) as {
    testResults: { assertionResults: { title: string; status: string; failureMessages: string[] }[] }[]
  }
  const tests = printed.testResults.flatMap((file) => file.assertionResults)
  expect(tests.length).toBe(9)
  const wrong = tests.filter(({ title, status }) => (status === 'passed') !== title.startsWith('passes'))
  expect(wrong).toEqual([])
  const messages = new Map(tests.map(({ title, failureMessages }) => [title, failureMessages.join('\n')]))
  expect(messages.get('fails: too late')).toContain('The test has ended, but a transaction of it had not')
  expect(messages.get('fails: second')).toContain('Two tests ran at the same time')
})
