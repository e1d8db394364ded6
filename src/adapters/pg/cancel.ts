import { askUntil, type Cancellation, STOP_LIMIT } from '../../driver/cancellation.js'
import type { QueryResult, Statement } from '../../driver/driver.js'
import { codeOf } from '../../util/error-shape.js'
import type { PgClient } from './client.js'
import type { PgLine } from './line.js'

const CANCELLED = '57014'

/**
 * Asks the server over a new connection to stop the running statement of another one. The server sends no answer: it
 * closes the connection when it has carried out the request. `other` is a client that was never connected.
 */
export function sendCancel(other: PgClient, target: PgClient): Promise<void> {
  const { connection, host, port } = other
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => connection.stream.destroy(new Error('no answer to the cancel request')), STOP_LIMIT)
    connection.on('error', (error) => {
      connection.stream.destroy()
      reject(error)
    })
    connection.on('end', () => {
      clearTimeout(timer)
      resolve()
    })
    const send = () => connection.cancel(target.processID, target.secretKey)
    if (connection.ssl) {
      connection.on('connect', () => connection.requestSsl())
      connection.on('sslconnect', send)
    } else connection.on('connect', send)
    if (host.startsWith('/')) connection.connect(`${host}/.s.PGSQL.${port}`)
    else connection.connect(port, host)
  })
}

/**
 * Runs a statement that may be cancelled. A cancel request names a connection, not a statement. So the connection must
 * run nothing else, and nothing else may be sent until the request can't affect it any more.
 */
export async function runCancellable(
  line: PgLine,
  statement: Statement,
  cancellation: Cancellation,
): Promise<QueryResult> {
  cancellation.check()
  let answered = () => {}
  let stopping: Promise<void> | undefined
  const forget = cancellation.watch(() => {
    stopping = stop(line, new Promise((resolve) => (answered = resolve)))
  })
  try {
    return await line.run(statement).finally(() => {
      forget()
      answered()
    })
  } catch (error) {
    throw stopping !== undefined && (line.dead || codeOf(error) === CANCELLED) ? cancellation.error(error) : error
  } finally {
    await stopping
  }
}

/** Never fails: if the server can't be reached or does not stop the statement, the connection is closed. */
async function stop(line: PgLine, answered: Promise<void>): Promise<void> {
  const timer = setTimeout(() => line.destroy(), STOP_LIMIT)
  try {
    await askUntil(answered, () => line.options.cancel(line.client))
    // a late cancel request stops this empty statement instead of the next real one
    if (!line.dead) await line.command(';')
  } catch (error) {
    if (codeOf(error) !== CANCELLED) line.destroy()
  } finally {
    clearTimeout(timer)
  }
}
