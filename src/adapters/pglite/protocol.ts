import { type TextParser, textParser } from '../../dialect/postgres/parsers.js'
import type { DriverRow } from '../../driver/driver.js'
import { toBuffer } from '../../util/bytes.js'
import { at as itemAt } from '../../util/list.js'

export type PgliteMessage =
  | { readonly name: 'rowDescription'; readonly fields: readonly PgliteColumn[] }
  /** The values of the row as text. */
  | { readonly name: 'dataRow'; readonly fields: DriverRow }
  /** `text` is the command tag, such as `UPDATE 3`. */
  | { readonly name: 'commandComplete'; readonly text: string }
  /** `code` is the SQLSTATE. */
  | { readonly name: 'error'; readonly code?: string }
  /** `I` is idle, `T` in a transaction, `E` in a failed one. */
  | { readonly name: 'readyForQuery'; readonly status: 'I' | 'T' | 'E' }
  | { readonly name: 'parseComplete' }

interface PgliteColumn {
  readonly name: string
  readonly dataTypeID: number
}

/** Builds messages of the wire protocol (https://www.postgresql.org/docs/current/protocol-message-formats.html). */
export class MessageWriter {
  #buffer = Buffer.allocUnsafe(1024)
  #length = 0

  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length)
  }

  parse(name: string, sql: string): this {
    return this.#message('P', () => this.#text(name).#text(sql).#int16(0))
  }

  /** Binds, describes and runs a statement. */
  execute(name: string, parameters: readonly unknown[]): this {
    this.#message('B', () => {
      this.#text('').#text(name).#int16(parameters.length)
      for (const value of parameters) this.#int16(value instanceof Uint8Array ? 1 : 0)
      this.#int16(parameters.length)
      for (const value of parameters) this.#value(value)
      this.#int16(0)
    })
    this.#message('D', () => this.#byte('P').#text(''))
    return this.#message('E', () => this.#text('').#int32(0))
  }

  /** Closes a prepared statement. */
  close(name: string): this {
    return this.#message('C', () => this.#byte('S').#text(name))
  }

  sync(): this {
    return this.#message('S', () => this)
  }

  /** Uses the simple protocol, which takes any number of statements in one text. */
  query(sql: string): this {
    return this.#message('Q', () => this.#text(sql))
  }

  #message(type: string, body: () => unknown): this {
    this.#byte(type)
    const start = this.#length
    this.#int32(0)
    body()
    this.#buffer.writeInt32BE(this.#length - start, start)
    return this
  }

  #room(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe((this.#length + bytes) * 2)
    this.#buffer.copy(larger, 0, 0, this.#length)
    this.#buffer = larger
  }

  #byte(character: string): this {
    this.#room(1)
    this.#buffer[this.#length++] = character.charCodeAt(0)
    return this
  }

  #int16(value: number): this {
    this.#room(2)
    this.#length = this.#buffer.writeUInt16BE(value, this.#length)
    return this
  }

  #int32(value: number): this {
    this.#room(4)
    this.#length = this.#buffer.writeInt32BE(value, this.#length)
    return this
  }

  #text(value: string): this {
    const bytes = Buffer.byteLength(value)
    this.#room(bytes + 1)
    this.#length += this.#buffer.write(value, this.#length)
    this.#buffer[this.#length++] = 0
    return this
  }

  #value(value: unknown): void {
    if (value === null || value === undefined) {
      this.#int32(-1)
      return
    }
    const bytes = value instanceof Uint8Array ? value : Buffer.from(String(value))
    this.#int32(bytes.length).#room(bytes.length)
    this.#buffer.set(bytes, this.#length)
    this.#length += bytes.length
  }
}

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])

/** Reads the rows of an answer and parses numbers and booleans from their texts. */
export function rowsInMessages(messages: readonly PgliteMessage[], data: Uint8Array): DriverRow[] {
  const rows: DriverRow[] = []
  let parsers: (readonly [column: number, parse: TextParser])[] = []
  for (const message of messages) {
    if (message.name === 'dataRow') rows.push(message.fields)
    else if (message.name === 'rowDescription') parsers = parsersOf(message.fields)
  }
  // PGlite's TextDecoder drops a byte order mark at the beginning of a value
  if (rows.length > 0 && toBuffer(data).includes(BYTE_ORDER_MARK)) readTexts(rows, data)
  for (const [column, parse] of parsers)
    for (const row of rows) {
      const text = row[column]
      if (typeof text === 'string') row[column] = parse(text)
    }
  return rows
}

function parsersOf(fields: readonly { readonly dataTypeID: number }[]): (readonly [number, TextParser])[] {
  const asText = textParser(0)
  return fields.map(({ dataTypeID }, i) => [i, textParser(dataTypeID)] as const).filter(([, parse]) => parse !== asText)
}

/** Decodes the texts of all rows again from the bytes of the answer. */
function readTexts(rows: readonly DriverRow[], data: Uint8Array): void {
  const bytes = toBuffer(data)
  let at = 0
  let row = 0
  while (at < bytes.length) {
    const end = at + 1 + bytes.readInt32BE(at + 1)
    if (bytes[at] === 0x44) readTextsOf(itemAt(rows, row++), bytes, at + 7)
    at = end
  }
}

function readTextsOf(row: DriverRow, bytes: Buffer, start: number): void {
  let at = start
  for (let i = 0; i < row.length; i++) {
    const length = bytes.readInt32BE(at)
    at += 4
    if (length < 0) continue
    row[i] = bytes.toString('utf8', at, at + length)
    at += length
  }
}
