import { describe, expect, it } from 'vitest'
import { createValueSetter } from '../../src/model/read/extra-values.js'

// what stands behind the fields in a row is given by generated code, or by a loop where code can't be generated

const alone = { owners: null, keys: null }

describe.each([
  ['generated', true],
  ['in a loop', false],
] as const)('values besides fields, %s', (_, generate) => {
  const add = (raw: unknown) => (raw as number) + 1

  it('are taken out of the rows, decoded, and given by name', () => {
    const shown = [
      { name: 'likes', value: { from: 'joinTable', place: 0 } },
      { name: "o'clock", value: { from: 'joinTable', place: 1 } },
    ] as const
    const give = createValueSetter({ shown, pivot: null, absent: null, owner: null }, [add, null], generate)
    const [instances, rows] = [
      [{ id: 1 }, { id: 2 }],
      [
        [1, 10, 'a'],
        [2, null, 'b'],
      ],
    ]
    give?.(instances, rows, alone)
    expect(rows).toEqual([[1], [2]])
    expect(instances).toEqual([
      { id: 1, likes: 11, "o'clock": 'a' },
      { id: 2, likes: null, "o'clock": 'b' },
    ])
  })

  it('may be decoded as null', () => {
    const shown = [{ name: 'data', value: { from: 'joinTable', place: 0 } }] as const
    const give = createValueSetter(
      { shown, pivot: null, absent: null, owner: null },
      [(raw) => JSON.parse(raw as string)],
      generate,
    )
    const instance = {}
    give?.([instance], [['null']], alone)
    expect(instance).toEqual({ data: null })
  })

  it('are those of a join table, wherever they are found', () => {
    const values = [
      { from: 'joinTable', place: 0 },
      { from: 'target', name: 'id' },
      { from: 'source', name: 'key' },
      { from: 'relation', value: 'Post' },
    ] as const
    const pivot = values.map((value, i) => ({ name: ['rank', 'tagId', '__proto__', 'type'][i] as string, value }))
    const give = createValueSetter({ shown: [], pivot, absent: null, owner: values }, [add], generate)
    const instance = { id: 7 }
    const keys: unknown[] = []
    const rows = [[7, 3]]
    give?.([instance], rows, { owners: [{ key: 'k' }], keys })
    expect(rows).toEqual([[7]])
    expect(keys).toEqual([[4, 7, 'k', 'Post']])
    expect(Object.entries((instance as unknown as { pivot: object }).pivot)).toEqual([
      ['rank', 4],
      ['tagId', 7],
      ['__proto__', 'k'],
      ['type', 'Post'],
    ])
  })

  it('of a join table throw where a field is left out', () => {
    const pivot = [{ name: 'rank', value: { from: 'joinTable', place: 0 } }] as const
    const absent = {
      secret: {
        get() {
          throw new Error('left out')
        },
      },
    }
    const give = createValueSetter({ shown: [], pivot, absent, owner: null }, [null], generate)
    const instance = { id: 7 } as { pivot?: { rank: number; secret: string } }
    give?.([instance], [[7, 3]], alone)
    expect(instance.pivot).toEqual({ rank: 3 })
    expect(() => instance.pivot?.secret).toThrow('left out')
  })

  it('tell the key of an owner, of one field as it is', () => {
    const owner = [{ from: 'joinTable', place: 1 }] as const
    const give = createValueSetter({ shown: [], pivot: null, absent: null, owner }, [null, null], generate)
    const keys: unknown[] = []
    give?.(
      [{}, {}],
      [
        [0, 'a'],
        [0, null],
      ],
      { owners: null, keys },
    )
    expect(keys).toEqual(['a', null])
    give?.([{}], [[0, 'a']], alone)
    expect(keys).toHaveLength(2)
  })

  it('are taken out where nothing is given', () => {
    const nothing = { shown: [], pivot: null, absent: null, owner: null }
    expect(createValueSetter(nothing, [], generate)).toBeNull()
    const instance = { id: 1 }
    const rows = [[1, 2, 3]]
    createValueSetter(nothing, [null, add], generate)?.([instance], rows, alone)
    expect(rows).toEqual([[1]])
    expect(instance).toEqual({ id: 1 })
  })
})
