import type { CreateMirrorNode, DropMirrorNode } from '../../ast/change.js'
import type { SqlWriter } from '../../compiler/writer.js'
import { tagFor } from './sequence.js'

/** Some types have no equality. */
function writeDiffers(column: string, out: SqlWriter): void {
  out.write('new.').identifier(column).write('::text is distinct from old.').identifier(column).write('::text')
}

const writeCopy = (from: string, to: string, out: SqlWriter) =>
  out.write('    new.').identifier(to).write(' := new.').identifier(from).write(';\n')

/** A function, and a trigger with its name. */
export function writeMirror({ table, name, part, mirror: { from, to } }: CreateMirrorNode, out: SqlWriter): void {
  if (part === 'write') {
    out.write('create trigger ').identifier(name).write(' before insert or update on ').identifier(table)
    return void out.write(' for each row execute function ').identifier(name).write('()')
  }
  const quotes = tagFor(from + to)
  // that of an earlier table may still be there
  out
    .write('create or replace function ')
    .identifier(name)
    .write(`() returns trigger language plpgsql as ${quotes}\nbegin\n`)
  out.write("  if tg_op = 'INSERT' then\n    new.").identifier(to).write(' := coalesce(new.').identifier(to)
  out.write(', new.').identifier(from).write(');\n')
  writeCopy(to, from, out)
  out.write('  elsif ')
  writeDiffers(to, out)
  writeCopy(to, from, out.write(' then\n'))
  out.write('  elsif ')
  writeDiffers(from, out)
  writeCopy(from, to, out.write(' then\n'))
  out.write(`  end if;\n  return new;\nend\n${quotes}`)
}

export function writeDropMirror({ table, name, part }: DropMirrorNode, out: SqlWriter): void {
  if (part === 'function') return void out.write('drop function ').identifier(name).write('()')
  out.write('drop trigger ').identifier(name).write(' on ').identifier(table)
}
