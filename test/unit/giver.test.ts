import { describe, expect, it } from 'vitest'
import { defineState, linkReaderOf, namedValues, Stateful } from '../../src/hydrate/state.js'
import { createGiver } from '../../src/model/read/giver.js'

// what stands behind the fields in a row is given by generated code, or by a loop where code can't be generated

class Tag extends Stateful {
  declare id: number
}
defineState(Tag.prototype)
const tag = (id: number) => Object.assign(new Tag(), { id })

describe.each([
  ['generated', true],
  ['in a loop', false],
] as const)('values besides fields, %s', (_, generate) => {
  const add = (raw: unknown) => (raw as number) + 1

  it('are taken out of the rows, decoded, and given by name', () => {
    const shown = [
      { name: 'likes', value: { from: 'between', place: 0 } },
      { name: "o'clock", value: { from: 'between', place: 1 } },
    ] as const
    const give = createGiver(Tag.prototype, { shown, pivot: null, link: null }, [add, null], generate)
    const [instances, rows] = [
      [tag(1), tag(2)],
      [
        [1, 10, 'a'],
        [2, null, 'b'],
      ],
    ]
    give?.(instances, rows, null)
    expect(rows).toEqual([[1], [2]])
    expect(instances.map((one) => ({ ...one }))).toEqual([
      { id: 1, likes: 11, "o'clock": 'a' },
      { id: 2, likes: null, "o'clock": 'b' },
    ])
    expect(instances.map(namedValues)).toEqual([
      ['likes', "o'clock"],
      ['likes', "o'clock"],
    ])
  })

  it('are those of a table between, wherever they are found', () => {
    const values = [
      { from: 'between', place: 0 },
      { from: 'target', name: 'id' },
      { from: 'source', name: 'key' },
      { from: 'relation', value: 'Post' },
    ] as const
    const pivot = values.map((value, i) => ({ name: ['rank', 'tagId', '__proto__', 'type'][i] as string, value }))
    const give = createGiver(Tag.prototype, { shown: [], pivot, link: values }, [add], generate)
    const instance = tag(7)
    const rows = [[7, 3]]
    give?.([instance], rows, [{ key: 'k' }])
    expect(rows).toEqual([[7]])
    expect(linkReaderOf(Tag.prototype)(instance)).toEqual([4, 7, 'k', 'Post'])
    expect(Object.entries((instance as unknown as { pivot: object }).pivot)).toEqual([
      ['rank', 4],
      ['tagId', 7],
      ['__proto__', 'k'],
      ['type', 'Post'],
    ])
  })

  it('are taken out where nothing is given', () => {
    const nothing = { shown: [], pivot: null, link: null }
    expect(createGiver(Tag.prototype, nothing, [], generate)).toBeNull()
    const instance = tag(1)
    const rows = [[1, 2, 3]]
    createGiver(Tag.prototype, nothing, [null, add], generate)?.([instance], rows, null)
    expect(rows).toEqual([[1]])
    expect({ ...instance }).toEqual({ id: 1 })
    expect(namedValues(instance)).toEqual([])
  })
})
