import type { CommandSpec, OptionSpec } from './spec.js'

// Lists every command with its options. The code of a command is a file in `command` that is loaded when the command runs, so
// that help only loads commander.

/** Applies to all commands, and also if the command is unknown. */
export const JSON_OUTPUT: OptionSpec = { flags: '--json', description: 'print the result as JSON, and ask nothing' }

/** Options of every command. */
export const COMMON: readonly OptionSpec[] = [
  {
    flags: '--config <file>',
    description: 'the configuration file (default: corm.config.ts here or in a folder above)',
  },
  JSON_OUTPUT,
]

/** Descriptions of command groups. */
export const GROUPS: Readonly<Record<string, string>> = {
  migrate: 'make, run and check migrations',
}

/** An option for commands that may lose data in production. */
const MEANT: OptionSpec = {
  flags: '--yes-i-mean <database>',
  description: 'the name of the database: needed if NODE_ENV is production',
}

/** An option for commands that run migrations. */
const CONTRACT: OptionSpec = {
  flags: '--contract',
  description: "also run migrations that wait for a deployment (after: 'deploy')",
}
const ALLOW: OptionSpec = {
  flags: '--allow',
  description:
    'run dangerous steps in production, and let changes of large tables keep programs waiting, although the files give no reason',
}

/** Options for the case that another migrator is running. */
const LOCK: readonly OptionSpec[] = [
  { flags: '--wait <seconds>', description: 'how long to wait for another migrator (default: 60)' },
  { flags: '--fail-if-locked', description: 'fail at once, with exit code 75, while another migrator is at work' },
]

/** Options that answer which tables and columns were renamed or removed, and which values new columns get. */
const ANSWERS: readonly OptionSpec[] = [
  { flags: '--rename <table.old:new>', description: 'a column was renamed; as often as needed', many: true },
  { flags: '--rename-table <old:new>', description: 'a table was renamed; as often as needed', many: true },
  { flags: '--drop <name>', description: 'a table, or a column as table.column, was removed', many: true },
  {
    flags: '--fill <table.column=value>',
    description: 'the value of a new column for the existing rows',
    many: true,
  },
  { flags: '--answers <file>', description: 'a JSON file with renames, renameTables, drops and fills' },
]

export const COMMANDS: readonly CommandSpec[] = [
  {
    name: 'init',
    description: 'set up a project: corm.config.ts and a first model',
    options: [
      { flags: '--url <url>', description: 'the URL of the database' },
      { flags: '--models <pattern>', description: 'the files of the models (default: src/models/**/*.ts)' },
      { flags: '--migrations <folder>', description: 'the folder of the migrations (default: migrations)' },
      { flags: '--no-example', description: 'write no first model' },
    ],
    load: () => import('./command/init.js'),
  },
  {
    name: 'migrate make',
    description: 'write the migration that leads to the models',
    arguments: [{ name: '[name]', description: 'the name of the migration (default: what it does)' }],
    options: [
      ...ANSWERS,
      { flags: '--drop-retired', description: 'drop the columns and tables that were retired by earlier migrations' },
      { flags: '--safe', description: 'write what running programs do not survive into a second migration' },
    ],
    load: () => import('./command/migrate-make.js'),
  },
  {
    name: 'migrate check',
    description: 'fail if the models and the migrations differ; needs no database',
    load: () => import('./command/migrate-check.js'),
  },
  {
    name: 'migrate up',
    description: 'run the migrations that the database lacks',
    options: [
      { flags: '--to <id>', description: 'the last migration to run (default: all)' },
      CONTRACT,
      ALLOW,
      { flags: '--dry-run', description: 'print the SQL and run nothing' },
      { flags: '--no-wait', description: 'run nothing while another migrator is at work, with exit code 0' },
      ...LOCK,
    ],
    load: () => import('./command/migrate-up.js'),
  },
  {
    name: 'migrate down',
    description: 'reverse migrations, the last one first',
    options: [
      { flags: '--to <id>', description: 'the migration that becomes the last one' },
      { flags: '--steps <number>', description: 'how many to reverse (default: 1)' },
      { flags: '--allow-loss', description: 'reverse what loses data' },
      { flags: '--dry-run', description: 'print the SQL and run nothing' },
      ...LOCK,
      MEANT,
    ],
    load: () => import('./command/migrate-down.js'),
  },
  {
    name: 'migrate status',
    description: 'list the migrations, and which ones the database has',
    load: () => import('./command/migrate-status.js'),
  },
  {
    name: 'migrate resume',
    description: 'go on with a migration that was interrupted',
    options: [
      {
        flags: '--step <answer>',
        description: 'whether the database has the interrupted step',
        choices: ['done', 'redo'],
      },
      CONTRACT,
      ALLOW,
      ...LOCK,
    ],
    load: () => import('./command/migrate-resume.js'),
  },
  {
    name: 'migrate accept',
    description: 'record that a migration that was run is meant as its file is now',
    arguments: [{ name: '<id>', description: 'the migration' }],
    options: LOCK,
    load: () => import('./command/migrate-accept.js'),
  },
  {
    name: 'migrate baseline',
    description: 'record migrations as run, because the database has what they make',
    options: [
      { flags: '--to <id>', description: 'the last migration that the database has (default: all)' },
      { flags: '--force', description: 'record them although the database differs from what they make' },
      ...LOCK,
    ],
    load: () => import('./command/migrate-baseline.js'),
  },
  {
    name: 'migrate sql',
    description: 'print the SQL of migrations; needs no database',
    options: [
      {
        flags: '--dialect <name>',
        description: 'the database (default: that of the configuration)',
        choices: ['sqlite', 'postgres', 'mysql', 'mariadb'],
      },
      { flags: '--from <id>', description: 'the migration that the database has (default: none)' },
      { flags: '--to <id>', description: 'the last migration to print (default: all)' },
    ],
    load: () => import('./command/migrate-sql.js'),
  },
  {
    name: 'migrate lint',
    description: 'list what is dangerous in the migrations that the database lacks; fail if something has no reason',
    options: [{ flags: '--all', description: 'look at all migrations, and connect to no database' }],
    load: () => import('./command/migrate-lint.js'),
  },
  {
    name: 'migrate drift',
    description: 'compare the database with the migrations that were run; fail if they differ',
    options: [
      { flags: '--adopt', description: 'write a migration that says the same as the database, and record it as run' },
      { flags: '--revert', description: 'print SQL that makes the database what the migrations say; run nothing' },
    ],
    load: () => import('./command/migrate-drift.js'),
  },
  {
    name: 'migrate merge',
    description: 'write a migration after two that were made at the same time and contradict each other',
    arguments: [{ name: '[name]', description: 'the name of the migration (default: merge)' }],
    options: ANSWERS,
    load: () => import('./command/migrate-merge.js'),
  },
  {
    name: 'migrate squash',
    description: 'write one migration in place of several',
    arguments: [{ name: '[name]', description: 'the name of the migration (default: squashed and their number)' }],
    options: [
      { flags: '--from <id>', description: 'the first migration to replace (default: the first one)' },
      { flags: '--to <id>', description: 'the last migration to replace (default: the last one)' },
    ],
    load: () => import('./command/migrate-squash.js'),
  },
  {
    name: 'inspect',
    description: 'write models for the tables of a database; changes nothing there',
    arguments: [{ name: '[tables...]', description: 'tables and views, with * for any text (default: all)' }],
    options: [
      { flags: '-o, --output <folder>', description: 'the folder of the models (default: that of the configuration)' },
      { flags: '--overwrite', description: 'write over files that are there, without asking' },
    ],
    load: () => import('./command/inspect.js'),
  },
  {
    name: 'dump',
    description: 'write rows as JSON',
    arguments: [{ name: '[models...]', description: 'the models (default: all)' }],
    options: [{ flags: '-o, --output <file>', description: 'the file; .gz is compressed (default: stdout)' }],
    load: () => import('./command/dump.js'),
  },
  {
    name: 'load',
    description: 'store the rows of a dump: all or none',
    arguments: [{ name: '<file>', description: 'the file, or - for stdin' }],
    options: [
      {
        flags: '--on-conflict <what>',
        description: 'what happens to rows whose keys are there (default: update)',
        choices: ['update', 'skip', 'error'],
      },
      { flags: '--ignore-unknown', description: 'leave out models and fields that do not exist' },
      MEANT,
    ],
    load: () => import('./command/load.js'),
  },
  {
    name: 'erd',
    description: 'draw the tables of the models as Mermaid or SVG',
    arguments: [{ name: '[models...]', description: 'the models (default: all)' }],
    options: [
      { flags: '-o, --output <file>', description: 'the file: .svg, .mmd or .md (default: stdout)' },
      {
        flags: '--format <format>',
        description: 'the format (default: by the file, or mermaid)',
        choices: ['mermaid', 'svg'],
      },
    ],
    load: () => import('./command/erd.js'),
  },
  {
    name: 'doctor',
    description: 'look for what is wrong with the tables, their indexes and their rows; fail if something is',
    options: [
      { flags: '--rows <number>', description: 'how many rows of each model are read (default: 1000)' },
      {
        flags: '--log <file>',
        description: 'look for N+1 queries in a log: one statement, or one query event as JSON, per line',
      },
    ],
    load: () => import('./command/doctor.js'),
  },
  {
    name: 'shell',
    description: 'start a JavaScript prompt with the models and the database',
    load: () => import('./command/shell.js'),
  },
]
