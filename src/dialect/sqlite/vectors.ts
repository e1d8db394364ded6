import type { DistanceNode } from '../../ast/expression.js'
import type { SqlWriter } from '../../compiler/writer.js'
import type { VectorMetric } from '../../types/call-options.js'
import { vectorOf } from '../../util/bytes.js'
import { bytesIn, numberIn } from '../../util/expect.js'
import { own } from '../../util/own.js'

// Distances are computed by corm's own functions, or by the extension sqlite-vec if it is installed.

/** The vector of a query, decoded once per statement instead of once per row. */
interface SearchedVector {
  readonly vector: Float32Array
  readonly norm: number
}

/** How many decoded vectors are kept. Few statements have more than one. */
const KEPT = 1000
const targets = new Map<number, SearchedVector>()
let last = 0

function register(bytes: unknown): number {
  const vector = vectorOf(bytesIn(bytes))
  let squares = 0
  for (const value of vector) squares += value * value
  targets.delete(++last - KEPT)
  targets.set(last, { vector, norm: Math.sqrt(squares) })
  return last
}

/** Uses the same memory if its alignment allows it, else a copy. */
function view(bytes: Uint8Array): Float32Array {
  const { buffer, byteOffset, byteLength } = bytes
  return byteOffset % 4 === 0 ? new Float32Array(buffer, byteOffset, byteLength / 4) : vectorOf(bytes)
}

const distance =
  (of: (stored: Float32Array, target: SearchedVector) => number) => (bytes: unknown, number: unknown) => {
    if (bytes === null) return null
    const target = targets.get(numberIn(number))
    if (target === undefined) throw new RangeError('the vector of a query is gone')
    const stored = view(bytesIn(bytes))
    if (stored.length !== target.vector.length)
      throw new RangeError(
        `a stored vector has ${stored.length} dimensions, and that of the query ${target.vector.length}`,
      )
    return rounded(of(stored, target))
  }

/** Two ways of computing a distance agree on this many digits after the point, or on as many digits in all for large values. */
const DIGITS = 1e6
const LARGE = 10

function rounded(distance: number): number {
  const size = Math.abs(distance)
  const unit = size < LARGE ? DIGITS : DIGITS / 10 ** Math.floor(Math.log10(size))
  const value = Math.round(distance * unit) / unit
  return value === 0 ? 0 : value
}

function product(stored: Float32Array, vector: Float32Array): number {
  let sum = 0
  for (let i = 0; i < stored.length; i++) sum += (stored[i] as number) * (vector[i] as number)
  return sum
}

function cosine(stored: Float32Array, { vector, norm }: SearchedVector): number {
  let sum = 0
  let squares = 0
  for (let i = 0; i < stored.length; i++) {
    const value = stored[i] as number
    sum += value * (vector[i] as number)
    squares += value * value
  }
  return 1 - sum / (Math.sqrt(squares) * norm)
}

function euclidean(stored: Float32Array, { vector }: SearchedVector): number {
  let squares = 0
  for (let i = 0; i < stored.length; i++) {
    const difference = (stored[i] as number) - (vector[i] as number)
    squares += difference * difference
  }
  return Math.sqrt(squares)
}

/** SQL functions that the adapter registers. */
export const vectorFunctions = {
  corm_vector: register,
  corm_cosine: distance(cosine),
  corm_euclidean: distance(euclidean),
  corm_dot: distance((stored, { vector }) => -product(stored, vector)),
  corm_distance: (value: number | null) => (value === null ? null : rounded(value)),
}

/** Writes `corm_cosine("embedding", (select corm_vector(?)))`, so that SQLite decodes the vector once per statement. */
export function writeOwnDistance({ metric, operand, vector }: DistanceNode, out: SqlWriter): void {
  out.callOwn(`corm_${metric}`).node(operand).write(', (select corm_vector(').node(vector).write(')))')
}

/** A cosine is small enough to round in SQL, which is faster than a function call. */
const OF_EXTENSION: Readonly<Partial<Record<VectorMetric, readonly [before: string, after: string]>>> = own({
  cosine: ['round(vec_distance_cosine(', ') * 1e6) / 1e6'],
  euclidean: ['vec_distance_l2(', '))'],
})

/** Uses sqlite-vec, which is three times as fast. */
export function writeExtensionDistance(node: DistanceNode, out: SqlWriter): void {
  const around = OF_EXTENSION[node.metric]
  if (around === undefined) return writeOwnDistance(node, out)
  const [before, after] = around
  if (node.metric === 'euclidean') out.callOwn('corm_distance')
  out.write(before).nodes([node.operand, node.vector]).write(after)
}
