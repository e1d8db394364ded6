import { describe, expect, it } from 'vitest'
import { isPlainTextOf, plainText } from '../../src/util/plain-json.js'

/** Numbers from a seed, so that a failure can be repeated. */
function randoms(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

// few parts that JSON uses itself, so that different values have texts that are nearly the same
const PARTS = ['a', '"', '\\', ',', ':', '":"', '","', '\n', '\u2028', '😀', 'é', '[', ']', '{', '}', ' ', 'null', '1']
const NUMBERS = [0, -0, 1, 12, 1.5, -7, 1e21, 5e-324, Number.MAX_SAFE_INTEGER]

function make(random: (below: number) => number, levels: number): unknown {
  const text = () => Array.from({ length: random(4) }, () => PARTS[random(PARTS.length)]).join('')
  const kind = random(levels === 0 ? 4 : 8)
  if (kind === 0) return random(3) === 0 ? text().repeat(20) : text()
  if (kind === 1) return NUMBERS[random(NUMBERS.length)]
  if (kind === 2) return random(2) === 0
  if (kind === 3) return null
  if (kind < 6) return Array.from({ length: random(3) }, () => make(random, levels - 1))
  const object: Record<string, unknown> = random(3) === 0 ? Object.create(null) : {}
  for (let i = random(4); i > 0; i--) object[text()] = random(5) === 0 ? undefined : make(random, levels - 1)
  return object
}

describe('JSON texts by the quick way', () => {
  it('are those of JSON.stringify', () => {
    const random = randoms(1)
    for (let i = 0; i < 2000; i++) {
      const value = make(random, 3)
      expect(plainText(value, 10)).toBe(JSON.stringify(value))
    }
  })

  it('are of one value only', () => {
    const random = randoms(2)
    const values = Array.from({ length: 600 }, () => make(random, 2))
    const texts = values.map((value) => JSON.stringify(value))
    const wrong = values.flatMap((value, i) =>
      texts.filter((text) => isPlainTextOf(value, text) !== (texts[i] === text && !text.includes('\\'))),
    )
    expect(wrong).toEqual([])
    expect(texts.filter((text) => !text.includes('\\')).length).toBeGreaterThan(200)
  })

  it('may have the spaces that databases write', () => {
    expect(isPlainTextOf({ a: [1, 'x, y: z'], b: {} }, '{"a": [1, "x, y: z"], "b": {}}')).toBe(true)
    expect(isPlainTextOf({ a: 'x, y: z' }, '{"a": "x,y:z"}')).toBe(false)
  })

  const others: [string, unknown, string][] = [
    ['numbers that JSON does not have', { a: Number.NaN }, '{"a":null}'],
    ['lists with holes', [undefined], '[null]'],
    ['objects with toJSON', { a: { toJSON: () => 1 } }, '{"a":1}'],
    ['dates', { a: new Date(0) }, '{"a":"1970-01-01T00:00:00.000Z"}'],
    ['instances of classes', new (class Some {})(), '{}'],
    ['functions', { a: () => 1 }, '{}'],
    ['half of a surrogate pair', { a: '\ud800' }, '{"a":"\\ud800"}'],
    ['half of one in a name', { '\ud800': 1 }, '{"\\ud800":1}'],
    ['inherited properties', Object.create({ a: 1 }), '{}'],
  ]
  it.each(others)('are not made of %s', (_, value, text) => {
    expect(plainText(value, 10)).toBe(null)
    expect(isPlainTextOf(value, text)).toBe(false)
  })

  it('end at the deepest level', () => {
    expect(plainText([[[]]], 3)).toBe('[[[]]]')
    expect(plainText([[[]]], 2)).toBe(null)
    const circle: unknown[] = []
    circle.push(circle)
    expect(plainText(circle, 500)).toBe(null)
    expect(isPlainTextOf(circle, '[[[[]]]]')).toBe(false)
  })

  it('are not made while every object has something added', () => {
    Object.defineProperty(Object.prototype, 'extra', { value: 1, enumerable: true, configurable: true })
    let found: unknown[] = []
    try {
      found = [plainText({ a: 1 }, 10), isPlainTextOf({ a: 1 }, '{"a":1}')]
    } finally {
      Reflect.deleteProperty(Object.prototype, 'extra')
    }
    expect(found).toEqual([null, false])
  })
})
