import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { ConfigurationError } from '../../errors.js'
import { stringLiteral } from '../../util/source-text.js'
import { canAsk, chooseOne, write } from '../ask.js'
import type { CommandCall } from '../call.js'
import { EXIT, type ExitCode } from '../spec.js'

/** Databases that a new project can choose from: a URL to start with, and the package of the driver. */
const DATABASES = {
  sqlite: { label: 'SQLite', url: 'sqlite:///app.db', driver: 'better-sqlite3' },
  postgres: { label: 'PostgreSQL', url: 'postgres://localhost/app', driver: 'pg' },
  mysql: { label: 'MySQL or MariaDB', url: 'mysql://root@localhost/app', driver: 'mysql2' },
  pglite: { label: 'PGlite', url: 'pglite://app.pglite', driver: '@electric-sql/pglite' },
} as const
type DatabaseKind = keyof typeof DATABASES

const kindOf = (url: string): DatabaseKind =>
  /^postgres/i.test(url)
    ? 'postgres'
    : /^(mysql|mariadb)/i.test(url)
      ? 'mysql'
      : /^pglite/i.test(url)
        ? 'pglite'
        : 'sqlite'

/** Writes the configuration and a first model. Existing files are not changed. */
export async function run({ options, output, folder }: CommandCall): Promise<ExitCode> {
  const config = join(folder, 'corm.config.ts')
  if (existsSync(config)) throw new ConfigurationError(`${config} is there already. Edit it, or remove it first.`)
  const asks = canAsk(output) && options.text('url') === null
  const url = options.text('url') ?? (asks ? await askUrl() : DATABASES.sqlite.url)
  const models = options.text('models') ?? (asks ? await write('Where are the models?', MODELS) : MODELS)
  const migrations = options.text('migrations') ?? 'migrations'
  const files = [[config, configText({ url, models, migrations })] as const]
  const example = exampleFile(folder, models)
  if (options.flag('example') && example !== null) files.push([example, EXAMPLE])
  for (const [path, text] of files) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text, { flag: 'wx' })
  }
  const written = files.map(([path]) => relative(folder, path))
  for (const path of written) output.say(`wrote ${path}`, 'green')
  const next = [...missing(folder, url), 'npx corm migrate make', 'npx corm migrate up']
  output.say(`\nNext:\n${next.map((line) => `  ${line}`).join('\n')}`)
  const address = hasPassword(url) ? '' : ` ?? ${stringLiteral(url)}`
  output.say(`\nA program connects with\n  await Database.connect(process.env.DATABASE_URL${address})`)
  if (hasPassword(url)) output.note('The URL has a password, so it was not written. Set DATABASE_URL.', 'yellow')
  output.result({ written, next })
  return EXIT.done
}

const MODELS = 'src/models/**/*.ts'

/** The commands that install what a TypeScript project with this database still lacks. */
function missing(folder: string, url: string): string[] {
  const isInstalled = (name: string) => isAbove(folder, join('node_modules', name, 'package.json'))
  const lacks = (names: readonly string[]) => names.filter((name) => !isInstalled(name)).join(' ')
  const needed = lacks(['corm', DATABASES[kindOf(url)].driver])
  const tools = lacks(['typescript', 'tsx', '@types/node'])
  return [
    ...(needed === '' ? [] : [`npm install ${needed}`]),
    ...(tools === '' ? [] : [`npm install --save-dev ${tools}`]),
    ...(isModule(folder) ? [] : ['npm pkg set type=module']),
    ...(isAbove(folder, 'tsconfig.json') ? [] : ['npx tsc --init --module nodenext --target es2022 --types node']),
  ]
}

/** Whether a file is in a folder, or in one above, where Node looks for packages too. */
const isAbove = (folder: string, file: string): boolean =>
  existsSync(join(folder, file)) || (dirname(folder) !== folder && isAbove(dirname(folder), file))

/** Whether files of the project are ES modules, as corm is. Only those can use top-level await. */
function isModule(folder: string): boolean {
  try {
    const { type } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { type?: unknown }
    return type === 'module'
  } catch {
    return false
  }
}

async function askUrl(): Promise<string> {
  const kinds = Object.keys(DATABASES) as DatabaseKind[]
  const kind = await chooseOne(
    'Which database?',
    kinds.map((value) => ({ value, label: DATABASES[value].label })),
  )
  return write('What is its URL?', DATABASES[kind].url)
}

const hasPassword = (url: string): boolean => /^[^/]+:\/\/[^/@]*:[^/@]+@/.test(url)

interface InitSettings {
  readonly url: string
  readonly models: string
  readonly migrations: string
}

const configText = ({ url, models, migrations }: InitSettings): string => `import { defineConfig } from 'corm/config'

export default defineConfig({
  database: process.env.DATABASE_URL${hasPassword(url) ? '' : ` ?? ${stringLiteral(url)}`},
  models: ${stringLiteral(models)},
  migrations: ${stringLiteral(migrations)},
})
`

/** The path of the first model. Null if there are models already, or if the pattern does not name a folder. */
function exampleFile(folder: string, models: string): string | null {
  const [, base] = /^([^*?{}[\]!()]+)\/(?:\*\*\/)?\*\.ts$/.exec(models) ?? []
  if (base === undefined || existsSync(join(folder, base))) return null
  return join(folder, base, 'user.ts')
}

const EXAMPLE = `import { Field, Model } from 'corm'

export class User extends Model({
  name: Field.string({ max: 120 }),
  email: Field.email({ unique: true }),
  createdAt: Field.dateTime({ autoNowAdd: true }),
}) {}
`
