import { type ChildProcess, type ChildProcessWithoutNullStreams, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { builtPackage } from './built.js'
import { root } from './programs.js'

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** What was printed with `--json`. */
  readonly json: any
}

interface Running {
  readonly env?: Readonly<Record<string, string>>
  /** The folder in the project. */
  readonly cwd?: string
  /** What is typed. */
  readonly input?: string
}

interface Typing extends Running {
  readonly prompt: string
  readonly input: string
}

/** A command that runs. */
export interface Started {
  readonly child: ChildProcessWithoutNullStreams
  /** Waits until it has printed this. */
  says(text: string): Promise<void>
  readonly ended: Promise<Ran>
}

/** A project in a folder of its own, in which `corm` is installed. */
export class CliProject {
  constructor(
    readonly folder: string,
    readonly installed: string,
    private readonly host: Host | null,
  ) {}

  write(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.folder, name)), { recursive: true })
      writeFileSync(join(this.folder, name), text)
    }
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8')
  }

  /** The names of the files in a folder, sorted; none if it is not there. */
  files(name: string): string[] {
    const path = join(this.folder, name)
    return existsSync(path) ? readdirSync(path).sort() : []
  }

  /** Runs the command line without a terminal. */
  async corm(words: readonly string[], options: Running = {}): Promise<Ran> {
    if (this.host !== null && options.input === undefined)
      return this.host.run({ words, folder: join(this.folder, options.cwd ?? '.'), env: options.env ?? {} })
    return this.node([join(this.installed, 'dist/cli/main.js'), ...words], options)
  }

  /** Starts the command line, for tests that do something while it runs. */
  start(words: readonly string[], options: Running = {}): Started {
    return this.#spawn(process.execPath, [join(this.installed, 'dist/cli/main.js'), ...words], options)
  }

  /** Runs the command line in a terminal, and types `input` when it has printed `prompt`. */
  async terminal(words: readonly string[], { prompt, input, ...options }: Typing): Promise<Ran> {
    const command = [process.execPath, join(this.installed, 'dist/cli/main.js'), ...words]
    // without a size, questions have one letter in a line
    const shell = `stty cols 120 rows 40; ${command.map((word) => `'${word}'`).join(' ')}`
    // the command of util-linux that gives a program a terminal
    const started = this.#spawn('script', ['--quiet', '--return', '--command', shell, '/dev/null'], options, 'open')
    await started.says(prompt)
    started.child.stdin.write(input)
    return started.ended
  }

  /** Runs Node with these arguments. */
  async node(args: readonly string[], options: Running = {}): Promise<Ran> {
    return this.#spawn(process.execPath, args, options).ended
  }

  #spawn(file: string, args: readonly string[], { env = {}, cwd = '.', input }: Running, stdin = 'ended'): Started {
    const child = spawn(file, args, {
      cwd: join(this.folder, cwd),
      env: { ...inherited(), ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    if (stdin === 'ended') child.stdin.end(input)
    let [stdout, stderr] = ['', '']
    const heard = new Set<() => void>()
    const hear = () => {
      for (const each of heard) each()
    }
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text
      hear()
    })
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text
      hear()
    })
    const ended = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve))
    return {
      child,
      says: (text) =>
        new Promise((resolve, reject) => {
          const look = () => {
            if ((stdout + stderr).includes(text)) resolve()
          }
          heard.add(look)
          look()
          ended.then(() => reject(new Error(`It ended without ${JSON.stringify(text)}: ${stdout}${stderr}`)), reject)
        }),
      ended: ended.then((code) => ran({ code, stdout, stderr })),
    }
  }
}

const ran = (result: Omit<Ran, 'json'>): Ran => ({
  ...result,
  get json() {
    return JSON.parse(result.stdout)
  },
})

function inherited(): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: '1' }
  for (const name of ['FORCE_COLOR', 'NODE_OPTIONS', 'DATABASE_URL', 'CI', 'NODE_ENV']) delete env[name]
  // a test runner in the project is not part of this one
  for (const name of Object.keys(env)) if (name.startsWith('VITEST') || name === 'NODE_TEST_CONTEXT') delete env[name]
  return env
}

/** A process for many commands: starting one takes longer than most commands. */
class Host {
  readonly #child: ChildProcess

  constructor(installed: string) {
    const main = join(installed, 'dist/cli/main.js')
    this.#child = fork(join(root, 'test/support/cli-host.mjs'), [main], { env: inherited(), execArgv: [] })
  }

  async run(command: { words: readonly string[]; folder: string; env: Readonly<Record<string, string>> }) {
    this.#child.send(command)
    const ended = once(this.#child, 'exit').then(([code]) => {
      throw new Error(`The process of the commands has ended with ${code}: corm ${command.words.join(' ')}`)
    })
    const [result] = await Promise.race([once(this.#child, 'message'), ended])
    return ran(result as Omit<Ran, 'json'>)
  }

  stop(): void {
    this.#child.disconnect()
  }
}

/**
 * Makes projects in which corm is installed; they are removed after the tests of the file. With `oneProcess`, commands of the
 * file run in one process, unless they have input: for tests of what a command does, rather than how it starts and ends.
 */
export function cliProjects({ oneProcess = false } = {}): {
  project(files?: Readonly<Record<string, string>>): CliProject
} {
  const scratch = mkdtempSync(join(tmpdir(), 'corm-cli-'))
  let installed = ''
  let host: Host | null = null
  let made = 0
  beforeAll(async () => {
    installed = await builtPackage()
    if (oneProcess) host = new Host(installed)
  }, 120_000)
  afterAll(() => {
    host?.stop()
    rmSync(scratch, { recursive: true, force: true })
  })
  return {
    project(files = {}) {
      made += 1
      const folder = join(scratch, `project-${made}`)
      mkdirSync(join(folder, 'node_modules'), { recursive: true })
      symlinkSync(installed, join(folder, 'node_modules/corm'), 'junction')
      const project = new CliProject(folder, installed, host)
      project.write({ 'package.json': JSON.stringify({ name: 'app', private: true, type: 'module' }), ...files })
      return project
    },
  }
}
