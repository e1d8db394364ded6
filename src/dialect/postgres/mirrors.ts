import type { CreateMirrorNode, DropMirrorNode } from '../../ast/change.js'
import { columnTypeOf } from '../../compiler/definition.js'
import type { SqlWriter } from '../../compiler/writer.js'
import { conversions, convertedTo } from './conversions.js'
import { quotedText, sqlName } from './quote.js'
import { tagFor } from './sequence.js'

/** Some types have no equality. */
function writeDiffers(column: string, out: SqlWriter): void {
  out.write('new.').identifier(column).write('::text is distinct from old.').identifier(column).write('::text')
}

const writeCopy = (from: string, to: string, out: SqlWriter) =>
  out.write('    new.').identifier(to).write(' := new.').identifier(from).write(';\n')

/** The body of a function that copies one column to the other, as a value of another type. */
function writeConverting({ table, mirror: { from, to, converts } }: CreateMirrorNode, out: SqlWriter): void {
  if (converts === null) return
  const value = `new.${sqlName(from)}`
  const keeps = conversions.attempt(converts.from, converts.to)
    ? null
    : conversions.keeps(converts.from, converts.to, value)
  if (keeps !== null) {
    const why = `a value of ${table}.${from} is none of the new type, ${converts.to.name}`
    out.write(
      `  if not coalesce(${keeps}, true) then\n    raise exception using message = ${quotedText(why)};\n  end if;\n`,
    )
  }
  const sql = convertedTo(converts.from, converts.to, value, columnTypeOf(converts.to, out))
  out.write('  new.').identifier(to).write(` := ${sql};\n`)
}

/** A function, and a trigger with its name. */
export function writeMirror(node: CreateMirrorNode, out: SqlWriter): void {
  const { table, name, part, mirror } = node
  const { from, to, converts } = mirror
  if (part === 'write') {
    out.write('create trigger ').identifier(name).write(' before insert or update on ').identifier(table)
    return void out.write(' for each row execute function ').identifier(name).write('()')
  }
  const quotes = tagFor(table + from + to)
  // that of an earlier table may still be there
  out
    .write('create or replace function ')
    .identifier(name)
    .write(`() returns trigger language plpgsql as ${quotes}\nbegin\n`)
  if (converts !== null) {
    writeConverting(node, out)
    return void out.write(`  return new;\nend\n${quotes}`)
  }
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
