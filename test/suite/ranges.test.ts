import { Decimal, DefinitionError, Field, Model, ValidationError } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Limit extends Model(
  {
    small: Field.smallInteger({ min: -2, max: 2, nullable: true }),
    whole: Field.integer({ min: 0, nullable: true }),
    big: Field.bigInteger({ min: -5n, max: 9007199254740993n, nullable: true }),
    text: Field.bigInteger({ as: 'string', max: '10', nullable: true }),
    real: Field.float({ min: 0.1, max: 0.9, nullable: true }),
    price: Field.decimal({
      precision: 20,
      scale: 2,
      min: '-0.01',
      max: new Decimal('123456789012345678.90'),
      nullable: true,
    }),
    day: Field.date({ min: '2020-02-29', max: '2024-12-31', nullable: true }),
    time: Field.time({ min: '08:00', max: '18:00:00.5', nullable: true }),
    at: Field.dateTime({ min: new Date('2020-01-01T00:00:00.001Z'), nullable: true }),
    fine: Field.dateTime({ precision: 6, max: new Date('2024-01-01T00:00:00.000Z'), nullable: true }),
  },
  { table: 'range_limits' },
) {}

type Name = 'small' | 'whole' | 'big' | 'text' | 'real' | 'price' | 'day' | 'time' | 'at' | 'fine'
const accepted: Record<Name, readonly unknown[]> = {
  small: [-2, 0, 2],
  whole: [0, 2_147_483_647],
  big: [-5n, 9007199254740993n, 3],
  text: ['10', '-9000000000000000000', 9],
  real: [0.1, 0.5, 0.9],
  price: ['-0.01', 0, '123456789012345678.90', new Decimal('9.99')],
  day: ['2020-02-29', '2024-12-31'],
  time: ['08:00', '08:00:00.000001', '18:00:00.500000'],
  at: [new Date('2020-01-01T00:00:00.001Z'), new Date('9999-01-01T00:00:00Z')],
  fine: [new Date('2024-01-01T00:00:00.000Z'), new Date('0001-01-01T00:00:00.000Z')],
}
const refused: Record<Name, readonly unknown[]> = {
  small: [-3, 3],
  whole: [-1],
  big: [-6n, 9007199254740994n, -6],
  text: ['11', 11],
  real: [0.09999999999999999, 0.9000000000000001, 1],
  price: ['-0.02', '123456789012345678.91'],
  day: ['2020-02-28', '2025-01-01'],
  time: ['07:59:59.999999', '18:00:00.500001'],
  at: [new Date('2020-01-01T00:00:00.000Z')],
  fine: [new Date('2024-01-01T00:00:00.001Z')],
}

const each = (values: Record<Name, readonly unknown[]>) =>
  Object.entries(values).flatMap(([name, list]) => list.map((value) => ({ [name]: value })))

describeDatabases('min and max of a field', (database) => {
  database.useTables([Limit])

  it('accept their own values in every write', async () => {
    for (const data of each(accepted)) {
      const row = await Limit.create(data as object)
      await row.refresh()
      expect(
        await Limit.query()
          .where(data as object)
          .whereKey(row.id)
          .exists(),
        JSON.stringify(Object.keys(data)),
      ).toBe(true)
    }
    await Limit.createMany(each(accepted) as object[])
    expect(await Limit.query().count()).toBe(2 * each(accepted).length)
  })
  it('refuse what is beyond them in every write', async () => {
    const row = await Limit.create({})
    for (const data of each(refused) as object[]) {
      const name = Object.keys(data).join()
      const writes = [
        () => Limit.create(data),
        () => Limit.createMany([{}, data]),
        () => Limit.insertMany([data]),
        () => row.update(data),
        () => Limit.where('id', row.id).update(data),
        () => Limit.upsert({ id: row.id, ...data } as never, { conflict: 'id', guarded: true }),
      ]
      for (const write of writes) {
        const error = await (async () => write())().then(
          () => null,
          (thrown: unknown) => thrown,
        )
        expect(error, `${name} ${write}`).toBeInstanceOf(ValidationError)
        expect((error as ValidationError).issues).toEqual([
          {
            path: name,
            code: 'range',
            message: expect.stringMatching(/^must (be at (least|most)|not be (before|after)) /),
            params: expect.anything(),
          },
        ])
      }
      await row.refresh()
    }
    expect(await Limit.query().count()).toBe(1)
  })
  it('are no limits of conditions', async () => {
    await Limit.create({ whole: 3, day: '2024-01-01' })
    expect(await Limit.where('whole', '>', -100).where('day', '<', '2100-01-01').count()).toBe(1)
  })
  it('say the limit, for people and for programs', () => {
    const issues = Limit.schema.insert.safeParse({ small: 9, price: '-1', day: '2019-01-01' }).error?.issues
    expect(issues).toEqual([
      { path: 'small', code: 'range', message: 'must be at most 2', params: { max: 2 } },
      { path: 'price', code: 'range', message: 'must be at least -0.01', params: { min: '-0.01' } },
      { path: 'day', code: 'range', message: 'must not be before 2020-02-29', params: { min: '2020-02-29' } },
    ])
  })
})

it('min and max that are no values of the field are a DefinitionError', () => {
  const wrong: (() => unknown)[] = [
    () => Field.integer({ min: 1.5 }),
    () => Field.smallInteger({ max: 100_000 }),
    () => Field.integer({ min: 3, max: 2 }),
    () => Field.decimal({ precision: 4, scale: 2, max: '1.234' }),
    () => Field.date({ min: '2024-02-30' }),
    () => Field.date({ min: new Date() as never }),
    () => Field.time({ min: '25:00' }),
    () => Field.dateTime({ max: '2024-01-01' as never }),
    () => Field.float({ max: Number.NaN }),
    () => Field.integer({ min: null as never }),
    () => Field.integer({ min: (() => 1) as never }),
    () => Field.string({ min: '2' as never }),
    () => Field.string({ max: -1 }),
  ]
  for (const define of wrong) expect(define, String(define)).toThrow(DefinitionError)
})
