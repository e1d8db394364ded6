import type { DistanceNode, VectorMetric } from '../../ast/expression.js'
import type { SqlWriter } from '../../compiler/writer.js'
import { vectorOf } from '../../util/bytes.js'
import { bytesIn, numberIn } from '../../util/expect.js'
import { own } from '../../util/own.js'

// Distances on SQLite: by functions of corm's own, or by those of the extension sqlite-vec where it is installed.

/** The vector of a query, decoded once for a statement, and not again for each row. */
interface Target {
  readonly vector: Float32Array
  readonly norm: number
}

/** Statements run one after the other to their end, and few have more than one vector. */
const KEPT = 1000
const targets = new Map<number, Target>()
let last = 0

function register(bytes: unknown): number {
  const vector = vectorOf(bytesIn(bytes))
  let squares = 0
  for (const value of vector) squares += value * value
  targets.delete(++last - KEPT)
  targets.set(last, { vector, norm: Math.sqrt(squares) })
  return last
}

/** The same memory where its place in it allows that. */
function view(bytes: Uint8Array): Float32Array {
  const { buffer, byteOffset, byteLength } = bytes
  return byteOffset % 4 === 0 ? new Float32Array(buffer, byteOffset, byteLength / 4) : vectorOf(bytes)
}

const distance = (of: (stored: Float32Array, target: Target) => number) => (bytes: unknown, number: unknown) => {
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

/** Digits after the point that two ways of computing a distance agree on; large ones agree on as many digits in all. */
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

function cosine(stored: Float32Array, { vector, norm }: Target): number {
  let sum = 0
  let squares = 0
  for (let i = 0; i < stored.length; i++) {
    const value = stored[i] as number
    sum += value * (vector[i] as number)
    squares += value * value
  }
  return 1 - sum / (Math.sqrt(squares) * norm)
}

function euclidean(stored: Float32Array, { vector }: Target): number {
  let squares = 0
  for (let i = 0; i < stored.length; i++) {
    const difference = (stored[i] as number) - (vector[i] as number)
    squares += difference * difference
  }
  return Math.sqrt(squares)
}

/** SQL functions for an adapter to register. */
export const vectorFunctions = {
  corm_vector: register,
  corm_cosine: distance(cosine),
  corm_euclidean: distance(euclidean),
  corm_dot: distance((stored, { vector }) => -product(stored, vector)),
  corm_distance: (value: number | null) => (value === null ? null : rounded(value)),
}

/** `corm_cosine("embedding", (select corm_vector(?)))`: the select is run once for the statement. */
export function writeOwnDistance({ metric, operand, vector }: DistanceNode, out: SqlWriter): void {
  out.write(`corm_${metric}(`).node(operand).write(', (select corm_vector(').node(vector).write(')))')
}

/** A cosine is small enough to be rounded in SQL, which is faster than a call. */
const OF_EXTENSION: Readonly<Partial<Record<VectorMetric, readonly [before: string, after: string]>>> = own({
  cosine: ['round(vec_distance_cosine(', ') * 1e6) / 1e6'],
  euclidean: ['corm_distance(vec_distance_l2(', '))'],
})

/** By sqlite-vec, which is three times as fast. */
export function writeExtensionDistance(node: DistanceNode, out: SqlWriter): void {
  const around = OF_EXTENSION[node.metric]
  if (around === undefined) return writeOwnDistance(node, out)
  const [before, after] = around
  out.write(before).nodes([node.operand, node.vector]).write(after)
}
