import { serve } from '@hono/node-server'
import { connect } from '../shop/database.js'
import { app } from './app.js'

const db = await connect()
const server = serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) }, ({ port }) =>
  console.log(`http://localhost:${port}`),
)

// close() lets the requests under way end
const stop = () => server.close(() => db.close())
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop)
