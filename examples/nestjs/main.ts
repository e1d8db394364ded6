import 'reflect-metadata'
import { NestFactory } from '@nestjs/core'
import { connect } from '../shop/database.js'
import { AppModule } from './app.js'

await connect()
const app = await NestFactory.create(AppModule)
app.enableShutdownHooks()
await app.listen(Number(process.env.PORT ?? 3000))
console.log(await app.getUrl())
