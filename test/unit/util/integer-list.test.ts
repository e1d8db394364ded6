import { expect, it } from 'vitest'
import { parseIntegers } from '../../../src/util/integer-list.js'

it('parses what JSON.parse parses, or leaves it to that', () => {
  const lists = ['[]', '[0]', '[7]', '[1,2,3]', '[10,200,3000]', '[999999999999999]', '[123456789012345,1]']
  for (const text of lists) expect(parseIntegers(text)).toEqual(JSON.parse(text))
  const others = ['[-1]', '[1.5]', '[null]', '["1"]', '[1,null]', '[[1]]', '[1e3]', '[1, 2]', '[9007199254740993]']
  for (const text of [...others, '[1,9007199254740993]', '[9007199254740993,1]']) expect(parseIntegers(text)).toBeNull()
})
