import type { CreateMirrorNode } from '../../ast/change.js'
import type { SqlWriter } from '../../compiler/writer.js'
import { conversionOf } from './conversions.js'
import { textLiteral } from './literal.js'
import { quote } from './quote.js'

/** As bytes: collations take some texts for equal that differ. */
const differ = (a: string, b: string) => `cast(${a} as blob) is not cast(${b} as blob)`

/** Only the first column is written by programs. A value that does not fit is refused. */
function writeConverting({ table, name, part, mirror }: CreateMirrorNode, out: SqlWriter): void {
  const { from, to, converts } = mirror
  if (converts === null) return
  const value = `new.${quote(from)}`
  const { sql, fits } = conversionOf(converts.from, converts.to, value) ?? { sql: 'null', fits: `${value} is null` }
  const why = `a value of ${table}.${from} is none of the new type, ${converts.to.name}`
  const event = part === 'insert' ? 'insert' : `update of ${quote(from)}`
  out
    .write('create trigger ')
    .identifier(name)
    .write(` after ${event} on `)
    .identifier(table)
    .write(' for each row begin')
  if (fits !== null) out.write(` select raise(abort, ${textLiteral(why)}) where not coalesce(${fits}, 1);`)
  out
    .write(' update ')
    .identifier(table)
    .write(` set ${quote(to)} = ${sql} where ${rowIs(mirror.key)}; end`)
}

const rowIs = (key: readonly string[]) =>
  (key.length === 0 ? ['rowid'] : key.map(quote)).map((column) => `${column} = new.${column}`).join(' and ')

/** A trigger can't change the row that is about to be written, so it writes the row again. Then both columns are equal. */
export function writeMirror(node: CreateMirrorNode, out: SqlWriter): void {
  const { table, name, part, mirror } = node
  if (mirror.converts !== null) return writeConverting(node, out)
  const [from, to] = [quote(mirror.from), quote(mirror.to)]
  const isWritten = `(${differ(`new.${to}`, `old.${to}`)} or ${differ(`new.${from}`, `old.${from}`)})`
  const value =
    part === 'insert'
      ? `coalesce(new.${to}, new.${from})`
      : `case when ${differ(`new.${to}`, `old.${to}`)} then new.${to} else new.${from} end`
  const event = part === 'insert' ? 'insert' : `update of ${from}, ${to}`
  out.write('create trigger ').identifier(name).write(` after ${event} on `).identifier(table)
  out.write(
    ` for each row when ${part === 'insert' ? '' : `${isWritten} and `}${differ(`new.${to}`, `new.${from}`)} begin`,
  )
  out.write(' update ').identifier(table).write(` set ${to} = ${value}, ${from} = ${value}`)
  out.write(` where ${rowIs(mirror.key)}; end`)
}
