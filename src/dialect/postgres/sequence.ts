/** A text in SQL. */
export const text = (value: string) => `'${value.replaceAll("'", "''")}'`
const identifier = (name: string) => `"${name.replaceAll('"', '""')}"`

/** A block of statements, between dollar quotes with a tag that it does not have. */
export function block(body: string): string {
  let tag = '$corm$'
  for (let i = 0; body.includes(tag); i++) tag = `$corm${i}$`
  return `do ${tag}${body}${tag}`
}

/**
 * A sequence does not notice rows that bring their own number. Of two that raise it at once, one must not put it back: the lock is
 * held for this statement only. A role that may not do it goes on as before.
 */
export function raiseNumber(table: string, column: string, highest: bigint): string {
  return block(`
declare
  name regclass := pg_get_serial_sequence(${text(identifier(table))}, ${text(column)});
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
