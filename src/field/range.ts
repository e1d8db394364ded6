import { Decimal } from 'decimal.js'
import { DefinitionError } from '../errors.js'
import { textIn } from '../util/expect.js'
import type { FieldKind, Refuse } from './kind.js'
import type { FieldOptions } from './options.js'

// The least and the greatest value of numbers, decimals, dates and times.

interface Bound {
  readonly canonical: unknown
  /** The bound as messages show it. */
  readonly text: string
}

/** The kind with the options `min` and `max`, which are values of the field and belong to its range. */
export function ranged(call: string, kind: FieldKind, { min, max }: Pick<FieldOptions, 'min' | 'max'>): FieldKind {
  if (min === undefined && max === undefined) return kind
  const [low, high] = [boundOf(call, kind, 'min', min), boundOf(call, kind, 'max', max)]
  const compare = kind.dataType.name === 'decimal' ? compareDecimals : compareValues
  if (low !== null && high !== null && compare(low.canonical, high.canonical) > 0)
    throw new DefinitionError(`The option "min" of ${call} is above "max".`)
  const [before, after] = isTime(kind) ? ['not be before', 'not be after'] : ['be at least', 'be at most']
  return {
    ...kind,
    ...quickTest(kind, low, high),
    range: { min: low?.canonical, max: high?.canonical },
    rules(value, addIssue) {
      const canonical = kind.check(value, giveUp)
      if (low !== null && compare(canonical, low.canonical) < 0)
        addIssue('range', `must ${before} ${low.text}`, { min: shown(low) })
      if (high !== null && compare(canonical, high.canonical) > 0)
        addIssue('range', `must ${after} ${high.text}`, { max: shown(high) })
    },
  }
}

/** Numbers are compared where the row is read; other values are converted first. */
function quickTest({ accepts }: FieldKind, low: Bound | null, high: Bound | null): Partial<FieldKind> {
  const isNumber = [low, high].every((bound) => bound === null || typeof bound.canonical === 'number')
  if (!isNumber || accepts === undefined) return { acceptsRules: false }
  const limits = (v: string) =>
    `${low === null ? '' : ` && ${v} >= ${low.text}`}${high === null ? '' : ` && ${v} <= ${high.text}`}`
  return { acceptsRules: true, accepts: (v) => `${accepts(v)}${limits(v)}` }
}

const isTime = ({ dataType: { name } }: FieldKind) => name === 'date' || name === 'time' || name === 'dateTime'

/** Its rules run on what the field has accepted. */
const giveUp: Refuse = () => {
  throw new RangeError('not a value of this field')
}

function boundOf(call: string, kind: FieldKind, name: string, given: unknown): Bound | null {
  if (given === undefined) return null
  const cast = kind.cast?.(given) ?? given
  const canonical = kind.check(cast, (_, message) => {
    throw new DefinitionError(`The option "${name}" of ${call} is not a value of the field: it ${message}.`)
  })
  return { canonical, text: canonical instanceof Date ? canonical.toISOString() : String(canonical) }
}

const compareDecimals = (a: unknown, b: unknown): number => new Decimal(textIn(a)).cmp(textIn(b))

/** Canonical dates and times sort as texts. */
function compareValues(a: unknown, b: unknown): number {
  const [x, y] = [a, b] as [number, number]
  return x < y ? -1 : x > y ? 1 : 0
}

/** The bound for programs: a number, or its text. */
const shown = ({ canonical, text }: Bound) => (typeof canonical === 'number' ? canonical : text)
