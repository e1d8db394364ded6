import { Field, Model } from 'corm'
import { describe, expect, it } from 'vitest'
import { createMysqlDialect } from '../../../src/dialect/mysql/index.js'
import { postgresDialect } from '../../../src/dialect/postgres/index.js'
import { sqliteDialect } from '../../../src/dialect/sqlite/index.js'
import { Key } from '../../../src/metadata/key/key.js'
import { metadataOf } from '../../../src/metadata/metadata.js'

class Single extends Model({ id: Field.id() }) {}
class Several extends Model({
  a: Field.integer({ primaryKey: true }),
  b: Field.integer({ primaryKey: true }),
  c: Field.integer({ primaryKey: true }),
}) {}

const single = metadataOf(Single).key
const several = metadataOf(Several).key
const many = Array.from({ length: 70_000 }, (_, i) => i)

const sizes = (chunks: readonly (readonly unknown[])[]) => chunks.map((chunk) => chunk.length)

describe('keys of one statement', () => {
  it('of one field are as many as a list has place for', () => {
    const limits = { listParameter: false, maxParameters: 65_535, maxAlternatives: 10 }
    expect(sizes(single.chunks(many, limits))).toEqual([32_767, 32_767, 4_466])
    expect(sizes(single.chunks(many, { ...limits, listParameter: true }))).toEqual([70_000])
    expect(sizes(single.chunks(many, { ...limits, listParameter: true }, 50_000))).toEqual([50_000, 20_000])
    expect(single.chunks([], limits)).toEqual([])
  })

  it('of several fields share the parameters, and are alternatives', () => {
    const limits = { listParameter: true, maxParameters: 6_000, maxAlternatives: 2_000 }
    expect(several.chunks(many, limits)[0]).toHaveLength(1_000)
    expect(several.chunks(many, { ...limits, maxAlternatives: 10 })[0]).toHaveLength(10)
    expect(sizes(several.listChunks(many, limits))).toEqual([70_000])
    expect(several.listChunks(many, { ...limits, listParameter: false })[0]).toHaveLength(1_000)
    expect(several.chunks(many, { ...limits, maxParameters: 2 })[0]).toHaveLength(1)
  })

  it.each([
    ['sqlite', sqliteDialect],
    ['postgres', postgresDialect],
    ['mysql', createMysqlDialect({ mariadb: true, version: [11, 4, 0] })],
  ])('fit into those of %s', (_, { capabilities }) => {
    const { maxParameters, listParameter } = capabilities
    const [first] = several.chunks(many, capabilities)
    expect((first as number[]).length * 3).toBeLessThanOrEqual(maxParameters)
    const [list] = single.chunks(many, capabilities)
    expect((list as number[]).length).toBeLessThanOrEqual(listParameter ? many.length : maxParameters)
  })
})

describe('what a key is', () => {
  it('is read from rows and from what users write', () => {
    const row = { c: 3, b: 2, a: 1, other: 4 }
    expect(several.valuesIn(row)).toEqual([1, 2, 3])
    expect(several.formIn(row)).toEqual({ a: 1, b: 2, c: 3 })
    expect(several.read({ c: 3, b: 2, a: 1 })).toEqual([1, 2, 3])
    expect(single.formIn({ id: 5 })).toBe(5)
    expect(single.read(5)).toEqual([5])
  })

  it('has no equal while a part of it is missing', () => {
    expect(single.identityOf([null])).toBeUndefined()
    expect(several.identityOf([1, undefined, 3])).toBeUndefined()
    expect(several.identityOfStored([1, null, 3])).toBeUndefined()
  })

  it('tells where one part ends and the next begins', () => {
    const texts = metadataOf(
      class Texts extends Model({
        a: Field.string({ primaryKey: true }),
        b: Field.string({ primaryKey: true }),
      }) {},
    ).key
    const keys = [
      ['a', 'b,c'],
      ['a,b', 'c'],
      ['a","b', 'c'],
      ['a', 'b","c'],
      ['', 'a'],
      ['a', ''],
    ]
    expect(new Set(keys.map((key) => texts.identityOf(key))).size).toBe(keys.length)
  })

  it('is the same object for the same fields', () => {
    const { primaryKey } = metadataOf(Several)
    expect(Key.of(primaryKey)).toBe(Key.of(primaryKey))
  })
})
