/** What `Database.configure` takes. */
import { Database, type NPlusOneError } from 'corm'

Database.configure({})
Database.configure({ maxRows: undefined, lazyLoading: 'single', cursorSecret: 'sixteen letters!' })
Database.configure({ detectNPlusOne: 'warn' })
Database.configure({ detectNPlusOne: 'throw' })
Database.configure({ detectNPlusOne: false })
// @ts-expect-error: off is false
Database.configure({ detectNPlusOne: 'off' })
// @ts-expect-error: on is 'warn' or 'throw'
Database.configure({ detectNPlusOne: true })
// @ts-expect-error: misspelt
Database.configure({ detectNPlus1: 'warn' })

export function told(error: NPlusOneError): [string | null, string | null, string, 'N_PLUS_ONE'] {
  return [error.model, error.relation, error.at, error.code]
}
