import type { CallNode, ExpressionNode, JsonNode, ParameterNode } from '../../ast/expression.js'
import { encoderOf } from '../../compiler/expression.js'
import type { SqlWriter } from '../../compiler/writer.js'
import { UsageError } from '../../errors.js'
import { stepsIn } from '../json-path.js'
import { familyOf, writeText } from './operands.js'

// https://www.postgresql.org/docs/current/functions-json.html

const stepOf = (at: number) => (steps: unknown) => {
  const step = stepsIn(steps)[at]
  if (typeof step === 'string' && step.includes('\0'))
    throw new UsageError(
      'A key of a JSON path holds a NUL character (U+0000), which PostgreSQL cannot store. Remove it.',
    )
  return step
}

/** Writes the value at a path. `#>` would also take the key "0" as an index, and `-> 0` a single value as a list. */
function writePlace(document: ExpressionNode, path: ParameterNode, steps: JsonNode['steps'], out: SqlWriter): void {
  const before = out.sql
  out.sql = ''
  out.operand(document)
  steps.forEach((step, i) => {
    if (step === 'key') out.write(' -> ').bind(path, stepOf(i)).write('::text')
    else {
      out.sql = `jsonb_path_query_first(${out.sql}, 'strict $[$i]', jsonb_build_object('i', `
      out.bind(path, stepOf(i)).write('::int4), true)')
    }
  })
  out.sql = before + out.sql
}

export function writeJson(node: JsonNode, out: SqlWriter): void {
  const place = () => writePlace(node.operand, node.path, node.steps, out)
  if (node.as === 'json') {
    out.write('nullif(')
    place()
    out.write(", 'null')")
    return
  }
  out.write('case jsonb_typeof(')
  place()
  out.write(`) when '${node.as === 'text' ? 'string' : node.as}' then (`)
  place()
  out.write(`)${VALUES[node.as]} end`)
}

const VALUES = { text: " #>> '{}'", number: '::float8', boolean: '::bool' } as const

/** Sets one key of an object. A value that is not an object stays as it is, and a missing one becomes an object. */
export function writeJsonSet(node: CallNode<'jsonSet'>, out: SqlWriter): void {
  const { args, count: depth } = node
  const [document, path, value] = args
  const at = (level: number) => {
    if (level === 0) {
      out.operand(document)
      return
    }
    out.write('coalesce(')
    writePlace(document, path, new Array<'key'>(level).fill('key'), out)
    out.write(", '{}')")
  }
  const set = (level: number) => {
    out.write('case jsonb_typeof(')
    at(level)
    out.write(") when 'object' then ")
    at(level)
    out.write(' || jsonb_build_object(').bind(path, stepOf(level)).write('::text, ')
    if (level < depth - 1) set(level + 1)
    else writeValue(value, out)
    out.write(') else ')
    at(level)
    out.write(' end')
  }
  set(0)
}

function writeValue(value: ExpressionNode, out: SqlWriter): void {
  if (value.kind === 'parameter') out.bind(value, encoderOf(value, out)).write('::jsonb')
  else if (familyOf(value) === 'text') writeText(value, out)
  else out.node(value)
}

/** A single value would contain itself as well, so the type is checked first. */
export function writeJsonMember({ operand, path, steps }: JsonNode, item: ParameterNode, out: SqlWriter): void {
  const { type } = item
  if (type === null) throw new TypeError('a member without a type')
  const refuse = encoderOf(item, out)
  out.write('case jsonb_typeof(')
  writePlace(operand, path, steps, out)
  out.write(") when 'array' then ")
  writePlace(operand, path, steps, out)
  out.write(' @> ')
  out.bind(item, (value) => {
    refuse(value)
    return JSON.stringify([type.check(value)])
  })
  out.write('::jsonb end')
}
