import type { ValueType } from '../../ast/data-type.js'
import type { DistanceNode, ParameterNode } from '../../ast/expression.js'
import { CODEC, type Codec } from '../../compiler/codec.js'
import { encoderOf } from '../../compiler/expression.js'
import type { SqlWriter } from '../../compiler/writer.js'
import { UnsupportedError } from '../../errors.js'
import type { VectorMetric } from '../../types/call-options.js'
import { vectorOf } from '../../util/bytes.js'
import { vectorIn } from '../../util/expect.js'
import { refuseStored } from '../stored.js'
import { atLeast, type MysqlServer, serverName } from './server.js'

// https://mariadb.com/kb/en/vectors/ and https://dev.mysql.com/doc/refman/9.0/en/vector-functions.html

export const hasVectors = (server: MysqlServer) =>
  server.mariadb ? atLeast(server, 11, 7, 1) : atLeast(server, 9, 0, 0)

function requireVectors(server: MysqlServer): void {
  if (hasVectors(server)) return
  throw new UnsupportedError(
    'A vector',
    `${serverName(server)} ${server.version.join('.')}`,
    'MariaDB has vectors since 11.7, MySQL since 9.0; SQLite and PostgreSQL have them too.',
  )
}

const HEX = /^(?:[\da-f]{8})+$/i

/** Reads the bytes as hexadecimal, because the functions that return a vector as text cut its numbers. */
export function vectorCodec({ dataType: { length = 0 } }: ValueType, server: MysqlServer): Codec {
  requireVectors(server)
  const decode = (raw: unknown) =>
    typeof raw === 'string' && HEX.test(raw) && raw.length === length * 8
      ? vectorOf(Buffer.from(raw, 'hex'))
      : refuseStored(raw, `a vector of ${length} dimensions`)
  return {
    ...CODEC,
    columnType: `vector(${length})`,
    encode: (value) => `[${vectorIn(value).join(',')}]`,
    decode,
    read: (sql) => `hex(${sql})`,
  }
}

export function writeVector(node: ParameterNode, out: SqlWriter, { mariadb }: MysqlServer): void {
  out.write(mariadb ? 'vec_fromtext(' : 'string_to_vector(')
  out.bind(node, encoderOf(node, out))
  out.write(')')
}

const OF_MARIADB: Readonly<Record<VectorMetric, string | null>> = {
  cosine: 'vec_distance_cosine',
  euclidean: 'vec_distance_euclidean',
  dot: null,
}

export function writeDistance(node: DistanceNode, out: SqlWriter, server: MysqlServer): void {
  requireVectors(server)
  const { metric, operand, vector } = node
  out.write('round(')
  if (server.mariadb) {
    const name = OF_MARIADB[metric]
    if (name === null)
      throw new UnsupportedError(
        'The metric "dot"',
        'MariaDB',
        'Use "cosine": of vectors of length 1 the order is the same.',
      )
    out.write(`${name}(`).nodes([operand, vector]).write(')')
  } else {
    out.write(metric === 'dot' ? '-distance(' : 'distance(').nodes([operand, vector])
    out.write(`, '${metric.toUpperCase()}')`)
  }
  out.write(', 6)')
}
