import type { Session, SessionLender } from '../database/session.js'
import type { Executor } from '../execution/executor.js'
import { questionOnce } from '../execution/statement.js'

/** How long to wait for a second connection, in milliseconds. */
const PATIENCE = 2000
const ROUNDS = 3

/**
 * Whether several server sessions may run the statements of one connection, as with a pooler in transaction mode. Session locks
 * don't work then: two migrators can both get the lock, and it stays after they disconnect.
 */
export async function isPooled(db: SessionLender, session: Session): Promise<boolean> {
  const { serverProcess } = session.dialect.migration
  if (serverProcess === null || session.serverProcess === undefined) return false
  const here = await ask(session, serverProcess)
  // a proxy reports a process number of its own
  if (here === session.serverProcess) return false
  for (let round = 0; round < ROUNDS; round++) {
    const there = await elsewhere(db, (trx) => ask(trx, serverProcess))
    // assumes a pooler if the test gives no answer
    if (there === null || there === here || (await ask(session, serverProcess)) !== here) return true
  }
  return false
}

/** Runs work in a transaction on another connection. Null if there is no other connection. */
async function elsewhere(db: SessionLender, work: (trx: Executor) => Promise<number>): Promise<number | null> {
  let isOver = false
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, PATIENCE, null)
  })
  const asked = db.hold(async (other) => (isOver ? null : other.transaction(work)))
  try {
    return await Promise.race([asked, late])
  } catch {
    return null
  } finally {
    isOver = true
    clearTimeout(timer)
    asked.catch(() => undefined)
  }
}

async function ask(on: Pick<Executor, 'run'>, sql: string): Promise<number> {
  const { rows } = await on.run(questionOnce(sql))
  return Number(rows[0]?.[0])
}
