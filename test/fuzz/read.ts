import { Decimal } from 'corm'
import type { Chain } from './chain.js'
import type { Answer, LoadShape, RowShape } from './reference.js'
import { SHOWN, showNumber, trimmed } from './values.js'

// What corm answered, as the texts that the reference writes.

export function show(value: unknown): string {
  if (value === null) return 'null'
  if (value === undefined) return 'undefined'
  if (typeof value === 'number') return showNumber(value)
  if (typeof value === 'bigint') return `${value}n`
  if (Decimal.isDecimal(value)) return `dec ${trimmed((value as Decimal).toFixed(SHOWN))}`
  if (value instanceof Date) return `time ${value.toISOString()}`
  return JSON.stringify(value)
}

type Loose = Record<string, unknown>

function showRow(row: Loose, shape: RowShape): string {
  const own = shape.fields.map(({ name }) => `${name} ${show(row[name])}`)
  return [...own, ...shape.loads.map((load) => `${load.relation} ${showLoaded(row[load.relation], load)}`)].join(', ')
}

function showLoaded(value: unknown, { many, ordered, shape }: LoadShape): string {
  if (!many) return value === null ? 'null' : `{${showRow(value as Loose, shape)}}`
  const texts = [...(value as Iterable<Loose>)].map((row) => `{${showRow(row, shape)}}`)
  return `[${(ordered ? texts : texts.sort()).join(' ')}]`
}

export type Read = Pick<Answer, 'items' | 'also'>

/** Reads the answer of a chain; fields that it should not have are looked for. */
export function read(chain: Chain, result: unknown, shape: RowShape): Read {
  const rows = (list: unknown) => (list as Loose[]).map((row) => showRow(row, shape))
  switch (chain.end.e) {
    case 'get':
    case 'stream':
    case 'walk':
      return { items: rows(result), also: '' }
    case 'values':
      return { items: rows(result), also: '' }
    case 'batches':
    case 'idBatches':
      return { items: rows((result as Loose[][]).flat()), also: '' }
    case 'first':
    case 'last':
    case 'find':
    case 'sole':
    case 'soleOrNull':
      return { items: result === null ? [] : rows([result]), also: '' }
    case 'pluck':
      return { items: rows((result as unknown[]).map((value) => ({ [shape.fields[0]?.name ?? '']: value }))), also: '' }
    case 'valuesList':
      return {
        items: rows(
          (result as unknown[][]).map((row) => Object.fromEntries(shape.fields.map(({ name }, at) => [name, row[at]]))),
        ),
        also: '',
      }
    case 'aggregate':
      return { items: rows(Array.isArray(result) ? result : [result]), also: '' }
    case 'paginate': {
      const page = result as Loose
      const also = `${page.total} rows, page ${page.number} of ${page.pages}, ${page.hasNext}, ${page.hasPrevious}`
      return { items: rows(page.items), also }
    }
    case 'update': {
      const [count, after] = result as [number, Loose[]]
      return { items: rows(after), also: `${count} rows` }
    }
    case 'delete': {
      const [count, after] = result as [number, Loose[]]
      return { items: [], also: `${count} rows; ${after.map(({ id }) => id).join()}` }
    }
    default:
      return { items: [], also: show(result) }
  }
}

/** Whether the same rows came, in an order that the query allows. */
export function isSame(expected: Answer, got: Read): boolean {
  if (expected.also !== got.also || expected.items.length !== got.items.length) return false
  let from = 0
  while (from < expected.items.length) {
    let to = from + 1
    while (to < expected.items.length && expected.runs[to] === expected.runs[from]) to++
    if (to === from + 1) {
      if (expected.items[from] !== got.items[from]) return false
    } else {
      const [one, two] = [expected.items, got.items].map((items) => items.slice(from, to).sort())
      if (one?.join('\n') !== two?.join('\n')) return false
    }
    from = to
  }
  return true
}
