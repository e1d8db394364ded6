import type { Session, SessionLender } from '../database/session.js'
import type { Executor } from '../execution/executor.js'
import { questionOnce } from '../execution/statement.js'

/** How long to wait for a second connection, in milliseconds. */
const PATIENCE = 2000
const ROUNDS = 3

/**
 * Whether several sessions of the server may run the statements of one connection, as behind a pooler in transaction mode. A lock of
 * a session is worth nothing then: two migrators can both have it, and it stays when they are gone.
 */
export async function isPooled(db: SessionLender, session: Session): Promise<boolean> {
  const { serverProcess } = session.dialect.migration
  if (serverProcess === null || session.serverProcess === undefined) return false
  const here = await ask(session, serverProcess)
  // a proxy makes up a number of its own
  if (here === session.serverProcess) return false
  for (let round = 0; round < ROUNDS; round++) {
    const there = await elsewhere(db, (trx) => ask(trx, serverProcess))
    // it is taken for a pooler if nobody can find out
    if (there === null || there === here || (await ask(session, serverProcess)) !== here) return true
  }
  return false
}

/** Asks in a transaction on another connection; null: there is none. */
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
