import { connect } from '../shop/database.js'
import { buildApp } from './app.js'

const db = await connect()
const app = buildApp()

// close() lets the requests under way end; then this hook runs
app.addHook('onClose', () => db.close())
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => app.close())

console.log(await app.listen({ port: Number(process.env.PORT ?? 3000) }))
