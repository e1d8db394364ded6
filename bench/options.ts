import { parseArgs } from 'node:util'
import type { DatabaseKey } from './lines.js'

export interface Options {
  /** Only lines whose name has this in it. */
  readonly only: string
  readonly databases: readonly DatabaseKey[]
  /** Measured rounds. */
  readonly rounds: number
  /** Whether the processor's time counts instead of the clock's. */
  readonly cpu: boolean
  /** Whether SQLite is on the disk, in a temporary folder. */
  readonly file: boolean
  /** Set for a process that measures one database; the first process starts one for each. */
  readonly worker: boolean
}

const DATABASES: readonly DatabaseKey[] = ['sqlite', 'postgres', 'mysql']

export const USAGE = `npm run bench -- [--only <text>] [--db sqlite,postgres,mysql] [--rounds <number>] [--file] [--cpu]`

export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', default: '' },
      db: { type: 'string', default: DATABASES.join() },
      rounds: { type: 'string', default: '25' },
      cpu: { type: 'boolean', default: false },
      file: { type: 'boolean', default: false },
      worker: { type: 'boolean', default: false },
    },
  })
  const rounds = Number(values.rounds)
  if (!Number.isSafeInteger(rounds) || rounds < 1) throw new Error('--rounds is a whole number above 0.')
  const { only, cpu, file, worker } = values
  return { only, databases: values.db.split(',').map(databaseKey), rounds, cpu, file, worker }
}

function databaseKey(name: string): DatabaseKey {
  const key = DATABASES.find((known) => known === name)
  if (key === undefined) throw new Error(`--db knows ${DATABASES.join(', ')}; not "${name}".`)
  return key
}
