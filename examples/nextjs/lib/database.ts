import { Database } from 'corm'

/** Connects when it is first called; later calls, and those of a reloaded module, get the same pool. */
export const connect = () => Database.connect(process.env.DATABASE_URL ?? 'sqlite:///dev.db')
