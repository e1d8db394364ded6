import { once } from 'node:events'
import { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { Database } from 'corm'
import { down } from '../../../src/migration/migrator.js'
import { namedMigrations } from '../../../src/migration/modules.js'
import { type Kind, killed, starts } from './histories.js'

// A process that migrates a database, and ends itself where it is told to. It reads a job from stdin when it is ready.

/** Where a process ends: after so many statements, or when so many texts were sent to the server. */
export interface Point {
  readonly at: 'answered' | 'sent'
  readonly count: number
}

export interface Job {
  readonly url: string
  readonly history: 'starts' | Kind
  readonly direction: 'up' | 'down'
  readonly kill: Point | null
}

/** How many statements and texts there were. */
export type Counts = Record<Point['at'], number>

export interface Result {
  readonly finished: readonly string[]
  readonly error: string | null
  readonly counts: Counts
}

const counts: Counts = { answered: 0, sent: 0 }

function pass(at: Point['at'], kill: Point | null): void {
  counts[at] += 1
  if (kill?.at === at && counts[at] === kill.count) process.kill(process.pid, 'SIGKILL')
}

/** Ends the process when the text is on its way, and before the answer. */
function watchSockets(kill: Point | null): void {
  const { write } = Socket.prototype
  Socket.prototype.write = function (this: Socket, ...given: unknown[]) {
    const done = write.apply(this, given as Parameters<typeof write>)
    if (this.remotePort !== undefined) setImmediate(() => pass('sent', kill))
    return done
  } as typeof write
}

async function work({ url, history, direction, kill }: Job): Promise<Result> {
  await using db = await Database.connect(url)
  db.on('query', () => pass('answered', kill))
  watchSockets(kill)
  const migrations = history === 'starts' ? starts : killed(history)
  try {
    const run =
      direction === 'up'
        ? await db.migrate({ migrations })
        : await down(db, { migrations: namedMigrations(migrations), allowLoss: true })
    return { finished: run.finished.map(({ id }) => id), error: null, counts }
  } catch (error) {
    return { finished: [], error: String((error as Error).stack), counts }
  }
}

process.stdout.write('ready\n')
const [line] = await once(createInterface(process.stdin), 'line')
const result = await work(JSON.parse(line) as Job)
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0))
