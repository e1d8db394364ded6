import { expect, it } from 'vitest'
import { cliProjects } from '../support/cli.js'

const { project } = cliProjects()

it('writes a configuration and a first model', async () => {
  const app = project()
  const { code, stdout, stderr } = await app.corm(['init'])
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toContain('wrote corm.config.ts')
  expect(stdout.slice(stdout.indexOf('Next:'))).toBe(`Next:
  npm install better-sqlite3
  npm install --save-dev typescript tsx @types/node
  npx tsc --init --module nodenext --target es2022 --types node
  npx corm migrate make
  npx corm migrate up

A program connects with
  await Database.connect(process.env.DATABASE_URL ?? 'sqlite:///app.db')
`)
  expect(app.read('corm.config.ts')).toBe(`import { defineConfig } from 'corm/config'

export default defineConfig({
  database: process.env.DATABASE_URL ?? 'sqlite:///app.db',
  models: 'src/models/**/*.ts',
  migrations: 'migrations',
})
`)
  expect(app.read('src/models/user.ts')).toContain('export class User extends Model({')
})

it('names no step that is done already', async () => {
  const there = (name: string) => ({ [`node_modules/${name}/package.json`]: '{}' })
  const tools = { ...there('pg'), ...there('typescript'), ...there('@types/node') }
  const app = project({ ...tools, 'package.json': '{}', 'tsconfig.json': '{}', 'packages/shop/package.json': '{}' })
  const { json } = await app.corm(['init', '--url', 'postgres://localhost/app', '--json'], { cwd: 'packages/shop' })
  expect(json.next).toEqual([
    'npm install --save-dev tsx',
    'npm pkg set type=module',
    'npx corm migrate make',
    'npx corm migrate up',
  ])
})

it('changes no file that is there', async () => {
  const app = project({ 'corm.config.ts': '// mine' })
  const { code, stdout, stderr } = await app.corm(['init'])
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toContain('is there already')
  expect(app.read('corm.config.ts')).toBe('// mine')
  const other = project({ 'src/models/book.ts': '' })
  expect((await other.corm(['init', '--json'])).json.written).toEqual(['corm.config.ts'])
})

it('writes no password into the configuration', async () => {
  const app = project()
  const { stderr } = await app.corm(['init', '--url', 'postgres://me:secret@db/app', '--no-example'])
  expect(stderr).toContain('Set DATABASE_URL')
  expect(app.read('corm.config.ts')).not.toContain('secret')
  expect(app.files('src')).toEqual([])
})
