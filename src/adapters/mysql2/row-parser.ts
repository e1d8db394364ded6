import { isDeepStrictEqual } from 'node:util'
import { listIn } from '../../util/expect.js'
import { canGenerate } from '../../util/generate.js'
import { at } from '../../util/list.js'
import { columnCode, KEPT, type MysqlColumn, readDateTime } from './column-code.js'

// mysql2 spends most of its time on reading rows, and most of that on dates and texts. corm replaces its parser for
// prepared statements with a faster one. Where mysql2 keeps its parsers is internal and may change, and users can set
// options. So corm's parser is used only after it has read a row exactly as mysql2 did.

interface Packet {
  readonly buffer: Uint8Array
  readonly end: number
  offset: number
  readDateTime?: () => Date
}

/** Reads the rows of a result. */
interface Parser {
  next(packet: Packet, columns: readonly MysqlColumn[], options: unknown): unknown
}

type ParserClass = new () => Parser

/**
 * A prepared statement that is running. In versions of mysql2 that create parsers differently, mysql2 reads the rows
 * itself.
 */
export interface ParsingCommand {
  buildParserFromFields?: MakeParser
}

type MakeParser = (this: ParsingCommand, columns: readonly MysqlColumn[], connection: Parsing) => ParserClass

/** Options of a connection that change how values are read. The other options that matter are set by corm. */
interface Parsing {
  readonly config?: { readonly typeCast?: unknown; readonly decimalNumbers?: unknown }
}

/** Replaces the parser of a prepared statement with corm's, if there is one for its columns. */
export function takeOverRows(command: ParsingCommand): void {
  if (typeof command.buildParserFromFields === 'function') command.buildParserFromFields = parserFor
}

const parserFor: MakeParser = function (columns, connection) {
  const layout = readsPlainly(connection) ? layoutOf(columns) : null
  if (layout?.isProven === true && layout.parser !== null) return layout.parser
  const { buildParserFromFields }: Required<ParsingCommand> = Object.getPrototypeOf(this)
  const theirs = buildParserFromFields.call(this, columns, connection)
  if (layout === null) return theirs
  const strict = new StrictDates(new theirs())
  return layout.parser === null ? always(strict) : onTrial(layout, strict)
}

/**
 * mysql2 turns the day 15 of month 0 into 15 December, and the year 50 into 1950, so its packets get corm's reader of
 * dates.
 */
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

/** The parser for one list of column types. */
class ColumnLayout {
  /** Null if mysql2 reads these columns. */
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

const MOST_LAYOUTS = 1000
/** Keyed by a hash of the column types: building a text of them would take longer than reading a row. */
const layouts = new Map<number, ColumnLayout[]>()
let layoutCount = 0

function layoutOf(columns: readonly MysqlColumn[]): ColumnLayout {
  let hash = columns.length
  for (const { columnType, flags } of columns) {
    hash = (Math.imul(hash, 31) + (columnType ^ (flags << 8))) | 0
  }
  const alike = layouts.get(hash)
  const known = alike?.find((layout) => layout.isOf(columns))
  if (known !== undefined) return known
  if (++layoutCount > MOST_LAYOUTS) {
    layouts.clear()
    layoutCount = 1
  }
  const layout = new ColumnLayout(columns)
  layouts.set(hash, [...(layouts.get(hash) ?? []), layout])
  return layout
}

/** Both mysql2 and corm read the first row. corm's parser is used from then on if the results are equal. */
function onTrial(layout: ColumnLayout, theirs: Parser): ParserClass {
  let chosen: Parser | null = null
  return class {
    next(packet: Packet, columns: readonly MysqlColumn[], options: unknown): unknown {
      if (chosen !== null) return chosen.next(packet, columns, options)
      const { offset } = packet
      const row = theirs.next(packet, columns, options)
      const ours = layout.parser && new layout.parser()
      if (ours !== null && readsAlike(ours, row, { offset, packet })) {
        layout.isProven = true
        chosen = ours
      } else {
        layout.parser = null
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

/** Invalid dates count as equal. */
const isSame = (a: unknown, b: unknown) =>
  a instanceof Date && b instanceof Date ? Object.is(a.getTime(), b.getTime()) : isDeepStrictEqual(a, b)

/** A row begins with a zero byte. It is followed by the bits for NULL values, the first two of which are unused. */
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
