import { Database, DefinitionError, Field, Model, UsageError, ValidationError } from 'corm'
import { describe, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { looseField, looseModel } from '../support/loose.js'
import { useVectorTables } from '../support/vectors.js'

class Point extends Model({
  name: Field.string(),
  at: Field.vector(3),
  was: Field.vector(2, { nullable: true }),
  base: Field.vector(2, { default: [1, 2] }),
}) {}

const row = { name: 'a', at: [1, 2, 3] }
const issuesOf = async (work: () => unknown) => {
  try {
    await work()
  } catch (error) {
    if (error instanceof ValidationError) return error.issues
    throw error
  }
  return null
}

describe('Field.vector()', () => {
  it('refuses what makes no vector, and options that say nothing of one', () => {
    const vector = looseField.vector as (...args: unknown[]) => unknown
    for (const dimensions of [0, -1, 1.5, '3', 16_001, undefined])
      expect(() => vector(dimensions), String(dimensions)).toThrow(DefinitionError)
    for (const options of [
      { unique: true },
      { primaryKey: true },
      { choices: [[1, 2, 3]] },
      { index: 'hnsw' },
      { index: { method: 'btree' } },
      { index: { metric: 'manhattan' } },
      { index: { method: 'hnsw', lists: 3 } },
      { index: { method: 'ivfflat', m: 3 } },
      { index: { m: 1 } },
      { index: { speed: 3 } },
    ])
      expect(() => vector(3, options), JSON.stringify(options)).toThrow(DefinitionError)
    expect(() => vector(3, { index: { method: 'ivfflat', m: 3 } })).toThrow(
      'The index of Field.vector() with the method "ivfflat" has no option "m".',
    )
    expect(() => vector(3, { unique: true })).toThrow('Field.vector() takes no option "unique".')
  })

  it('has its index as an option, not among the indexes of the model', async () => {
    class Wrong extends looseModel({ at: Field.vector(3) }, { indexes: [{ fields: ['at'], method: 'hnsw' }] }) {}
    await using db = await Database.connect({ name: 'vectors-defined', url: 'sqlite::memory:' })
    expect(() => db.toSQLCreateTables([Wrong as never])).toThrow(
      `"Wrong.at" is a vector: its index is an option of the field: Field.vector(3, { index: { method: 'hnsw' } }).`,
    )
  })

  it('reads the JSON form in a schema, and says for a client what is wrong', () => {
    const { insert } = Point.schema
    expect(insert.parse(row)).toEqual({ name: 'a', at: new Float32Array([1, 2, 3]) })
    const wrong = (at: unknown) => {
      const result = insert.safeParse({ name: 'a', at })
      return result.success ? null : result.error.issues
    }
    expect(wrong('AAAA')).toEqual([{ path: 'at', code: 'type', message: 'expects a list of numbers' }])
    expect(wrong([1, '2', 3])).toEqual([{ path: 'at', code: 'type', message: 'expects a list of numbers' }])
    expect(wrong([1, 2])).toEqual([
      { path: 'at', code: 'dimensions', message: 'needs 3 dimensions, and the vector has 2' },
    ])
  })
})

describeDatabases('vectors', (database) => {
  useVectorTables(database, [Point])

  it('are given as arrays or Float32Arrays, and are read as Float32Arrays', async () => {
    const point = await Point.create(row)
    expect(point.at).toEqual(new Float32Array([1, 2, 3]))
    expect(point.base).toEqual(new Float32Array([1, 2]))
    expect(point.was).toBeNull()
    const given = new Float32Array([9, 0.1, -1e-7, 1e17, 9]).subarray(1, 4)
    await Point.createMany([
      { name: 'b', at: given, was: [0.1, 0.2] },
      { name: 'c', at: Float64Array.of(1, 0, 0) as never },
    ])
    await Point.insertMany([{ name: 'd', at: [0, 0, 1], base: [3, 4] }])
    const read = await Point.query().orderBy('name')
    expect(read.map(({ at, was, base }) => [at, was, base])).toEqual([
      [new Float32Array([1, 2, 3]), null, new Float32Array([1, 2])],
      [new Float32Array([0.1, -1e-7, 1e17]), new Float32Array([0.1, 0.2]), new Float32Array([1, 2])],
      [new Float32Array([1, 0, 0]), null, new Float32Array([1, 2])],
      [new Float32Array([0, 0, 1]), null, new Float32Array([3, 4])],
    ])
    expect(await Point.query().orderBy('name').limit(1).pluck('at')).toEqual([new Float32Array([1, 2, 3])])
    expect(await Point.query().orderBy('name').limit(1).values('name', 'was')).toEqual([{ name: 'a', was: null }])
  })

  it('are arrays of numbers in JSON', async () => {
    const point = await Point.create({ ...row, was: [0.5, -2] })
    expect(JSON.parse(JSON.stringify(point))).toEqual({
      id: point.id,
      name: 'a',
      at: [1, 2, 3],
      was: [0.5, -2],
      base: [1, 2],
    })
    expect(point.toObject().at).toEqual(new Float32Array([1, 2, 3]))
  })

  it('are saved when they were changed in place, and not when nothing changed', async () => {
    const created = await Point.create(row)
    for (const point of [created, await Point.query().sole()]) {
      expect(point.isDirty()).toBe(false)
      point.at[0] = 7
      expect(point.getChanges()).toEqual({ at: [new Float32Array([1, 2, 3]), new Float32Array([7, 2, 3])] })
      expect(point.getOriginal('at')).toEqual(new Float32Array([1, 2, 3]))
      await point.save()
      expect(point.isDirty()).toBe(false)
      expect(await Point.query().pluck('at')).toEqual([new Float32Array([7, 2, 3])])
      point.at[0] = 1
      await point.save()
    }
    created.at = [1, 2, 3] as never
    expect(created.isDirty()).toBe(false)
  })

  it('belong to one instance each: a default is copied, and so is a clone', async () => {
    const [one, other] = await Point.createMany([row, row])
    one?.base.fill(9)
    expect(other?.base).toEqual(new Float32Array([1, 2]))
    const copy = other?.clone()
    copy?.at.fill(9)
    expect(other?.isDirty()).toBe(false)
  })

  it('are updated for rows of a query, for many instances, and by upserts', async () => {
    const [a, b] = await Point.createMany([row, { ...row, name: 'b' }])
    expect(await Point.where('name', 'a').update({ at: [4, 5, 6] })).toBe(1)
    expect((await a?.refresh())?.at).toEqual(new Float32Array([4, 5, 6]))
    if (a === undefined || b === undefined) throw new Error('not created')
    a.at = new Float32Array([1, 1, 1])
    b.at = new Float32Array([2, 2, 2])
    b.was = new Float32Array([3, 3])
    a.was = new Float32Array([4, 4])
    await Point.saveMany([a, b])
    expect(await Point.query().orderBy('id').valuesList('at', 'was')).toEqual([
      [new Float32Array([1, 1, 1]), new Float32Array([4, 4])],
      [new Float32Array([2, 2, 2]), new Float32Array([3, 3])],
    ])
    await Point.upsert({ id: a.id, name: 'c', at: [0, 0, 5] } as never, { conflict: ['id'], guarded: true } as never)
    expect((await a.refresh()).at).toEqual(new Float32Array([0, 0, 5]))
  })

  it.each([
    ['wrong dimensions', [1, 2], 'dimensions', 'needs 3 dimensions, and the vector has 2'],
    ['no dimensions', [], 'dimensions', 'needs 3 dimensions, and the vector has 0'],
    ['NaN', [1, Number.NaN, 3], 'finite', 'holds NaN at position 1'],
    [
      'an infinite number',
      new Float32Array([1, 2, Number.NEGATIVE_INFINITY]),
      'finite',
      'holds -Infinity at position 2',
    ],
    ['a number too large for 32 bits', [1e39, 0, 0], 'finite', 'holds Infinity at position 0'],
    ['zeros only', [0, -0, 0], 'zero', 'is a zero vector, which is near to no other'],
    [
      'too long for distances',
      [1e38, 1e38, 0],
      'length',
      'has the length 1.4e+38, and distances need one from 1e-18 to 1e18',
    ],
    [
      'too short for them',
      [0, 1e-30, 0],
      'length',
      'has the length 1.0e-30, and distances need one from 1e-18 to 1e18',
    ],
    ['text', '[1,2,3]', 'type', 'expects a Float32Array or an array of numbers, not a string'],
    ['texts', ['1', '2', '3'], 'type', 'expects a Float32Array or an array of numbers, not a list'],
    ['bytes', new Uint8Array(12), 'type', 'expects a Float32Array or an array of numbers, not bytes'],
  ])('are refused before SQL: %s', async (_, at, code, message) => {
    const issues = [{ path: 'at', code, message }]
    const before = database.db.lastSQL
    expect(await issuesOf(() => Point.create({ name: 'a', at: at as never }))).toEqual(issues)
    expect(await issuesOf(() => Point.insertMany([{ name: 'a', at: at as never }]))).toEqual(issues)
    expect(await issuesOf(() => Point.where('name', 'a').update({ at: at as never }))).toEqual(issues)
    expect(await issuesOf(() => Point.query().nearest('at', at as never))).toEqual(issues)
    expect(database.db.lastSQL).toBe(before)
    const point = new Point({ name: 'a', at: [1, 2, 3] })
    point.at = at as never
    expect(await issuesOf(() => point.save())).toEqual(issues)
  })

  it('are compared with null, and by nothing else', async () => {
    await Point.createMany([row, { ...row, name: 'b', was: [1, 2] }])
    expect(await Point.where('was', null).pluck('name')).toEqual(['a'])
    expect(await Point.query().whereNotNull('was').pluck('name')).toEqual(['b'])
    const loose = Point as any
    const refused = 'A vector is not compared by an operator. Search by nearest()'
    for (const query of [
      () => loose.where('at', [1, 2, 3]),
      () => loose.where('at', new Float32Array(3)),
      () => loose.where({ at: new Float32Array(3) }),
      () => loose.where('at', '>', new Float32Array(3)),
      () => loose.where('at', 'in', [new Float32Array(3)]),
      () => loose.query().whereIn('at', [[1, 2, 3]]),
      () => loose.query().whereBetween('at', [[1], [2]]),
      () => loose.where((c: any) => c.at.eq(new Float32Array(3))),
      () => loose.query().whereColumn('at', '=', 'base'),
    ]) {
      expect(query).toThrow(UsageError)
      expect(query).toThrow(refused)
    }
    expect(() => loose.query().filter([['at', '=', [1, 2, 3]]])).toThrow(ValidationError)
    expect(() => loose.query().sort('at')).toThrow(ValidationError)
  })
})
