import { nodeOf } from '../../ast/brand.js'
import { holdsIntegers, type ValueType } from '../../ast/data-type.js'
import type { CaseNode, ExpressionNode } from '../../ast/expression.js'
import { UndefinedValueError, UsageError } from '../../errors.js'
import { plainTypes } from '../../field/plain-type.js'
import { limitArguments } from '../../util/arguments.js'
import { at } from '../../util/list.js'
import { caseSteps } from '../argument-counts.js'
import { refuseOtherArrays } from './array-types.js'
import { literalType } from './constant.js'
import { Expr } from './expression.js'
import { besideDecimals, commonNumber, decimalWith } from './number-types.js'
import { expressionOf, isQuery, operand } from './operand.js'
import { valueTypeOf } from './value-type.js'

interface Branch {
  readonly when: ExpressionNode
  readonly value: unknown
}

/** A CASE without its end(). Its values are bound by end(), because only then all of their types are known. */
export class CaseSteps {
  constructor(readonly branches: readonly Branch[]) {}

  when(condition: unknown, value: unknown): CaseSteps {
    const when = expressionOf(condition, 'A CASE takes conditions, like c.age.gt(18)')
    if (value === undefined) throw new UndefinedValueError('A value of a CASE is undefined. Use null for no value.')
    return new CaseSteps([...this.branches, { when, value }])
  }

  else(value: unknown): Expr {
    if (value === undefined) throw new UndefinedValueError('A value of a CASE is undefined. Use end() for no value.')
    return this.#made(value)
  }

  end(): Expr {
    return this.#made(undefined)
  }

  #made(otherwise: unknown): Expr {
    const values = this.branches.map((branch) => branch.value)
    const type = commonType(otherwise === undefined ? values : [...values, otherwise])
    const bound = (value: unknown) => besideDecimals(operand(value, type), type)
    const branches = this.branches.map(({ when, value }) => ({ when, value: bound(value) }))
    const last = otherwise === undefined ? null : bound(otherwise)
    return new Expr({ kind: 'case', branches, otherwise: last, type } satisfies CaseNode)
  }
}

limitArguments(CaseSteps.prototype, caseSteps)

export const caseWhen = (condition: unknown, value: unknown): CaseSteps => new CaseSteps([]).when(condition, value)

const isExpression = (value: unknown) => nodeOf(value) !== undefined || isQuery(value)

/**
 * The common type of the values. A decimal that holds all of them comes first, then the type of the first typed expression.
 * Without typed expressions, the type of the plain values.
 */
export function commonType(values: readonly unknown[]): ValueType | null {
  const types = values.filter(isExpression).map((value) => valueTypeOf(operand(value, null)))
  const known = types.filter((type) => type !== null)
  refuseOtherArrays(known[0] ?? null, known, 'A CASE')
  const given = values.filter((value) => !isExpression(value) && value !== null)
  const decimal = decimalWith(known, given)
  if (decimal !== null) return decimal
  const literals = given.map(typeOfLiteral)
  if (known.length > 0) {
    const first = commonNumber(known) ?? at(known, 0)
    const fraction = holdsIntegers(first.dataType) && literals.includes(plainTypes.number)
    return fraction ? plainTypes.number : first
  }
  if (literals.length === 0) return null
  const kinds = new Set(literals)
  if (kinds.size === 1) return at(literals, 0)
  if (kinds.size === 2 && kinds.has(plainTypes.integer) && kinds.has(plainTypes.number)) return plainTypes.number
  throw new UsageError('The values of a CASE are of different types. Give all of them as one type.')
}

function typeOfLiteral(value: unknown): ValueType {
  const type = literalType(value)
  if (type !== null) return type
  throw new UsageError('A value of a CASE is a text, number, bigint, boolean, Date, null or an expression.')
}
