import { isDeepStrictEqual } from 'node:util'
import { listIn } from '../../util/expect.js'
import { canGenerate } from '../../util/generate.js'
import { at } from '../../util/list.js'
import { columnCode, KEPT, type MysqlColumn, readDateTime } from './column-code.js'

// Reading rows takes mysql2 more time than all the rest, and dates and texts take most of that. A parser of our own reads those
// of prepared statements. Where mysql2 keeps its parsers is its own affair and may change, and its users set options: ours has
// to read a row as mysql2 does before it is used.

interface Packet {
  readonly buffer: Uint8Array
  readonly end: number
  offset: number
  readDateTime?: () => Date
}

/** What reads the rows of a result. */
interface Parser {
  next(packet: Packet, columns: readonly MysqlColumn[], options: unknown): unknown
}

type ParserClass = new () => Parser

/** A prepared statement under way; versions of mysql2 that don't make parsers so read their rows themselves. */
export interface ParsingCommand {
  buildParserFromFields?: MakeParser
}

type MakeParser = (this: ParsingCommand, columns: readonly MysqlColumn[], connection: Parsing) => ParserClass

/** A connection's options of which values are read otherwise; the others that matter are set by corm. */
interface Parsing {
  readonly config?: { readonly typeCast?: unknown; readonly decimalNumbers?: unknown }
}

/** Has the rows of a prepared statement read by a parser of ours, where there is one for its columns. */
export function takeOverRows(command: ParsingCommand): void {
  if (typeof command.buildParserFromFields === 'function') command.buildParserFromFields = parserFor
}

const parserFor: MakeParser = function (columns, connection) {
  const form = readsPlainly(connection) ? rowFormOf(columns) : null
  if (form?.isProven === true && form.parser !== null) return form.parser
  const { buildParserFromFields }: Required<ParsingCommand> = Object.getPrototypeOf(this)
  const theirs = buildParserFromFields.call(this, columns, connection)
  if (form === null) return theirs
  const strict = new StrictDates(new theirs())
  return form.parser === null ? always(strict) : onTrial(form, strict)
}

/** mysql2 makes the 15th of December of the day 15 in the month 0, and 1950 of the year 50: its packets get a reader of ours. */
class StrictDates implements Parser {
  constructor(readonly theirs: Parser) {}

  next(packet: Packet, columns: readonly MysqlColumn[], options: unknown): unknown {
    packet.readDateTime = readDateTime
    return this.theirs.next(packet, columns, options)
  }
}

const always = (parser: Parser): ParserClass =>
  class {
    next(packet: Packet, columns: readonly MysqlColumn[], options: unknown): unknown {
      return parser.next(packet, columns, options)
    }
  }

const readsPlainly = ({ config }: Parsing) => config?.typeCast === true && !config.decimalNumbers

/** Columns of certain types. */
class Form {
  /** Null: mysql2 reads them. */
  parser: ParserClass | null
  isProven = false
  readonly #columns: readonly MysqlColumn[]

  constructor(columns: readonly MysqlColumn[]) {
    this.parser = canGenerate() ? generateParser(columns) : null
    this.#columns = columns.map(({ columnType, flags, characterSet, encoding, decimals }) => ({
      columnType,
      flags,
      characterSet,
      encoding,
      decimals,
    }))
  }

  isOf(columns: readonly MysqlColumn[]): boolean {
    if (columns.length !== this.#columns.length) return false
    for (let i = 0; i < columns.length; i++) {
      const [one, other] = [at(columns, i), at(this.#columns, i)]
      if (one.columnType !== other.columnType || one.flags !== other.flags || one.decimals !== other.decimals)
        return false
      if (one.characterSet !== other.characterSet || one.encoding !== other.encoding) return false
    }
    return true
  }
}

const MOST_FORMS = 1000
/** By a number that equal ones have in common: making texts of the columns takes longer than reading a row. */
const forms = new Map<number, Form[]>()
let formCount = 0

function rowFormOf(columns: readonly MysqlColumn[]): Form {
  let hash = columns.length
  for (const { columnType, flags } of columns) {
    hash = (Math.imul(hash, 31) + (columnType ^ (flags << 8))) | 0
  }
  const alike = forms.get(hash)
  const known = alike?.find((form) => form.isOf(columns))
  if (known !== undefined) return known
  if (++formCount > MOST_FORMS) {
    forms.clear()
    formCount = 1
  }
  const form = new Form(columns)
  forms.set(hash, [...(forms.get(hash) ?? []), form])
  return form
}

/** mysql2 reads the first row; ours reads it too, and is used from then on if both say the same. */
function onTrial(form: Form, theirs: Parser): ParserClass {
  let chosen: Parser | null = null
  return class {
    next(packet: Packet, columns: readonly MysqlColumn[], options: unknown): unknown {
      if (chosen !== null) return chosen.next(packet, columns, options)
      const { offset } = packet
      const row = theirs.next(packet, columns, options)
      const ours = form.parser && new form.parser()
      if (ours !== null && readsAlike(ours, row, { offset, packet })) {
        form.isProven = true
        chosen = ours
      } else {
        form.parser = null
        chosen = theirs
      }
      return row
    }
  }
}

function readsAlike(parser: Parser, row: unknown, { offset, packet }: { offset: number; packet: Packet }): boolean {
  const after = packet.offset
  packet.offset = offset
  try {
    return isSameRow(listIn(parser.next(packet, [], {})), listIn(row)) && packet.offset === after
  } catch {
    return false
  } finally {
    packet.offset = after
  }
}

const isSameRow = (ours: readonly unknown[], theirs: readonly unknown[]) =>
  ours.length === theirs.length && ours.every((value, i) => isSame(value, theirs[i]))

/** Dates that are none are the same. */
const isSame = (a: unknown, b: unknown) =>
  a instanceof Date && b instanceof Date ? Object.is(a.getTime(), b.getTime()) : isDeepStrictEqual(a, b)

/** Behind a byte that is always 0 come the bits that say which values are null, the first two of them unused. */
const UNUSED_BITS = 2

function generateParser(columns: readonly MysqlColumn[]): ParserClass | null {
  const parts: string[] = []
  for (const [i, column] of columns.entries()) {
    const code = columnCode(column)
    if (code === null) return null
    const bit = i + UNUSED_BITS
    parts.push(`value = null
  if ((bytes[nulls + ${bit >> 3}] & ${1 << (bit & 7)}) === 0) { ${code} }
  row[${i}] = value`)
  }
  const start = 1 + Math.ceil((columns.length + UNUSED_BITS) / 8)
  const made: ParserClass = new Function(`${KEPT}
return class { next(packet) {
  const bytes = packet.buffer, nulls = packet.offset + 1, row = new Array(${columns.length})
  let at = packet.offset + ${start}, value = null
  ${parts.join('\n  ')}
  if (at !== packet.end) throw new RangeError('A row of the result does not end with its last value.')
  packet.offset = at
  return row
} }`)()
  return made
}
