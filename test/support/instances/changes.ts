import { Decimal } from 'corm'
import type { Value, Values } from './memory.js'
import type { Instance, Thing } from './models.js'
import type { Change } from './steps.js'

// Values of fields, as instances hold them and as the model in memory does.

/** A value in a form that `===` compares. */
export function canon(value: unknown): Value {
  if (value instanceof Date) return `time ${value.getTime()}`
  if (value instanceof Uint8Array) return `bytes ${value.join()}`
  if (value instanceof Decimal) return `decimal ${value.toFixed(2)}`
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : (value as Value)
}

const SECOND = 1000

function made({ field, n }: Change, name: string): unknown {
  switch (field) {
    case 'name':
      return name
    case 'name!':
      return `${name}!`
    case 'at':
      return n === 0 ? null : new Date(n * SECOND)
    case 'fine':
    case 'changed':
      return new Date(n * SECOND)
    case 'bytes':
      return new Uint8Array([n, 1])
    case 'data':
      return { list: [n] }
    case 'price':
      return n === 0 ? null : new Decimal(`${n}.50`)
    default:
      return n
  }
}

const columnOf = (field: string) => field.replace('!', '')
const isInPlace = (field: string) => field.endsWith('!') && field !== 'name!'

export function changeInstance(instance: Instance, change: Change, name: string): void {
  const { field, n } = change
  const thing = instance as Thing
  if (!isInPlace(field)) (instance as unknown as Record<string, unknown>)[columnOf(field)] = made(change, name)
  else if (field === 'at!') thing.at?.setTime(n * SECOND)
  else if (field === 'bytes!') thing.bytes?.fill(n)
  else thing.data?.list.push(n)
}

export function changeTwin(values: Values, change: Change, name: string): void {
  const { field, n } = change
  const column = columnOf(field)
  const value = values[column]
  if (!isInPlace(field)) values[column] = canon(made(change, name))
  else if (typeof value !== 'string') return
  else if (field === 'at!') values.at = `time ${n * SECOND}`
  else if (field === 'bytes!') values.bytes = `bytes ${n},${n}`
  else values.data = value.replace(']', `,${n}]`)
}
