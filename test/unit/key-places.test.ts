import { describe, expect, it } from 'vitest'
import { keyPlaces, NOWHERE } from '../../src/relation/key-places.js'

/** The same by a list that is searched. */
function expected(keys: readonly unknown[]) {
  const distinct: unknown[] = []
  const each = keys.map((key) => {
    if (key === undefined) return NOWHERE
    if (!distinct.includes(key)) distinct.push(key)
    return distinct.indexOf(key)
  })
  return { each, first: distinct.map((key) => keys.indexOf(key)), distinct }
}

describe('the places of keys', () => {
  it.each([
    ['none', []],
    ['nothing but missing ones', [undefined, undefined]],
    ['one', [7]],
    ['integers close to each other', [5, 3, 3, undefined, 4, 9, 5, -2, 0]],
    ['integers far from each other', [1, 1_000_000, 1, undefined, -1_000_000, 1_000_000]],
    ['the greatest and least integers', [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]],
    ['integers that are too large for a number', [2n ** 60n, 1, 2n ** 60n + 1n, 2n ** 60n, 1]],
    ['texts', ['a', 'b', undefined, 'a', '1']],
    ['texts and numbers', [1, '1', 2, '2', 1]],
    ['fractions', [1, 1.5, 1.5, 2]],
  ])('of %s', (_, keys) => {
    const places = keyPlaces(keys)
    const { each, first, distinct } = expected(keys)
    expect(places.each).toEqual(each)
    expect(places.first).toEqual(first)
    expect(distinct.map((key) => places.of(key))).toEqual([...distinct.keys()])
    const others = ['none', 123_456, -123_456, 1n, 0.5, undefined, null, '3'].filter((key) => !distinct.includes(key))
    for (const other of others) expect(places.of(other)).toBe(NOWHERE)
  })
})
