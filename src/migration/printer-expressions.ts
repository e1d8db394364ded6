import type { ValueType } from '../ast/data-type.js'
import type { CallNode, ExpressionNode, ListNode, ParameterNode, PatternNode } from '../ast/expression.js'
import { MigrationError } from '../errors.js'
import { member, type Source, valueSource, writeSource } from '../util/source-text.js'

/** The names from `corm/migration` that a file must import for the printed code. */
export type PrinterNeeds = Set<string>

const COMPARISONS = { '=': 'eq', '!=': 'ne', '<': 'lt', '<=': 'lte', '>': 'gt', '>=': 'gte' } as const
const ARITHMETIC = { '+': 'plus', '-': 'minus', '*': 'times', '/': 'dividedBy', '%': 'mod' } as const

/** A value as its column stores it. JSON is kept as the program has it. */
const storable = (type: ValueType | null, given: unknown): unknown =>
  type === null || given === null || type.dataType.name === 'json' ? given : type.check(given)

const boundValue = (node: ParameterNode) => storable(node.type, node.value)
const valuesOf = (node: ListNode) => node.values.map((each) => storable(node.type, each))

const value = (given: unknown): string => writeSource(valueSource(given))

/** Prints an expression as calls of builder methods on the columns `c`. */
export class ExpressionPrinter {
  constructor(readonly needs: PrinterNeeds) {}

  /** A function of the columns. */
  callback(node: ExpressionNode): Source {
    return `(c) => ${this.print(node)}`
  }

  print(node: ExpressionNode): string {
    switch (node.kind) {
      case 'column':
        // without "!", a project with noUncheckedIndexedAccess does not compile
        return `${member('c', node.name)}!`
      case 'parameter':
        return value(boundValue(node))
      case 'comparison':
        return this.#call(node.left, COMPARISONS[node.operator], node.right)
      case 'arithmetic':
        return this.#call(node.left, ARITHMETIC[node.operator], node.right)
      case 'logic':
        return this.#function(node.operator, node.items)
      case 'not':
        return this.#function('not', [node.item])
      case 'nullTest':
        return this.#call(node.operand, node.negated ? 'isNotNull' : 'isNull')
      case 'between':
        return this.#call(node.operand, node.negated ? 'notBetween' : 'between', node.low, node.high)
      case 'in':
        if (node.list.kind !== 'list') return refuse('a subquery')
        return `${this.print(node.operand)}.${node.negated ? 'notIn' : 'in'}(${value(valuesOf(node.list))})`
      case 'pattern':
        return this.#pattern(node)
      case 'regex':
        return this.#call(node.operand, node.insensitive ? 'iregex' : 'regex', node.pattern)
      case 'concat': {
        const [first, ...more] = node.items.map((item) =>
          item.kind === 'cast' && item.to === 'text' ? item.operand : item,
        )
        return first === undefined ? refuse('nothing') : this.#fn('concat', [first, ...more])
      }
      case 'cast':
        return `${this.print(node.operand)}.cast(${value(node.to)})`
      case 'call':
        return this.#named(node)
      case 'case':
        return this.#case(node)
      case 'raw':
        return this.#raw(node.texts, node.nodes)
      case 'identifier':
        this.needs.add('sql')
        return `sql.id(${node.path.map(value).join(', ')})`
      default:
        return refuse(`an expression of the kind "${node.kind}"`)
    }
  }

  #call(operand: ExpressionNode, method: string, ...args: readonly ExpressionNode[]): string {
    const printed = this.print(operand)
    // a value has no methods
    if (operand.kind === 'parameter') return refuse('an expression that begins with a value')
    return `${printed}.${method}(${args.map((arg) => this.print(arg)).join(', ')})`
  }

  #function(name: string, args: readonly ExpressionNode[]): string {
    this.needs.add(name)
    return `${name}(${args.map((arg) => this.print(arg)).join(', ')})`
  }

  #fn(name: string, args: readonly ExpressionNode[]): string {
    this.needs.add('fn')
    return `fn.${name}(${args.map((arg) => this.print(arg)).join(', ')})`
  }

  #pattern({ operand, mode, insensitive, negated, pattern }: PatternNode): string {
    if (negated && (mode !== 'like' || insensitive)) {
      this.needs.add('not')
      return `not(${this.#call(operand, insensitive ? `i${mode}` : mode, pattern)})`
    }
    return this.#call(operand, negated ? 'notLike' : insensitive ? `i${mode}` : mode, pattern)
  }

  #named(node: CallNode): string {
    const [first, ...more] = node.args as readonly ExpressionNode[]
    if (node.over !== undefined || node.filter !== undefined) return refuse('an aggregate')
    if (node.name === 'now' || node.name === 'random') {
      this.needs.add('fn')
      return `fn.${node.name}()`
    }
    if (first === undefined) return refuse(node.name)
    const options = node.zone === undefined ? '' : `{ timeZone: ${value(node.zone)} }`
    if (node.name === 'datePart') return `${this.print(first)}.${node.unit}(${options})`
    if (node.name === 'dateTruncate')
      return `${this.print(first)}.truncate(${[value(node.unit), options].filter((each) => each !== '').join(', ')})`
    if (node.name === 'translated') return this.#function('translated', [first, ...more])
    if (node.name === 'greatest' || node.name === 'least') return this.#fn(node.name, [first, ...more])
    if (!METHODS.has(node.name)) return refuse(node.name)
    const args = more.map((arg) => this.print(arg))
    if (node.count !== undefined && node.count !== 0) args.push(value(node.count))
    if (first.kind === 'parameter') return refuse('an expression that begins with a value')
    return `${this.print(first)}.${node.name}(${args.join(', ')})`
  }

  #case({ branches, otherwise }: Extract<ExpressionNode, { kind: 'case' }>): string {
    this.needs.add('caseWhen')
    const steps = branches.map(({ when, value: then }) => `(${this.print(when)}, ${this.print(then)})`)
    return `caseWhen${steps.join('.when')}.${otherwise === null ? 'end()' : `else(${this.print(otherwise)})`}`
  }

  #raw(texts: readonly string[], nodes: readonly ExpressionNode[]): string {
    this.needs.add('sql')
    const parts = texts.map((text, i) => {
      const escaped = text
        .replace(/[\\`]|\$(?=\{)/g, '\\$&')
        .replace(/\r/g, '\\r')
        .replace(/[\u2028\u2029\0]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
      const node = nodes[i]
      return node === undefined ? escaped : `${escaped}\${${this.print(node)}}`
    })
    return `sql\`${parts.join('')}\``
  }
}

/** Functions that are methods of an expression. */
const METHODS: ReadonlySet<string> = new Set([
  ...['lower', 'upper', 'length', 'trim', 'ltrim', 'rtrim', 'substring', 'replace', 'position'],
  ...['abs', 'round', 'floor', 'ceil', 'sign', 'coalesce', 'nullIf'],
])

function refuse(what: string): never {
  throw new MigrationError(
    `A check, an index or a generated column holds ${what}, which can't be written into a migration. Write it with the sql tag: sql\`…\`.`,
  )
}
