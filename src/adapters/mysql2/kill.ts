import { STOP_LIMIT } from '../../driver/cancellation.js'
import { ConnectionError } from '../../errors.js'
import { errnoOf } from '../../util/error-shape.js'
import { type MysqlClient, sendText } from './client.js'

/** The server no longer knows the connection, so there is nothing to stop. */
const UNKNOWN_THREAD = 1094

/** Identifies the server behind a connection, because several servers may share one address. */
export const SERVER_IDENTITY = "concat_ws('/', @@hostname, @@port, @@server_id)"

/**
 * Stops the running statement of another connection, over a new connection. When it resolves, the server has marked that
 * statement, or the next one of the other connection.
 */
export async function sendKill(connect: () => Promise<MysqlClient>, id: number, server: string): Promise<void> {
  const client = await connect()
  const timer = setTimeout(() => client.destroy(), STOP_LIMIT)
  try {
    // on another server the same id belongs to somebody else's connection
    if ((await ask(client, `select ${SERVER_IDENTITY}`)) !== server)
      throw new ConnectionError('The address leads to several servers.')
    await ask(client, `kill query ${Math.trunc(id)}`)
    client.end()
  } catch (error) {
    client.destroy()
    if (errnoOf(error) !== UNKNOWN_THREAD) throw error
  } finally {
    clearTimeout(timer)
  }
}

function ask(client: MysqlClient, sql: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    client.on('end', () => reject(new ConnectionError('The connection to the database was lost.')))
    sendText(client, sql, (error, result) => {
      if (error !== null) reject(error)
      else {
        const [row]: readonly unknown[] = Array.isArray(result) ? result : []
        resolve(Array.isArray(row) ? row[0] : undefined)
      }
    })
  })
}
