import { Database, sql } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

/** Options that a server's URL may have, besides those of the pool. */
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  postgres: [
    'sslmode=prefer',
    'sslmode=allow&connect_timeout=5&application_name=shop',
    'channel_binding=prefer&pgbouncer=true',
    'options=-c%20work_mem%3D8MB%20-c%20search_path%3Dpublic',
    'schema=public',
  ],
  mysql: ['sslmode=prefer', 'ssl-mode=PREFERRED&connect_timeout=5', 'application_name=shop&charset=utf8mb4'],
}

describeDatabases('a URL with the options that hosts write', (database) => {
  it('connects', async () => {
    const { url, db } = database
    // databases in this process have none
    const isServer = url.includes('//')
    for (const options of isServer ? (OPTIONS[db.dialect.name] ?? []) : []) {
      await using other = await Database.connect({ name: 'other', url: `${url}?${options}` })
      expect(await other.select(sql`select 1 as one`), options).toEqual([{ one: 1 }])
      if (options.includes('work_mem')) expect(await other.select(sql`show work_mem`)).toEqual([{ work_mem: '8MB' }])
      if (options.includes('schema'))
        expect(await other.select(sql`show search_path`)).toEqual([{ search_path: '"public"' }])
    }
    if (!isServer) await expect(Database.connect({ name: 'other', url: 'pglite://x?sslmode=prefer' })).rejects.toThrow()
  })
})
