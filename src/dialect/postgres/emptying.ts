import type { Emptying } from '../dialect.js'
import { postgresCompiler } from './compiler.js'
import { quotedText } from './quote.js'
import { block } from './sequence.js'

const { quote } = postgresCompiler.syntax

export const emptying: Emptying = {
  referencing:
    'select distinct c.relname::text from pg_catalog.pg_constraint k join pg_catalog.pg_class c on c.oid = k.conrelid ' +
    "where k.contype = 'f' and k.confrelid = to_regclass(quote_ident($1::text))",
  ownReferences: null,
  hasCounters: null,
  statements({ table, others, cascade, restartIds }) {
    const numbers = restartIds ? 'restart identity' : 'continue identity'
    if (cascade) return [`truncate table ${quote(table)} ${numbers} cascade`]
    if (others.length === 0) return [`truncate table ${quote(table)} ${numbers}`]
    // TRUNCATE refuses a table that a foreign key references, even an empty one
    return [`delete from ${quote(table)}`, ...(restartIds ? [restartSequences(quote(table))] : [])]
  },
  restart: null,
}

const restartSequences = (table: string) =>
  block(`
declare name text;
begin
  for name in
    select pg_get_serial_sequence(${quotedText(table)}, a.attname) from pg_catalog.pg_attribute a
    where a.attrelid = ${quotedText(table)}::regclass and a.attnum > 0 and not a.attisdropped
  loop
    if name is not null then execute format('alter sequence %s restart', name); end if;
  end loop;
end `)
