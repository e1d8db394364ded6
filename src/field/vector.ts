import { DefinitionError } from '../errors.js'
import { vectorBytes } from '../util/bytes.js'
import { EmbeddedText } from '../util/embedded-text.js'
import { vectorIn } from '../util/expect.js'
import { isWhole } from '../util/number.js'
import { choiceOf, either, flag, object, optionReader, whole } from '../util/options.js'
import { own } from '../util/own.js'
import { describe, FieldDescriptor, type FieldKind, type VectorIndex } from './kind.js'
import { readFieldOptions } from './options.js'

/** The most dimensions that pgvector, MariaDB and MySQL all accept, rounded down. */
const MOST = 16_000

/** Databases compute distances with floats of 32 bits, in which the squares of other lengths are zero or infinite. */
const [SHORTEST, LONGEST] = [1e-18, 1e18]

export const METRICS = ['cosine', 'euclidean', 'dot'] as const

/** Converts arrays of numbers. Anything else is returned unchanged, so that the check refuses it. */
function cast(value: unknown): unknown {
  if (value instanceof Float64Array) return new Float32Array(value)
  const isNumbers = Array.isArray(value) && value.every((each) => typeof each === 'number')
  return isNumbers ? Float32Array.from(value) : value
}

export function vectorKind(dimensions: number, index: VectorIndex | null): FieldKind {
  return {
    dataType: { name: 'vector', length: dimensions },
    vector: own({ dimensions, index }),
    cast,
    check(given, refuse) {
      const value = cast(given instanceof EmbeddedText ? given.vector : given)
      if (!(value instanceof Float32Array))
        return refuse('type', `expects a Float32Array or an array of numbers, not ${describe(value)}`)
      if (value.length !== dimensions)
        return refuse('dimensions', `needs ${dimensions} dimensions, and the vector has ${value.length}`)
      let squares = 0
      for (let i = 0; i < dimensions; i++) {
        const each = value[i] as number
        squares += each * each
        // NaN and the infinities give NaN here
        if (each - each !== 0) return refuse('finite', `holds ${each} at position ${i}`)
      }
      if (squares === 0) return refuse('zero', 'is a zero vector, which is near to no other')
      const length = Math.sqrt(squares)
      return length < SHORTEST || length > LONGEST
        ? refuse('length', `has the length ${length.toExponential(1)}, and distances need one from 1e-18 to 1e18`)
        : value
    },
    load: (vector) => new Float32Array(vectorIn(vector)),
    snapshot: 'canonical',
    same(given, stored) {
      const value = cast(given)
      return value instanceof Float32Array && Buffer.compare(vectorBytes(value), vectorBytes(vectorIn(stored))) === 0
    },
  }
}

interface VectorIndexOptions {
  readonly method: 'hnsw' | 'ivfflat'
  readonly metric: (typeof METRICS)[number]
  readonly m: number
  readonly efConstruction: number
  readonly efSearch: number
  readonly lists: number
  readonly probes: number
}

const indexOptions = optionReader<VectorIndexOptions>(
  'The index of Field.vector()',
  {
    method: choiceOf('hnsw', 'ivfflat'),
    metric: choiceOf(...METRICS),
    m: whole(2),
    efConstruction: whole(4),
    efSearch: whole(1),
    lists: whole(1),
    probes: whole(1),
  },
  DefinitionError,
)

/** The options of each method: those that build its index, and the one for the effort of a search. */
const OF_METHOD = {
  hnsw: { made: ['m', 'efConstruction'], effort: 'efSearch' },
  ivfflat: { made: ['lists'], effort: 'probes' },
} as const

const SQL_NAMES = own({ m: 'm', efConstruction: 'ef_construction', lists: 'lists' })

export function vectorIndex(given: unknown): VectorIndex | null {
  if (given === undefined || given === false) return null
  const options = indexOptions(given === true ? {} : given)
  const { method = 'hnsw', metric = 'cosine' } = options
  const { made, effort } = OF_METHOD[method]
  const others = Object.keys(options).filter((name) => !['method', 'metric', effort, ...made].includes(name))
  if (others.length > 0)
    throw new DefinitionError(
      `The index of Field.vector() with the method "${method}" has no option "${others[0]}". It takes ${['metric', effort, ...made].join(', ')}.`,
    )
  const settings = made.flatMap((name) => {
    const value = options[name]
    return value === undefined ? [] : [[SQL_NAMES[name], value] as const]
  })
  return own({ metric, use: own({ method, effort: options[effort] ?? null }), settings })
}

/** Common options that are useless for a vector, because two vectors are hardly ever equal. */
const MEANINGLESS = ['unique', 'primaryKey', 'choices', 'allowEmpty'] as const

export function requireDimensions(dimensions: unknown, maker: string): asserts dimensions is number {
  if (!isWhole(dimensions) || dimensions < 1 || dimensions > MOST)
    throw new DefinitionError(
      `${maker} needs the number of dimensions first, from 1 to ${MOST}: ${maker.slice(0, -1)}384, { … }).`,
    )
}

export function vectorField(dimensions: unknown, given: unknown): FieldDescriptor {
  requireDimensions(dimensions, 'Field.vector()')
  const { index, ...others } = readFieldOptions('Field.vector()', given, { index: either(flag, object) })
  const options = own(others)
  const wrong = MEANINGLESS.find((name) => options[name] !== undefined && options[name] !== false)
  if (wrong !== undefined) throw new DefinitionError(`Field.vector() takes no option "${wrong}".`)
  return new FieldDescriptor({ type: 'vector', options, kind: vectorKind(dimensions, vectorIndex(index)) })
}
