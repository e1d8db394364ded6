import { ASSIGNMENT, CALL, IDENTIFIER } from '../../ast/bases.js'
import { type DataType, ownForm, type ValueType } from '../../ast/data-type.js'
import type {
  BetweenNode,
  CallNode,
  ComparisonNode,
  ExpressionNode,
  InNode,
  ListNode,
  OrderNode,
} from '../../ast/expression.js'
import type { AssignmentNode, SelectNode } from '../../ast/statement.js'
import { withArguments } from '../../ast/transform.js'
import { typeOf } from '../../ast/type-of.js'
import { encoderFor } from '../../compiler/codec.js'
import type { Handlers, NodeOf, SqlWriter } from '../../compiler/writer.js'
import { isSameStorage, type StorageForm, storageFormOf } from './storage/index.js'
import { converterKey } from './storage-functions.js'
import { sqliteCodec } from './types.js'

// A column that another program writes is compared, sorted and grouped as it is stored if its form allows it, so that its
// indexes are used. Everything else is computed in corm's own form.

/** The type of the column, if the node's values are in another program's form. */
function typeWithStorage(node: ExpressionNode): DataType | null {
  const type = typeOf(node)?.dataType
  return type?.storage === undefined ? null : type
}

const hasStorage = (node: ExpressionNode | null) => node !== null && typeWithStorage(node) !== null

const formIn = (node: ExpressionNode): StorageForm | null => {
  const type = typeWithStorage(node)
  return type === null ? null : storageFormOf(type)
}

/** Converts a value to corm's own form. */
function own<N extends ExpressionNode | null>(node: N): N | CallNode<'ownForm'> {
  if (node === null || !hasStorage(node)) return node
  return { ...CALL, name: 'ownForm', args: [node], distinct: false, type: typeOf(node) }
}

const ownEach = (nodes: readonly ExpressionNode[]) => (nodes.some(hasStorage) ? nodes.map(own) : nodes)

/** Wraps the SQL that `write` writes. */
function wrapped(out: SqlWriter, wrap: Wrap, write: () => void): void {
  const before = out.sql
  out.sql = ''
  write()
  out.sql = before + wrap(out.sql)
}

const quotedKey = (type: DataType) => `'${converterKey(type).replaceAll("'", "''")}'`

type Wrap = (sql: string) => string

const toOwn = (type: DataType, out: SqlWriter): Wrap => storageFormOf(type)?.toOwn ?? converted('corm_own', type, out)

const toStorage = (type: DataType, out: SqlWriter): Wrap =>
  storageFormOf(type)?.toStorage ?? converted('corm_stored', type, out)

function converted(name: string, type: DataType, { ownFunctions }: SqlWriter): Wrap {
  ownFunctions.add(name)
  return (sql) => `${name}(${sql}, ${quotedKey(type)})`
}

function writeOwn({ args }: CallNode<'ownForm'>, out: SqlWriter): void {
  const [node] = args
  const type = knownType(node)
  if (node.kind === 'parameter') out.bind(node, encoderFor(ownForm(type), sqliteCodec(ownForm(type))))
  else wrapped(out, toOwn(type.dataType, out), () => out.node(node))
}

/** The type of a node that is a column or is compared with one. */
function knownType(node: ExpressionNode): ValueType {
  const type = typeOf(node)
  if (type === null) throw new TypeError(`a ${node.kind} has no type here`)
  return type
}

/** Encodes a value for a comparison with stored ones. */
function comparing(type: ValueType, form: StorageForm): (value: unknown) => unknown {
  return encoderFor(type, { ...form, encode: form.compare ?? form.encode })
}

function writeInStorage(node: ExpressionNode, out: SqlWriter): void {
  const form = formIn(node)
  if (node.kind === 'parameter' && node.type !== null && form !== null) out.bind(node, comparing(node.type, form))
  else out.operand(node)
}

/** Whether nodes can be compared as they are stored; `sorted` means by their order. */
function areAlike(nodes: readonly ExpressionNode[], sorted: boolean): boolean {
  const types = nodes.map(typeWithStorage)
  const [first] = types
  if (first === null || first === undefined) return false
  const form = storageFormOf(first)
  if (form === null || !form.exact || (sorted && !form.sorts)) return false
  return types.every((type) => type !== null && isSameStorage(first, type))
}

function writeComparison(node: ComparisonNode, out: SqlWriter, base: Handlers): void {
  const { left, right, operator } = node
  if (!hasStorage(left) && !hasStorage(right)) base.comparison(node, out)
  else if (!areAlike([left, right], operator !== '=' && operator !== '!='))
    base.comparison({ ...node, left: own(left), right: own(right) }, out)
  else {
    writeInStorage(left, out)
    out.write(operator === '!=' ? ' <> ' : ` ${operator} `)
    writeInStorage(right, out)
  }
}

/** A subquery that returns its one value in corm's own form. */
const ownSelect = (select: SelectNode): SelectNode => ({
  ...select,
  selections: select.selections.map((selection) => ({
    ...selection,
    expression: own(selection.expression),
    type: null,
  })),
})

type WriteList = (list: ListNode, encode: (value: unknown) => unknown, isBytes: boolean, out: SqlWriter) => void

function writeIn(node: InNode, out: SqlWriter, base: Handlers, writeList: WriteList): void {
  const { operand, list, negated } = node
  const inner: ExpressionNode =
    list.kind === 'list' ? { ...list, kind: 'parameter', value: null } : { kind: 'subquery', query: list }
  if (!hasStorage(operand) && !hasStorage(inner)) return base.in(node, out)
  const alike = areAlike([operand, inner], false)
  if (list.kind !== 'list')
    return base.in(alike ? node : { ...node, operand: own(operand), list: ownSelect(list) }, out)
  const type = knownType(list)
  const form = storageFormOf(type.dataType)
  const plain = ownForm(type)
  out.operand(alike ? operand : own(operand)).write(negated ? ' not in ' : ' in ')
  if (alike && form !== null) writeList(list, comparing(type, form), form.columnType === 'BLOB', out)
  else writeList(list, encoderFor(plain, sqliteCodec(plain)), plain.dataType.name === 'binary', out)
}

const EXTREMES: ReadonlySet<string> = new Set(['min', 'max'])

function writeCall(node: CallNode, out: SqlWriter, base: Handlers): void {
  if (node.name === 'ownForm') return writeOwn(node, out)
  const { name, over } = node
  const args: readonly ExpressionNode[] = node.args
  const [first] = args
  const type = first === undefined ? null : typeWithStorage(first)
  const partitions =
    over === undefined || !over.partitionBy.some(hasStorage)
      ? over
      : { ...over, partitionBy: over.partitionBy.map(own) }
  const call = partitions === over ? node : { ...node, over: partitions }
  // the smallest stored value represents the smallest value, and an index finds it
  if (type !== null && EXTREMES.has(name) && storageFormOf(type)?.sorts === true && storageFormOf(type)?.exact === true)
    wrapped(out, toOwn(type, out), () => base.call(call, out))
  else if (name === 'count' && !node.distinct) base.call(call, out)
  else base.call(args.some(hasStorage) ? withArguments(call, own) : call, out)
}

function orderByOwn(order: OrderNode): OrderNode {
  const form = formIn(order.expression)
  return form === null || (form.sorts && form.exact) ? order : { ...order, expression: own(order.expression) }
}

/** Grouping needs equal values to be stored the same way. */
const grouped = (node: ExpressionNode) => (formIn(node)?.exact === false ? own(node) : node)

type WriteValue = (value: ExpressionNode, type: ValueType, out: SqlWriter) => void

/** Converts a computed value to the form of its column; raw SQL is expected to be in that form. */
function toColumn(assignment: AssignmentNode): AssignmentNode {
  const { column, value, type } = assignment
  if (type?.dataType.storage === undefined) return { ...assignment, value: own(value) }
  const given = typeWithStorage(value)
  if (typeOf(value) === null || (given !== null && isSameStorage(given, type.dataType)))
    return { ...ASSIGNMENT, column, value }
  const args = [own(value), { ...IDENTIFIER, path: [column], type }] as const
  return { ...ASSIGNMENT, column, value: { ...CALL, name: 'storedForm', args, distinct: false, type: null } }
}

/** A parameter is bound by its own type. */
const needsColumn = ({ value, type }: AssignmentNode) =>
  value.kind !== 'parameter' && (type?.dataType.storage !== undefined || hasStorage(value))

interface Writers {
  readonly list: WriteList
  readonly value: WriteValue
}

type HandlerMapper = <K extends keyof Handlers>(
  kind: K,
  isTouched: (node: NodeOf<K>) => boolean,
  change: (node: NodeOf<K>) => NodeOf<K>,
) => Handlers[K]

/** The handlers that differ if columns of other programs are among the operands. */
export function storageHandlers(base: Handlers, writers: Writers): Partial<Handlers> {
  const mapped: HandlerMapper = (kind, isTouched, change) =>
    ((node, out) => base[kind](isTouched(node) ? change(node) : node, out)) as Handlers[typeof kind]
  return { ...conditions(base, writers, mapped), ...expressions(base, writers, mapped), ...statements(mapped) }
}

function conditions(base: Handlers, { list }: Writers, mapped: HandlerMapper): Partial<Handlers> {
  return {
    comparison: (node, out) => writeComparison(node, out, base),
    in: (node, out) => writeIn(node, out, base, list),
    between: (node, out) => writeBetween(node, out, base),
    logic: mapped(
      'logic',
      ({ items }) => items.some(hasStorage),
      (node) => ({ ...node, items: ownEach(node.items) }),
    ),
    not: mapped(
      'not',
      ({ item }) => hasStorage(item),
      (node) => ({ ...node, item: own(node.item) }),
    ),
    pattern: mapped(
      'pattern',
      ({ operand }) => hasStorage(operand),
      (node) => ({ ...node, operand: own(node.operand) }),
    ),
    regex: mapped(
      'regex',
      ({ operand }) => hasStorage(operand),
      (node) => ({ ...node, operand: own(node.operand) }),
    ),
  }
}

function writeBetween(node: BetweenNode, out: SqlWriter, base: Handlers): void {
  const { operand, low, high, negated } = node
  const nodes = [operand, low, high]
  if (!nodes.some(hasStorage)) return base.between(node, out)
  if (!areAlike(nodes, true))
    return base.between({ ...node, operand: own(operand), low: own(low), high: own(high) }, out)
  writeInStorage(operand, out)
  out.write(negated ? ' not between ' : ' between ')
  writeInStorage(low, out)
  out.write(' and ')
  writeInStorage(high, out)
}

function expressions(base: Handlers, { value: writeValue }: Writers, mapped: HandlerMapper): Partial<Handlers> {
  return {
    order: mapped('order', (node) => hasStorage(node.expression), orderByOwn),
    arithmetic: mapped(
      'arithmetic',
      ({ left, right }) => hasStorage(left) || hasStorage(right),
      (node) => ({ ...node, left: own(node.left), right: own(node.right), type: typeOf(node) }),
    ),
    concat: mapped(
      'concat',
      ({ items }) => items.some(hasStorage),
      (node) => ({ ...node, items: ownEach(node.items) }),
    ),
    json: mapped(
      'json',
      ({ operand }) => hasStorage(operand),
      (node) => ({ ...node, operand: own(node.operand) }),
    ),
    cast: mapped(
      'cast',
      ({ operand }) => hasStorage(operand),
      (node) => ({ ...node, operand: own(node.operand) }),
    ),
    call(node, out) {
      if (node.name !== 'storedForm') return writeCall(node, out, base)
      const [value, column] = node.args
      const type = knownType(column)
      wrapped(out, toStorage(type.dataType, out), () => writeValue(value, ownForm(type), out))
    },
    case: mapped(
      'case',
      ({ branches, otherwise }) =>
        hasStorage(otherwise) || branches.some(({ when, value }) => hasStorage(when) || hasStorage(value)),
      (node) => ({
        ...node,
        branches: node.branches.map(({ when, value }) => ({ when: own(when), value: own(value) })),
        otherwise: own(node.otherwise),
      }),
    ),
  }
}

const inColumns = (list: readonly AssignmentNode[]) => list.map((each) => (needsColumn(each) ? toColumn(each) : each))

function statements(mapped: HandlerMapper): Partial<Handlers> {
  return {
    select: mapped(
      'select',
      ({ where, having, groupBy }) => hasStorage(where) || hasStorage(having) || groupBy.some(hasStorage),
      (node) => ({ ...node, where: own(node.where), having: own(node.having), groupBy: node.groupBy.map(grouped) }),
    ),
    update: mapped(
      'update',
      ({ assignments, where }) => hasStorage(where) || assignments.some(needsColumn),
      (node) => ({ ...node, where: own(node.where), assignments: inColumns(node.assignments) }),
    ),
    delete: mapped(
      'delete',
      ({ where }) => hasStorage(where),
      (node) => ({ ...node, where: own(node.where) }),
    ),
    insert: mapped(
      'insert',
      ({ conflict }) => conflict?.assignments.some(needsColumn) === true,
      (node) => ({
        ...node,
        conflict: node.conflict && { ...node.conflict, assignments: inColumns(node.conflict.assignments) },
      }),
    ),
  }
}
