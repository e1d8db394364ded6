import type { CreateMirrorNode } from '../../ast/change.js'
import type { SqlWriter } from '../../compiler/writer.js'
import { valueClassOf } from '../conversions.js'
import { conversions } from './conversions.js'
import { literal, quote } from './syntax.js'

/** The characters of a text without a length. */
const LONGEST_TEXT = 255

/** As bytes: collations take some texts for equal that differ. */
const isSame = (column: string) => `cast(new.${column} as binary) <=> cast(old.${column} as binary)`

/**
 * The converted value. One that does not fit becomes another one that the column does not take: the message of the error has its
 * text. A text can only be too long.
 */
function convertedValue({ table, mirror: { from, converts } }: CreateMirrorNode): string | null {
  if (converts === null) return null
  const value = `new.${quote(from)}`
  const { from: old, to } = converts
  const sql = conversions.before(old, to, value) ?? conversions.after(old, to, value) ?? value
  const keeps = conversions.keeps(old, to, value)
  if (keeps === null) return sql
  const why = literal(`a value of ${table}.${from} that is none of the new type`)
  const refused = valueClassOf(to) === 'text' ? `repeat('!', ${(to.length ?? LONGEST_TEXT) + 1})` : why
  return `if(coalesce(${keeps}, 1), ${sql}, ${refused})`
}

/** One statement, so that scripts need no other delimiter. What comes first in SET is seen by what follows. */
export function writeMirror(node: CreateMirrorNode, out: SqlWriter): void {
  const { table, name, part, mirror } = node
  const [from, to] = [quote(mirror.from), quote(mirror.to)]
  out
    .write('create trigger ')
    .identifier(name)
    .write(` before ${part} on `)
    .identifier(table)
    .write(' for each row set ')
  const converted = convertedValue(node)
  if (converted !== null) return void out.write(`new.${to} = ${converted}`)
  if (part === 'insert') return void out.write(`new.${to} = coalesce(new.${to}, new.${from}), new.${from} = new.${to}`)
  out.write(`new.${to} = if(${isSame(to)} and not (${isSame(from)}), new.${from}, new.${to}), `)
  out.write(`new.${from} = if(${isSame(to)}, new.${from}, new.${to})`)
}
