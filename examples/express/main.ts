import type { AddressInfo } from 'node:net'
import { connect } from '../shop/database.js'
import { app } from './app.js'

const db = await connect()
const server = app.listen(Number(process.env.PORT ?? 3000), (error) => {
  if (error) throw error
  const { port } = server.address() as AddressInfo
  console.log(`http://localhost:${port}`)
})

// close() lets the requests under way end
const stop = () => server.close(() => db.close())
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop)
