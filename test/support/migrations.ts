import { type Database, sql } from 'corm'
import { question } from '../../src/execution/statement.js'

/** Drops all tables of a database, in whatever order their foreign keys allow. */
export async function dropAll(db: Database): Promise<void> {
  const { rows } = await db.run(question(db.dialect.listTables))
  let names = rows.map(([name]) => String(name))
  for (let round = 0; round < 10 && names.length > 0; round++) {
    const left: string[] = []
    for (const name of names) await db.execute(sql`drop table ${sql.id(name)}`).catch(() => void left.push(name))
    names = left
  }
}

/** The ids in the record of a database. */
export const recorded = async (db: Database): Promise<string[]> =>
  (await db.select<{ id: string }>(sql`select id from corm_migrations order by id`)).map(({ id }) => id)
