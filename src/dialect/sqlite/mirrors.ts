import type { CreateMirrorNode } from '../../ast/change.js'
import type { SqlWriter } from '../../compiler/writer.js'
import { quote } from './quote.js'

/** As bytes: collations take some texts for equal that differ. */
const differ = (a: string, b: string) => `cast(${a} as blob) is not cast(${b} as blob)`

/** A trigger can't change the row that is about to be written, so it writes the row again. Then both columns are equal. */
export function writeMirror({ table, name, part, mirror }: CreateMirrorNode, out: SqlWriter): void {
  const [from, to] = [quote(mirror.from), quote(mirror.to)]
  const key = mirror.key.length === 0 ? ['rowid'] : mirror.key.map(quote)
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
  out.write(` where ${key.map((column) => `${column} = new.${column}`).join(' and ')}; end`)
}
