import { STOP_LIMIT } from '../../driver/cancellation.js'
import { ConnectionError } from '../../errors.js'
import { errnoOf } from '../../util/error-shape.js'
import { type MysqlClient, sendText } from './client.js'

/** The server does not know the connection any more: there is nothing to stop. */
const UNKNOWN_THREAD = 1094

/** Names the server that a connection reached: several may share one address. */
export const SERVER_IDENTITY = "concat_ws('/', @@hostname, @@port, @@server_id)"

/**
 * Stops what the server does for another connection, over one of its own. When it resolves, the server has marked that
 * statement, or whatever the other connection does next.
 */
export async function sendKill(connect: () => Promise<MysqlClient>, id: number, server: string): Promise<void> {
  const client = await connect()
  const timer = setTimeout(() => client.destroy(), STOP_LIMIT)
  try {
    // the ids of another server's connections belong to others
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
