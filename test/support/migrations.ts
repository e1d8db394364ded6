import { type Database, sql } from 'corm'
import * as library from 'corm/migration'
import ts from 'typescript'
import { question } from '../../src/execution/statement.js'
import type { MigrationFile } from '../../src/migration/definition.js'

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

/** Runs the text of a file of migrations, and returns what it exports. */
export function exportOf(text: string): MigrationFile {
  const body = text.replace(/^import \{(.*)\} from 'corm\/migration'\n/, '').replace('export default', 'return')
  const script = ts.transpile(body, { target: ts.ScriptTarget.ESNext })
  return new Function(...Object.keys(library), script)(...Object.values(library)) as MigrationFile
}
