import { Field, Model, ValidationError } from 'corm'
import { Decimal } from 'decimal.js'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

const NOON = new Date('2024-05-01T12:00:00Z')
const ID = '018F3F2A-7B1C-7D2E-8F3A-0123456789AB'

class Ticket extends Model({
  price: Field.decimal({ precision: 6, scale: 2, choices: [new Decimal('1.5'), new Decimal('20')] }),
  digits: Field.decimal({ precision: 6, scale: 2, as: 'string', choices: ['1.5', '20.00'] }),
  at: Field.dateTime({ choices: [NOON, new Date(0)] }),
  day: Field.date({ choices: ['2024-05-01', '2024-05-02'] }),
  hour: Field.time({ choices: ['12:00:00', '13:30:00'] }),
  data: Field.json<unknown>({ choices: [{ a: [1, 2], b: null }, ['x'], 7] }),
  bytes: Field.binary({ choices: [new Uint8Array([1, 2]), new Uint8Array([])] }),
  uuid: Field.uuid({ choices: [ID] }),
  big: Field.bigInteger({ choices: [1n, 2n ** 60n] }),
  ratio: Field.float({ choices: [0.1, 0] }),
  size: Field.integer({ choices: [1, 2], nullable: true }),
}) {}

const given = () => ({
  price: new Decimal('1.50'),
  digits: '20',
  at: new Date(NOON),
  day: '2024-05-02',
  hour: '12:00:00',
  data: { b: null, a: [1, 2] } as unknown,
  bytes: new Uint8Array([1, 2]),
  uuid: ID.toLowerCase(),
  big: 2n ** 60n,
  ratio: 0,
  size: 2 as number | null,
})

describeDatabases('choices', (database) => {
  database.useTables([Ticket])

  it('hold whatever form of their values is given, for each type', async () => {
    const { id } = await Ticket.create(given())
    const read = await Ticket.findOrFail(id)
    expect(read.isDirty()).toBe(false)
    expect([String(read.price), read.digits, read.at, read.uuid, read.big]).toEqual([
      '1.5',
      '20.00',
      NOON,
      ID.toLowerCase(),
      2n ** 60n,
    ])
    // what was read is one of them, and what is declared is
    await Ticket.create({
      ...given(),
      price: read.price,
      digits: read.digits,
      at: read.at,
      data: read.data,
      bytes: read.bytes,
    })
    await Ticket.create({
      ...given(),
      price: '20',
      uuid: ID,
      size: null,
      data: ['x'],
      bytes: new Uint8Array([]),
      ratio: -0,
    })
    Object.assign(read, { price: 20, at: new Date(0), data: 7 })
    await read.save()
    expect(await Ticket.where('id', id).update({ digits: '1.50', bytes: new Uint8Array() })).toBe(1)
    await Ticket.insertMany([given(), { ...given(), hour: '13:30:00' }])
    expect(await Ticket.count()).toBe(5)
    expect(() => Ticket.schema.insert.parse(given())).not.toThrow()
  })

  it('refuse all else', async () => {
    const wrong = {
      price: ['1.51', 0, new Decimal('-1.5')],
      digits: ['1.51', '2'],
      at: [new Date(1), new Date(NOON.getTime() + 1)],
      day: ['2024-05-03'],
      hour: ['12:00:01'],
      data: [{ a: [2, 1], b: null }, ['y'], 8, {}, [], '7'],
      bytes: [new Uint8Array([1]), new Uint8Array([1, 2, 3])],
      uuid: ['018f3f2a-7b1c-7d2e-8f3a-0123456789ac'],
      big: [3n],
      ratio: [0.2],
      size: [3],
    }
    for (const [name, values] of Object.entries(wrong))
      for (const value of values) {
        const outcome: unknown = await Ticket.create({ ...given(), [name]: value }).catch((error: unknown) => error)
        expect(outcome, `${name}: ${String(value)}`).toBeInstanceOf(ValidationError)
        expect(outcome).toMatchObject({ issues: [{ path: name, code: 'choice' }] })
      }
    await expect(Ticket.create({ ...given(), price: '1.51' })).rejects.toThrow(/price must be one of 1\.5(0)?, 20/)
    expect(await Ticket.count()).toBe(0)
  })
})
