import { readFileSync } from 'node:fs'
import { Command, CommanderError, Option } from 'commander'
import { COMMANDS, COMMON, GROUPS, JSON_OUTPUT } from './commands.js'
import { OptionValues } from './option-values.js'
import { type CommandSpec, EXIT, type ExitCode, type OptionSpec } from './spec.js'

// Help and version only need this file, the table of commands and commander. The command that runs loads everything else.

/** Runs the command line with these words, and returns its exit code. */
export async function runProgram(words: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = EXIT.done
  const program = new Command('corm')
    .description('Migrations, fixtures and tools for the ORM corm.')
    .version(version(), '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .showHelpAfterError('Run with --help to see what the command takes.')
    .exitOverride()
  // added to the program, so that it also works if the command is unknown
  program.addOption(optionOf(JSON_OUTPUT).hideHelp())
  for (const spec of COMMANDS)
    add(program, spec, async (given, values) => {
      code = await execute(spec, { given, values, words })
    })
  try {
    await program.parseAsync([...words], { from: 'user' })
    return code
  } catch (error) {
    // commander has printed the problem, or the requested help
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return EXIT.done
    await printMisuse(error, new OptionValues(program.opts()))
    return EXIT.failed
  }
}

/** Prints wrong usage as a JSON document if `--json` was given. */
async function printMisuse({ code, message }: CommanderError, options: OptionValues): Promise<void> {
  const { CommandOutput } = await import('./output.js')
  const isHelp = code === 'commander.help'
  new CommandOutput(options.flag('json')).result({
    error: { code: 'USAGE', message: isHelp ? 'The command is not complete.' : message.replace(/^error: /, '') },
  })
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  const isManifest = typeof manifest === 'object' && manifest !== null && 'version' in manifest
  return isManifest ? String(manifest.version) : ''
}

type CommandAction = (given: readonly string[], values: object) => Promise<void>

function add(program: Command, spec: CommandSpec, action: CommandAction): void {
  const words = spec.name.split(' ')
  const name = words.pop() ?? ''
  const command = words.reduce(groupIn, program).command(name)
  command.description(spec.description).helpOption('-h, --help', 'print help')
  for (const each of spec.arguments ?? []) command.argument(each.name, each.description)
  for (const option of [...(spec.options ?? []), ...COMMON]) command.addOption(optionOf(option))
  command.action(async () => action(command.args, command.optsWithGlobals()))
}

function groupIn(parent: Command, name: string): Command {
  const found = parent.commands.find((command) => command.name() === name)
  if (found !== undefined) return found
  return parent
    .command(name)
    .description(GROUPS[name] ?? '')
    .helpOption('-h, --help', 'print help')
    .helpCommand(false)
}

function optionOf({ flags, description, many, choices }: OptionSpec): Option {
  const option = new Option(flags, description)
  if (choices !== undefined) option.choices([...choices])
  if (many === true) option.argParser((value: string, before: string[] = []) => [...before, value])
  // options are read by the names of their flags: `--rename-table` is "rename-table"
  option.attributeName = () => (option.negate ? option.name().replace('no-', '') : option.name())
  return option
}

interface TypedCommand {
  readonly given: readonly string[]
  readonly values: object
  readonly words: readonly string[]
}

async function execute(spec: CommandSpec, { given, values, words }: TypedCommand): Promise<ExitCode> {
  const options = new OptionValues(values)
  const [{ CommandOutput }, { printError, exitOf }] = await Promise.all([import('./output.js'), import('./failure.js')])
  const output = new CommandOutput(options.flag('json'))
  try {
    const { run } = await spec.load()
    return await run({ arguments: given, options, output, words, folder: process.cwd() })
  } catch (error) {
    printError(error, output)
    return exitOf(error)
  }
}
