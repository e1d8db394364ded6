import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { UsageError } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { KeysetColumn } from './keyset.js'
import type { Mark } from './position.js'

/** Changes when cursors are written in another way: older ones are refused then, not misread. */
const VERSION = 1
/** The most characters of a cursor: it travels in URLs. */
const LONGEST = 4096
const MAC_BYTES = 16

/**
 * A position as opaque text: a MAC over version, model, order and values, then the values. Without a secret the key is
 * derived from the model: cursors live on in other processes, and accidents are found, but whoever knows corm could make one.
 */
export function writeCursor(
  meta: ModelMetadata,
  columns: readonly KeysetColumn[],
  marks: readonly Mark[],
  secret: string | undefined,
): string {
  const body = Buffer.from(JSON.stringify(marks))
  const cursor = Buffer.concat([macOf(meta, columns, body, secret), body]).toString('base64url')
  if (cursor.length > LONGEST)
    throw new UsageError(
      `A cursor of "${meta.name}" is longer than ${LONGEST} characters. Order by shorter values than ${columns.map(({ field }) => field?.name ?? 'a computed value').join(', ')}.`,
    )
  return cursor
}

/** What a cursor of exactly this order holds, or undefined for any other text. */
export function readCursor(
  meta: ModelMetadata,
  columns: readonly KeysetColumn[],
  cursor: unknown,
  secret: string | undefined,
): unknown {
  if (typeof cursor !== 'string' || cursor.length > LONGEST || !/^[\w-]+$/.test(cursor)) return undefined
  const bytes = Buffer.from(cursor, 'base64url')
  // the last character has bits that decoding drops: one position has one text
  if (bytes.length <= MAC_BYTES || bytes.toString('base64url') !== cursor) return undefined
  const body = bytes.subarray(MAC_BYTES)
  if (!timingSafeEqual(bytes.subarray(0, MAC_BYTES), macOf(meta, columns, body, secret))) return undefined
  try {
    return JSON.parse(body.toString())
  } catch {
    return undefined
  }
}

function macOf(
  meta: ModelMetadata,
  columns: readonly KeysetColumn[],
  body: Uint8Array,
  secret: string | undefined,
): Buffer {
  const order = columns.map(({ label, order: { direction, nulls } }) => [label, direction, nulls])
  // what the query computes may use any of them
  const languages = columns.some(({ field }) => field === null) ? meta.translations.map((each) => each.key()) : []
  const context = JSON.stringify([VERSION, meta.name, order, ...languages])
  const key = secret ?? createHash('sha256').update(`corm cursor of ${meta.name}`).digest()
  return createHmac('sha256', key).update(context).update('\0').update(body).digest().subarray(0, MAC_BYTES)
}
