import { readFileSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { cliProjects } from '../support/cli.js'
import { root } from '../support/programs.js'

const { project } = cliProjects()

/** Writes the address of every module that a program loads into a file. */
const LIST = `
import { register } from 'node:module'
const hooks = \`
  import { appendFileSync } from 'node:fs'
  export async function load(url, context, next) {
    appendFileSync(process.env.LOADED, url + '\\\\n')
    return next(url, context)
  }\`
register('data:text/javascript,' + encodeURIComponent(hooks))
`

it.each([['--help'], ['--version'], ['migrate', '--help'], ['init', '--help']])(
  'loads commander, and of corm no more than the table of commands (%s)',
  async (...words) => {
    const app = project({ 'list.mjs': LIST, 'loaded.txt': '' })
    const { code } = await app.node(['--import', './list.mjs', `${app.installed}/dist/cli/main.js`, ...words], {
      env: { LOADED: `${app.folder}/loaded.txt` },
    })
    expect(code).toBe(0)
    const loaded = app
      .read('loaded.txt')
      .split('\n')
      .filter((url) => url.startsWith('file:') && !url.endsWith('list.mjs'))
      .map((url) => fileURLToPath(url))
    const own = loaded.filter((file) => !file.includes('/node_modules/commander/'))
    expect(own.filter((file) => file.includes('/node_modules/'))).toEqual([])
    expect(own.reduce((bytes, file) => bytes + statSync(file).size, 0)).toBeLessThan(32_000)
  },
)

it('prints the version of the package', async () => {
  const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { version: string }
  const { code, stdout } = await project().corm(['--version'])
  expect([code, stdout]).toEqual([0, `${version}\n`])
})

it('refuses unknown commands and options with a suggestion, and with exit code 1', async () => {
  const app = project()
  const command = await app.corm(['inti'])
  expect(command).toMatchObject({ code: 1, stdout: '' })
  expect(command.stderr).toContain("unknown command 'inti'")
  expect(command.stderr).toContain('Did you mean init?')
  const option = await app.corm(['init', '--urll', 'x'])
  expect(option).toMatchObject({ code: 1, stdout: '' })
  expect(option.stderr).toContain('Did you mean --url?')
})
