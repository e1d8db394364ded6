import type { DataTypeName, ValueType } from '../../ast/data-type.js'
import type {
  CallNode,
  ExpressionNode,
  JsonNode,
  JsonRowsNode,
  MemberNode,
  ParameterNode,
} from '../../ast/expression.js'
import { someNode } from '../../ast/walk.js'
import { encoderOf } from '../../compiler/expression.js'
import type { SqlWriter } from '../../compiler/writer.js'
import { UnsupportedError } from '../../errors.js'
import { plainElement } from '../json-array.js'
import { jsonPath, stepsIn } from '../json-path.js'

// https://sqlite.org/json1.html

function bindPath(path: ParameterNode, out: SqlWriter): void {
  out.bind(path, (value) => {
    const steps = stepsIn(value)
    // SQLite would take the NUL as the end of the key
    if (steps.some((step) => typeof step === 'string' && step.includes('\0')))
      throw new UnsupportedError('A JSON path with a key that holds U+0000', 'SQLite', 'Read the whole document.')
    return jsonPath(steps)
  })
}

function writeType(document: ExpressionNode, path: ParameterNode, out: SqlWriter): void {
  out.write('json_type(').node(document).write(', ')
  bindPath(path, out)
  out.write(')')
}

export function writeJson(node: JsonNode, out: SqlWriter): void {
  const arrow = (operator: string) => {
    out.operand(node.operand).write(` ${operator} `)
    bindPath(node.path, out)
  }
  const type = () => writeType(node.operand, node.path, out)
  switch (node.as) {
    case 'json':
      out.write('nullif(')
      arrow('->')
      out.write(", 'null')")
      return
    case 'boolean':
      out.write('case ')
      type()
      out.write(" when 'true' then 1 when 'false' then 0 end")
      return
    default:
      out.write('case when ')
      type()
      out.write(node.as === 'text' ? " = 'text' then " : " in ('integer', 'real') then ")
      arrow('->>')
      out.write(' end')
  }
}

export function writeJsonSet({ args }: CallNode<'jsonSet'>, out: SqlWriter): void {
  const [document, path, value] = args
  out.write('json_set(').node(document).write(', ')
  bindPath(path, out)
  out.write(', ')
  if (value.kind === 'parameter') out.write('json(').bind(value, encoderOf(value, out)).write('))')
  else out.node(value).write(')')
}

/** Writes rows as a list of lists; a nested list is JSON already and inserted as it is. */
export function writeJsonRows({ items }: JsonRowsNode, out: SqlWriter): void {
  if (items.length === 1) out.write('json_group_array(').nodes(items).write(')')
  else out.write('json_group_array(json_array(').nodes(items).write('))')
}

const CARRIED: ReadonlySet<DataTypeName> = new Set([
  'smallInteger',
  'integer',
  'bigInteger',
  'float',
  'decimal',
  'boolean',
  'string',
  'char',
  'uuid',
  'enum',
  'date',
  'time',
  'dateTime',
])

/**
 * Whether values of the type can be embedded as JSON. JSON can't hold bytes. For long texts, escaping and parsing costs
 * more than a query of their own. Nothing is known of a column type that the user wrote. Floats are written with 17
 * digits.
 */
export const carriesAsJson = ({ dataType: { name, sql, length, storage } }: ValueType): boolean =>
  sql === undefined && storage === undefined && CARRIED.has(name) && (length ?? 0) <= LONG

/** The longest text that is embedded as JSON, in characters. */
const LONG = 500

/** Compares JSON by meaning: the order of keys and the notation of numbers do not matter. */
export function writeJsonEquals(left: ExpressionNode, right: ExpressionNode, out: SqlWriter): void {
  out.callOwn('corm_json_equals').nodes([left, right]).write(')')
}

export function writeMember({ operand, item }: MemberNode, out: SqlWriter): void {
  if (operand.kind === 'json') return writeJsonMember(operand, item, out)
  const { type } = item
  if (type === null) throw new TypeError('a member without a type')
  const plain = plainElement(type)
  out.write('case when ').operand(operand).write(' is not null then exists (select 1 from ')
  writeEach(operand, null, out)
  out
    .write(' where value = ')
    .bind(item, (value) => plain(type.check(value)))
    .write(') end')
}

function writeJsonMember({ operand, path }: JsonNode, item: ParameterNode, out: SqlWriter): void {
  const { type } = item
  if (type === null) throw new TypeError('a member without a type')
  const plain = plainElement(type)
  out.write('case when ')
  writeType(operand, path, out)
  out.write(" = 'array' then exists (select 1 from ")
  writeEach(operand, path, out)
  // `value` is 1 and 0 for a boolean
  if (type.dataType.name === 'boolean') out.write(' where type = ').bind(item, (value) => String(type.check(value)))
  else
    out
      .write(` where type ${type.dataType.name === 'text' ? "= 'text'" : "in ('integer', 'real')"} and value = `)
      .bind(item, (value) => plain(type.check(value)))
  out.write(') end')
}

/** The columns of `json_each`. In its argument, a column of the model with such a name would be that of `json_each`. */
const EACH: ReadonlySet<string> = new Set([
  'key',
  'value',
  'type',
  'atom',
  'id',
  'parent',
  'fullkey',
  'path',
  'json',
  'root',
])

/** Writes the rows of a list as a source of FROM. */
function writeEach(operand: ExpressionNode, path: ParameterNode | null, out: SqlWriter): void {
  const isHidden = someNode(operand, (node) => node.kind === 'column' && EACH.has(node.name.toLowerCase()))
  if (isHidden) out.write('(select ').node(operand).write(' as corm_list), json_each(corm_list')
  else out.write('json_each(').node(operand)
  if (path !== null) {
    out.write(', ')
    bindPath(path, out)
  }
  out.write(')')
}
