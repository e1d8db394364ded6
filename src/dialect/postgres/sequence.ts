import { quotedText, sqlName } from './quote.js'

/** Dollar quotes that do not occur in the text. */
export function tagFor(body: string): string {
  let tag = '$corm$'
  for (let i = 0; body.includes(tag); i++) tag = `$corm${i}$`
  return tag
}

/** A block of statements in dollar quotes. */
export function block(body: string): string {
  const tag = tagFor(body)
  return `do ${tag}${body}${tag}`
}

/**
 * A sequence does not notice rows with explicit ids, so corm raises it. Two connections may do so at once, and a lock for
 * this statement prevents that one of them lowers it again. For a role without the rights nothing is done.
 */
export function raiseNumber(table: string, column: string, highest: bigint): string {
  return block(`
declare
  name regclass := pg_get_serial_sequence(${quotedText(sqlName(table))}, ${quotedText(column)});
  key bigint;
  last bigint;
  used boolean;
begin
  if name is null then return; end if;
  key := 1668247149::bigint << 32 | name::oid::bigint;
  perform pg_advisory_lock(key);
  begin
    execute format('select last_value, is_called from %s', name) into last, used;
    if last < ${highest} or (last = ${highest} and not used) then perform setval(name, ${highest}); end if;
  exception
    when insufficient_privilege or numeric_value_out_of_range then null;
    when others then
      perform pg_advisory_unlock(key);
      raise;
  end;
  perform pg_advisory_unlock(key);
end `)
}
