import type { CreateMirrorNode } from '../../ast/change.js'
import type { SqlWriter } from '../../compiler/writer.js'
import { quote } from './syntax.js'

/** As bytes: collations take some texts for equal that differ. */
const isSame = (column: string) => `cast(new.${column} as binary) <=> cast(old.${column} as binary)`

/** One statement, so that scripts need no other delimiter. What comes first in SET is seen by what follows. */
export function writeMirror({ table, name, part, mirror }: CreateMirrorNode, out: SqlWriter): void {
  const [from, to] = [quote(mirror.from), quote(mirror.to)]
  out
    .write('create trigger ')
    .identifier(name)
    .write(` before ${part} on `)
    .identifier(table)
    .write(' for each row set ')
  if (part === 'insert') return void out.write(`new.${to} = coalesce(new.${to}, new.${from}), new.${from} = new.${to}`)
  out.write(`new.${to} = if(${isSame(to)} and not (${isSame(from)}), new.${from}, new.${to}), `)
  out.write(`new.${from} = if(${isSame(to)}, new.${from}, new.${to})`)
}
