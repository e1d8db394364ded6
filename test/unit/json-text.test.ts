import { Decimal } from 'decimal.js'
import { describe, expect, it } from 'vitest'
import { lostNumber } from '../../src/util/json-text.js'

const lost = (text: string) => lostNumber(text, JSON.parse(text))

/** Numbers from a seed, so that a failure can be repeated. */
function randoms(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

describe('numbers of JSON that JavaScript reads as others', () => {
  const kept = [
    ...['0', '-0', '0.0', '0e999', '1.50', '1e2', '100000000000000000000', '1e22', '1.7976931348623157e308', '5e-324'],
    ...[
      '9007199254740992',
      '-9007199254740991',
      '12345678901234567000',
      '12345678901234567e3',
      '0.1000000000000000055',
    ],
    ...['[0,0.30000000000000004,1e-7]', '"1e400"', '{"1e400":"9007199254740993"}', '"\\\\"', '"a\\"1e400"'],
    ...['{"id":"00000000000000000000000000000001","n":0,"m":1e20}', `"${'0'.repeat(400)}"`, '[0,"1e-400"]'],
  ]
  it.each(kept)('%s is kept', (text) => expect(lost(text)).toBe(null))

  const others = [
    ...['1e400', '-1e400', '1E+400', `1${'0'.repeat(400)}`, '9007199254740993', '-9007199254740993', '1e-400'],
    ...['9.007199254740993e15', '9007199254740993.0', '12345678901234567890', `0.${'0'.repeat(400)}1`],
  ]
  it.each(others)('%s is found wherever it stands', (text) => {
    for (const around of ['%', '[%]', '{"a":%}', '{"1e400":[0,"9007199254740993",{"b": %}],"c":2}', '["\\"", %, 1]'])
      expect(lost(around.replace('%', text))).toBe(text)
  })

  it('agrees with exact arithmetic on random numbers', () => {
    const random = randoms(7)
    const digits = (count: number) => Array.from({ length: count }, () => Math.floor(random() * 10)).join('')
    for (let i = 0; i < 5000; i++) {
      const whole = `${1 + Math.floor(random() * 9)}${digits(Math.floor(random() * 22))}`
      const fraction = random() < 0.3 ? `.${digits(1 + Math.floor(random() * 20))}` : ''
      const exponent = random() < 0.3 ? `e${random() < 0.5 ? '-' : ''}${Math.floor(random() * 400)}` : ''
      const text = whole + fraction + exponent
      const read = Number(text)
      const exact = new Decimal(text)
      const isOther = read === 0 || read === Infinity || (exact.isInteger() && !exact.eq(String(read)))
      expect([text, lost(`{"x":[${text}]}`) !== null]).toEqual([text, isOther])
    }
  })
})
