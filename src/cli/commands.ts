import type { CommandSpec, OptionSpec } from './command.js'

// Every command, with its options. What does the work is a file in `command`, which is loaded when the command runs: help loads
// commander only.

/** Options of every command. */
export const COMMON: readonly OptionSpec[] = [
  {
    flags: '--config <file>',
    description: 'the configuration file (default: corm.config.ts here or in a folder above)',
  },
  { flags: '--json', description: 'print the result as JSON, and ask nothing' },
]

/** What a group of commands is about. */
export const GROUPS: Readonly<Record<string, string>> = {
  migrate: 'make, run and check migrations',
}

export const COMMANDS: readonly CommandSpec[] = [
  {
    name: 'init',
    description: 'set up a project: corm.config.ts, a first model and the folder of migrations',
    options: [
      { flags: '--url <url>', description: 'the URL of the database' },
      { flags: '--models <pattern>', description: 'the files of the models (default: src/models/**/*.ts)' },
      { flags: '--migrations <folder>', description: 'the folder of the migrations (default: migrations)' },
      { flags: '--no-example', description: 'write no first model' },
    ],
    load: () => import('./command/init.js'),
  },
]
