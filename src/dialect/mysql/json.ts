import type { CallNode, ExpressionNode, JsonNode, MemberNode, ParameterNode } from '../../ast/expression.js'
import { encoderOf } from '../../compiler/expression.js'
import type { SqlWriter } from '../../compiler/writer.js'
import { DefinitionError, UnsupportedError } from '../../errors.js'
import { jsonElement } from '../json-array.js'
import { jsonPath, stepsIn } from '../json-path.js'
import { atLeast, collationOf, hasJsonTable, type MysqlServer } from './server.js'

// https://dev.mysql.com/doc/refman/8.4/en/json-search-functions.html, https://mariadb.com/kb/en/json-functions/

function bindPath(path: ParameterNode, steps: number, out: SqlWriter, server: MysqlServer): void {
  out.bind(path, (value) => {
    const taken = stepsIn(value).slice(0, steps)
    // MariaDB 10.11 does not find a key that begins with "-", quoted or not
    if (server.mariadb && taken.some((step) => typeof step === 'string' && step.startsWith('-')))
      throw new UnsupportedError('A JSON path with a key that begins with "-"', 'MariaDB', 'Read the whole document.')
    return jsonPath(taken)
  })
}

/** A document and the first steps of a path into it. */
interface JsonLocation {
  readonly document: ExpressionNode
  readonly path: ParameterNode
  readonly steps: number
}

function writeExtract({ document, path, steps }: JsonLocation, out: SqlWriter, server: MysqlServer): void {
  out.write('json_extract(').node(document).write(', ')
  bindPath(path, steps, out, server)
  out.write(')')
}

const TYPES = {
  list: " = 'ARRAY'",
  json: " <> 'NULL'",
  text: " = 'STRING'",
  number: " in ('INTEGER', 'UNSIGNED INTEGER', 'DOUBLE', 'DECIMAL')",
  boolean: " = 'BOOLEAN'",
} as const

/** The servers treat any value as a list with one item, so a step with an index checks that there is a list. */
function writeTypeTest(
  { operand, path, steps }: JsonNode,
  as: keyof typeof TYPES,
  out: SqlWriter,
  server: MysqlServer,
): void {
  steps.forEach((step, i) => {
    if (step !== 'index') return
    out.write('json_type(')
    if (i === 0) out.node(operand)
    else writeExtract({ document: operand, path, steps: i }, out, server)
    out.write(") = 'ARRAY' and ")
  })
  out.write('json_type(')
  writeExtract({ document: operand, path, steps: steps.length }, out, server)
  out.write(`)${TYPES[as]}`)
}

export function writeJson(node: JsonNode, out: SqlWriter, server: MysqlServer): void {
  const { operand, path, steps, as } = node
  out.write('case when ')
  writeTypeTest(node, as, out, server)
  out.write(' then ')
  if (as === 'text' || as === 'boolean') out.write('json_unquote(')
  writeExtract({ document: operand, path, steps: steps.length }, out, server)
  if (as === 'text' || as === 'boolean') out.write(`) collate ${collationOf(server)}`)
  if (as === 'boolean') out.write(" = 'true'")
  if (as === 'number') out.write(' + 0e0')
  out.write(' end')
}

/** Creates missing objects along the path first. */
export function writeJsonSet(node: CallNode<'jsonSet'>, out: SqlWriter, server: MysqlServer): void {
  const { args, count: depth } = node
  const [document, path, value] = args
  out.write(`json_set(${'json_insert('.repeat(depth - 1)}`).node(document)
  for (let steps = 1; steps < depth; steps++) {
    out.write(', ')
    bindPath(path, steps, out, server)
    out.write(', json_object())')
  }
  out.write(', ')
  bindPath(path, depth, out, server)
  out.write(', ')
  if (value.kind !== 'parameter') out.node(value).write(')')
  else if (server.mariadb) out.write('json_extract(').bind(value, encoderOf(value, out)).write(", '$'))")
  else out.write('cast(').bind(value, encoderOf(value, out)).write(' as json))')
}

/** Compares JSON by meaning: the order of keys and the notation of numbers do not matter. */
export function writeJsonEquals(
  [left, right]: readonly [ExpressionNode, ExpressionNode],
  out: SqlWriter,
  server: MysqlServer,
): void {
  if (!server.mariadb) {
    const document = (node: ExpressionNode) => {
      if (node.kind === 'parameter') out.write('cast(').bind(node, encoderOf(node, out)).write(' as json)')
      else out.node(node)
    }
    out.write('(')
    document(left)
    out.write(' = ')
    document(right)
    out.write(')')
    return
  }
  if (!atLeast(server, 10, 7, 0))
    throw new UnsupportedError(
      'Comparing JSON documents',
      'MariaDB before 10.7',
      'Use a newer server, or compare values in them.',
    )
  // JSON_EQUALS treats NULL as equal, so NULL is excluded
  out.write('case when ').node(left).write(' is not null')
  if (right.kind !== 'parameter') out.write(' and ').node(right).write(' is not null')
  out.write(' then json_equals(').nodes([left, right]).write(') end')
}

export function writeMember({ operand, item }: MemberNode, out: SqlWriter, server: MysqlServer): void {
  if (operand.kind === 'json') return writeJsonMember(operand, item, out, server)
  const { type } = item
  if (type === null) throw new TypeError('a member without a type')
  const write = jsonElement(type)
  out.write('json_contains(').node(operand).write(', ')
  out.bind(item, (value) => write(type.check(value))).write(')')
}

/** `json_contains` also finds the elements of lists in the list, so on MariaDB each element is looked at. */
function writeJsonMember(place: JsonNode, item: ParameterNode, out: SqlWriter, server: MysqlServer): void {
  const { operand: document, path, steps } = place
  const { type } = item
  if (type === null) throw new TypeError('a member without a type')
  if (!hasJsonTable(server))
    throw new UnsupportedError(
      'contains() of a JSON value',
      'MariaDB before 10.6',
      'Use a newer server, or a related model.',
    )
  if (server.mariadb && out.frames.depth === 0)
    throw new DefinitionError(
      'contains() of a JSON value needs a query on MariaDB, and the definition of a table can have none. Check the value with the option "validate" of the field, or in validate() of the model.',
    )
  const list = () => writeExtract({ document, path, steps: steps.length }, out, server)
  const element = () => out.bind(item, (value) => JSON.stringify(type.check(value)))
  out.write('case when ')
  writeTypeTest(place, 'list', out, server)
  out.write(' then ')
  if (server.mariadb) {
    out.write('json_contains(')
    list()
    out.write(', ')
    element()
    out.write(') and exists (select 1 from json_table(')
    list()
    out.write(", '$[*]' columns (corm_item json path '$')) as corm_items where json_type(corm_item) <> 'ARRAY'")
    out.write(' and json_contains(corm_item, ')
    element()
    out.write('))')
  } else {
    out.write('cast(')
    element()
    out.write(' as json) member of (')
    list()
    out.write(')')
  }
  out.write(' end')
}
