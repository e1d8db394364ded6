import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import {
  Database,
  Decimal,
  Field,
  Model,
  not,
  oneOf,
  Relation,
  StoredValueError,
  sql,
  UniqueViolationError,
  UsageError,
  ValidationError,
} from 'corm'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { z } from 'zod'
import { describeDatabases } from '../support/databases.js'

const [one, two] = [randomBytes(32), randomBytes(32)]
const configure = (current: number, keys: Record<number, Uint8Array>) =>
  Database.configure({ encryption: { current, keys } })

class Clinic extends Model({ name: Field.string() }, { table: 'enc_clinics' }) {
  static patients = Relation.hasMany(() => Patient)
}

class Patient extends Model(
  {
    name: Field.string({ unique: true }),
    phone: Field.encrypted(Field.string({ max: 20, nullable: true }), { index: true }),
    ssn: Field.encrypted(Field.string({ max: 11, nullable: true, pattern: /^[\d-]+$/ }), { index: 'unique' }),
    notes: Field.encrypted(Field.text({ nullable: true })),
    history: Field.encrypted(Field.json<{ items?: string[] }>({ default: {} })),
    clinicId: Field.foreignKey(() => Clinic, { nullable: true }),
    deletedAt: Field.softDelete(),
  },
  { table: 'enc_patients' },
) {
  static clinic = Relation.belongsTo(() => Clinic)
}

class Values extends Model(
  {
    text: Field.encrypted(Field.text({ nullable: true })),
    integer: Field.encrypted(Field.integer({ nullable: true, min: -5 }), { index: true }),
    big: Field.encrypted(Field.bigInteger({ nullable: true }), { index: true }),
    float: Field.encrypted(Field.float({ nullable: true })),
    price: Field.encrypted(Field.decimal({ precision: 40, scale: 10, nullable: true }), { index: true }),
    flag: Field.encrypted(Field.boolean({ nullable: true })),
    day: Field.encrypted(Field.date({ nullable: true })),
    at: Field.encrypted(Field.dateTime({ nullable: true }), { index: true }),
    fine: Field.encrypted(Field.dateTime({ precision: 6, nullable: true })),
    time: Field.encrypted(Field.time({ nullable: true })),
    uuid: Field.encrypted(Field.uuid({ nullable: true }), { index: true }),
    kind: Field.encrypted(Field.enum(['a', 'b'], { nullable: true })),
    bytes: Field.encrypted(Field.binary({ nullable: true })),
    list: Field.encrypted(Field.array(Field.decimal({ precision: 30, scale: 2, nullable: true }), { nullable: true })),
    shown: Field.encrypted(Field.string({ nullable: true, choices: ['x', 'y'] }), { hidden: false }),
  },
  { table: 'enc_values' },
) {}

const VALUES = {
  text: 'ä"\\👩‍👩‍👧\n{}',
  integer: -5,
  big: 9_223_372_036_854_775_807n,
  float: -0,
  price: new Decimal('123456789012345678901234567890.0123456789'),
  flag: false,
  day: '0001-01-01',
  at: new Date('2024-02-29T23:59:59.123Z'),
  fine: new Date(5),
  time: '10:00:00.123456',
  uuid: '6f1c2a34-1111-4222-8333-444455556666',
  kind: 'b' as const,
  bytes: new Uint8Array([0, 255, 0xc1, 1]),
  list: [new Decimal('1234567890123456789012345678.01'), null],
  shown: 'x',
}

describeDatabases('encrypted fields', (database) => {
  database.useTables([Clinic, Patient, Values])
  beforeEach(() => configure(1, { 1: one }))
  afterEach(() => Database.configure({ encryption: undefined }))

  const raw = async (column: string) => {
    const rows = await database.db.select(sql`select ${sql.id(column)} as value from enc_patients order by id`)
    return rows.map(({ value }) =>
      value === null ? null : typeof value === 'string' ? value : Buffer.from(value as Uint8Array).toString('hex'),
    )
  }
  const names = async (query: { orderBy(key: 'id'): { pluck(key: 'name'): Promise<string[]> } }) =>
    query.orderBy('id').pluck('name')

  it('store bytes, and read the value of every type', async () => {
    const made = await Values.create(VALUES)
    expect(made.isDirty()).toBe(false)
    for (const found of [await Values.findOrFail(made.id), await made.refresh()]) {
      for (const [name, value] of Object.entries(VALUES)) expect(found[name as 'text'], name).toEqual(value)
      expect(found.isDirty()).toBe(false)
    }
    const [row] = await Values.query().values('text', 'price', 'list', 'bytes')
    expect(row).toEqual({ text: VALUES.text, price: VALUES.price, list: VALUES.list, bytes: VALUES.bytes })
    expect(await Values.query().pluck('big')).toEqual([VALUES.big])
    for (const name of ['integer', 'big', 'price', 'at', 'uuid'] as const)
      expect(await Values.where(name, VALUES[name] as never).count(), name).toBe(1)
    expect(await Values.where('price', '123456789012345678901234567890.0123456789').count()).toBe(1)
    expect(await Values.where('uuid', VALUES.uuid.toUpperCase()).count()).toBe(1)
    expect(await Values.where('integer', 5).count()).toBe(0)
    const empty = await Values.create({ text: '' })
    expect((await Values.findOrFail(empty.id)).text).toBe('')
    expect((await Values.findOrFail(empty.id)).big).toBeNull()
  })

  it('have other bytes each time, and none of the value', async () => {
    await Patient.createMany([
      { name: 'a', phone: '030 123', notes: 'secret words' },
      { name: 'b', phone: '030 123', notes: 'secret words' },
    ])
    const [first, second] = await raw('notes')
    expect(first).not.toBe(second)
    expect(Buffer.from(String(first).replace('\\x', ''), 'hex').subarray(0, 2)).toEqual(Buffer.of(0xc1, 1))
    expect(Buffer.from(String(first).replace('\\x', ''), 'hex')).toHaveLength(30 + 'secret words'.length)
    const [a, b] = await raw('phone_index')
    expect(a).toBe(b)
    expect(a).toMatch(/^\$bi\$01\$[0-9a-f]{64}$/)
    expect(await raw('ssn_index')).toEqual([null, null])
  })

  it('are not decrypted before they are read, and keep their bytes until they change', async () => {
    const { id } = await Patient.create({ name: 'a', phone: '1', notes: 'n', history: { items: ['x'] } })
    const before = [await raw('phone'), await raw('notes'), await raw('history')]
    const patient = await Patient.findOrFail(id)
    Database.configure({ encryption: undefined })
    patient.name = 'b'
    expect(patient.isDirty('notes')).toBe(false)
    expect(patient.getChanges()).toEqual({ name: ['a', 'b'] })
    await patient.save()
    expect(() => patient.notes).toThrow(/no key is configured/)
    configure(1, { 1: one })
    expect(patient.notes).toBe('n')
    expect(patient.history).toEqual({ items: ['x'] })
    await patient.save()
    patient.notes = 'n'
    patient.phone = '1'
    expect(patient.isDirty()).toBe(false)
    await patient.save()
    expect([await raw('phone'), await raw('notes'), await raw('history')]).toEqual(before)
    patient.history.items?.push('y')
    expect(patient.getChanges()).toEqual({ history: [{ items: ['x'] }, { items: ['x', 'y'] }] })
    await patient.save()
    expect((await Patient.findOrFail(id)).history).toEqual({ items: ['x', 'y'] })
    expect(await raw('notes')).toEqual(before[1])
    patient.phone = '2'
    await patient.save({ only: ['phone'] })
    expect(await names(Patient.where('phone', '2'))).toEqual(['b'])
    expect(await names(Patient.where('phone', '1'))).toEqual([])
    patient.phone = null
    await patient.save()
    expect(await raw('phone_index')).toEqual([null])
    expect(await names(Patient.where('phone', null))).toEqual(['b'])
  })

  it('are found by their index', async () => {
    await Patient.insertMany([
      { name: 'a', phone: '1', ssn: '1-1' },
      { name: 'b', phone: '1' },
      { name: 'c', phone: '2', ssn: '2-2' },
      { name: 'd' },
    ])
    expect(await names(Patient.where('phone', '1'))).toEqual(['a', 'b'])
    expect(await names(Patient.where({ phone: '2', ssn: '2-2' }))).toEqual(['c'])
    expect(await names(Patient.where({ phone: oneOf(['1', '2']) }))).toEqual(['a', 'b', 'c'])
    expect(await names(Patient.where((c) => c.phone.eq('2')))).toEqual(['c'])
    expect(await names(Patient.where((c) => c.phone.in(['2', '5'])))).toEqual(['c'])
    expect(await names(Patient.where('phone', '!=', '1'))).toEqual(['c'])
    expect(await names(Patient.where({ phone: not('1') }))).toEqual(['c'])
    expect(await names(Patient.query().whereIn('phone', ['2', null as never]))).toEqual(['c', 'd'])
    expect(await names(Patient.query().whereNotIn('phone', ['1']))).toEqual(['c'])
    expect(await names(Patient.query().whereIn('phone', []))).toEqual([])
    expect(await names(Patient.query().whereNotIn('phone', []))).toEqual(['a', 'b', 'c', 'd'])
    expect(await names(Patient.where('phone', '1').where('phone', '2'))).toEqual([])
    expect(await names(Patient.where('ssn', '1-1'))).toEqual(['a'])
    expect((await Patient.findBy({ ssn: '2-2' }))?.name).toBe('c')
    const [found, created] = await Patient.firstOrCreate({ ssn: '2-2' }, { name: 'x' })
    expect([found.name, created]).toEqual(['c', false])
    expect((await Patient.firstOrCreate({ ssn: '3-3' }, { name: 'e' }))[1]).toBe(true)
    expect((await Patient.updateOrCreate({ ssn: '3-3' }, { phone: '9' }))[1]).toBe(false)
    expect(await names(Patient.where('phone', '9'))).toEqual(['e'])
    await Clinic.create({ name: 'A' })
    await Patient.where('name', 'a').update({ clinicId: (await Clinic.query().first())?.id as number })
    expect(await Clinic.where('patients.phone', '1').count()).toBe(1)
    expect(await Clinic.where('patients.phone', '7').count()).toBe(0)
    expect(
      await Clinic.query()
        .whereHas('patients', (q) => q.where('ssn', '1-1'))
        .count(),
    ).toBe(1)
    const [clinic] = await Clinic.query().with('patients').get()
    expect(clinic?.patients[0]?.phone).toBe('1')
    const [patient] = await Patient.where('ssn', '1-1').with('clinic.patients').get()
    expect(patient?.clinic?.patients[0]?.ssn).toBe('1-1')
    expect(await Patient.where('ssn', '1-1').delete()).toBe(1)
    expect(await Patient.where('ssn', '1-1').count()).toBe(0)
  })

  it('are written by updates over a query, upserts and many instances', async () => {
    await Patient.upsertMany([{ name: 'a', phone: '1', ssn: '1' }, { name: 'b' }], { conflict: 'name' })
    await Patient.upsertMany(
      [
        { name: 'a', phone: '2', notes: 'x' },
        { name: 'c', phone: '3' },
      ],
      { conflict: 'name' },
    )
    expect(await names(Patient.where('phone', '2'))).toEqual(['a'])
    expect(await names(Patient.where('phone', '1'))).toEqual([])
    expect((await Patient.findBy({ name: 'a' }))?.notes).toBe('x')
    await Patient.upsert({ name: 'x', ssn: '1', phone: '4' }, { conflict: 'ssn', update: ['phone'] })
    expect(await names(Patient.where('phone', '4'))).toEqual(['a'])
    await Patient.upsert(
      { name: 'c', phone: '5' },
      { conflict: 'name', update: (_, incoming) => ({ phone: incoming.phone }) },
    )
    expect(await names(Patient.where('phone', '5'))).toEqual(['c'])
    await Patient.where('name', 'b').update({ phone: '6', notes: 'y' })
    expect(await names(Patient.where('phone', '6'))).toEqual(['b'])
    await Patient.where('name', 'b').update({ phone: null })
    expect(await raw('phone_index')).toContain(null)
    const patients = await Patient.query().orderBy('name').get()
    for (const each of patients) each.phone = `of ${each.name}`
    await Patient.saveMany(patients)
    expect(await names(Patient.where('phone', 'of b'))).toEqual(['b'])
    for (const each of patients) each.phone = `by ${each.name}`
    await Patient.updateMany(patients, ['phone'])
    expect(await names(Patient.where('phone', 'by c'))).toEqual(['c'])
    const partial = await Patient.query().select('name').orderBy('name').first()
    Object.assign(partial as object, { phone: 'new' })
    await partial?.save()
    expect(await names(Patient.where('phone', 'new'))).toEqual(['a'])
    await expect(Patient.where('name', 'b').update({ phone: sql`'x'` })).rejects.toThrow(/takes values/)
    await expect(Patient.where('name', 'b').update((c) => ({ phone: c.name }))).rejects.toThrow(/takes values/)
    await expect(Patient.where('name', 'b').update((c) => ({ name: c.phone as never }))).rejects.toThrow(UsageError)
  })

  it('are unique by their index, and the error names the field', async () => {
    await Patient.create({ name: 'a', ssn: '1' })
    const error = await Patient.create({ name: 'b', ssn: '1' }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(UniqueViolationError)
    expect((error as UniqueViolationError).fields).toEqual(['ssn'])
    expect(inspect(error)).not.toMatch(/\$bi\$01\$[0-9a-f]/)
    const other = await Patient.create({ name: 'b', ssn: '2' })
    await expect(other.update({ ssn: '1' })).rejects.toThrow(UniqueViolationError)
    expect((await Patient.findOrFail(other.id)).ssn).toBe('2')
  })

  it('refuse every other use of the column', async () => {
    const refused = (make: () => unknown) => {
      expect(make).toThrow(UsageError)
      expect(make).toThrow(/encrypted/)
    }
    const Loose = Patient as any
    refused(() => Loose.where('notes', 'x'))
    refused(() => Loose.query().whereIn('notes', ['x']))
    for (const operator of ['<', '<=', '>', '>=', 'like', 'contains', 'icontains', 'startsWith', 'regex'])
      refused(() => Loose.where('phone', operator, '1'))
    refused(() => Loose.where('phone', 'between', ['1', '2']))
    refused(() => Loose.where((c: any) => c.phone.eq(c.name)))
    refused(() => Loose.where((c: any) => c.name.eq(c.phone)))
    refused(() => Loose.where((c: any) => c.phone.lower().eq('a')))
    refused(() => Loose.where((c: any) => c.phone.length().eq(1)))
    refused(() => Loose.where('phone', Loose.query().select('phone')))
    refused(() => Loose.query().whereColumn('name', '=', 'phone'))
    refused(() => Loose.where('phoneIndex', '$bi$01$'))
    refused(() => Loose.query().orderBy('phone'))
    refused(() => Loose.query().orderBy('-phoneIndex'))
    refused(() => Loose.query().orderBy((c: any) => c.phone))
    refused(() => Loose.query().orderBy((c: any) => c.phone.desc()))
    refused(() => Loose.query().groupBy('phone'))
    refused(() => Loose.query().annotate({ x: (c: any) => c.phone.concat('a') }))
    refused(() => Loose.query().annotate({ x: (c: any) => c.phone.coalesce('a') }))
    await expect((async () => Loose.query().min('phone'))()).rejects.toThrow(UsageError)
    await expect((async () => Loose.query().sum('phone'))()).rejects.toThrow(UsageError)
    await expect((async () => Loose.query().orderBy('phone').cursorPaginate())()).rejects.toThrow(UsageError)
    expect(() => Loose.query().filter(['phone', '=', '1'])).toThrow(ValidationError)
    expect(() => Loose.query().filter(['phone', '=', '1'], { allow: ['phone'] })).toThrow(ValidationError)
    expect(() => Loose.query().sort('phone')).toThrow(ValidationError)
    expect(await Loose.query().where('notes', null).count()).toBe(0)
  })

  it('are checked as what they encrypt', async () => {
    const issues = async (make: () => Promise<unknown>) => {
      const error = await make().catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(ValidationError)
      return (error as ValidationError).issues.map(({ path, code }) => `${path} ${code}`)
    }
    expect(await issues(() => Patient.create({ name: 'a', ssn: 'x', phone: '1'.repeat(21) }))).toEqual([
      'phone length',
      'ssn pattern',
    ])
    expect(await issues(() => Patient.create({ name: 'a', phone: 5 as never }))).toEqual(['phone type'])
    expect(await issues(() => Patient.where('id', 1).update({ ssn: 'x' }))).toEqual(['ssn pattern'])
    expect(await issues(() => Values.create({ integer: -6, shown: 'z' }))).toEqual(['integer range', 'shown choice'])
    expect((await Values.create({ shown: 'y' })).shown).toBe('y')
    expect(await issues(() => Values.create({ list: [null, 'x' as never] }))).toEqual(['list.1 type'])
    expect(await issues(() => Patient.create({ name: 'a', history: null as never }))).toEqual(['history required'])
    expect(() => Patient.where('phone', 5 as never)).toThrow(ValidationError)
    const parsed = Values.schema.insert.safeParse({
      big: '5',
      bytes: 'AAE=',
      at: '2024-01-01T00:00:00Z',
      list: ['1', null],
    })
    expect(parsed).toMatchObject({ success: true, data: { big: 5n, bytes: new Uint8Array([0, 1]) } })
    const schema = z.toJSONSchema(Patient.schema.insert.zod, { io: 'input' }) as { properties: Record<string, object> }
    expect(schema.properties.phone).toEqual({ anyOf: [{ type: 'string', maxLength: 20 }, { type: 'null' }] })
    expect(Object.keys(schema.properties)).not.toContain('phoneIndex')
    await expect(Patient.create({ name: 'a', phoneIndex: 'x' } as never)).rejects.toThrow(/guarded/)
  })

  it('are shown nowhere', async () => {
    const events: unknown[] = []
    const listen = (event: object) => void events.push(event)
    const stop = database.db.on('query', listen)
    const phone = '0170-5551234'
    const patient = await Patient.create({ name: 'a', phone, ssn: '7-7', notes: phone })
    await Patient.insertMany([
      { name: 'b', phone },
      { name: 'c', phone },
    ])
    await Patient.where('phone', phone).update({ notes: phone })
    await Patient.query().whereIn('phone', [phone, '1']).get()
    const list = await Patient.query().get()
    for (const each of list) each.notes = `${phone}!`
    await Patient.saveMany(list)
    await Patient.upsertMany([{ name: 'b', phone }], { conflict: 'name' })
    const error = await Patient.create({ name: 'x', ssn: '7-7', notes: phone }).catch((thrown: unknown) => thrown)
    stop()
    const text = inspect([events, error, (error as { parameters: unknown }).parameters], {
      depth: 9,
      maxArrayLength: null,
    })
    expect(text).not.toContain(phone)
    expect(text).not.toMatch(/\$bi\$01\$[0-9a-f]/)
    expect(text).not.toMatch(/c1 01 [0-9a-f]{2}|c101[0-9a-f]{20}/)
    expect(text).toContain('[secret]')
    const found = await Patient.findOrFail(patient.id)
    for (const each of [patient, found]) {
      expect(inspect(each)).not.toMatch(/phone|c1 01|Sealed/)
      expect(JSON.stringify(each)).not.toContain(phone)
      expect(Object.keys({ ...each })).not.toContain('phone')
      expect(each.toObject()).not.toHaveProperty('phone')
      expect(each.phone).toBe(phone)
      expect(inspect(each)).not.toContain(phone)
    }
    const shown = Patient.where('phone', phone).toRawSQL()
    expect(shown).toContain('[secret]')
    expect(shown).not.toContain(phone)
    const values = await Values.create({ shown: 'x' })
    expect(JSON.parse(JSON.stringify(await Values.findOrFail(values.id)))).toMatchObject({ shown: 'x' })
  })

  it('are encrypted again with another key', async () => {
    await Patient.createMany([
      { name: 'a', phone: '1', ssn: '1', notes: 'n', history: { items: ['x'] } },
      { name: 'b', phone: '1', notes: null },
      { name: 'c' },
    ])
    const deleted = await Patient.create({ name: 'd', phone: '1' })
    await deleted.delete()
    configure(2, { 1: one, 2: two })
    expect(await names(Patient.where('phone', '1'))).toEqual(['a', 'b'])
    await Patient.create({ name: 'e', phone: '1' })
    expect(await names(Patient.where('phone', '1'))).toEqual(['a', 'b', 'e'])
    expect(await names(Patient.where('phone', '!=', '1'))).toEqual([])
    const loaded = await Patient.findBy({ name: 'a' })
    expect(loaded?.notes).toBe('n')
    expect(loaded?.isDirty()).toBe(false)
    expect(await Patient.reencrypt({ batch: 2 })).toBe(4)
    expect(await Patient.reencrypt()).toBe(0)
    configure(2, { 2: two })
    expect(await names(Patient.where('phone', '1'))).toEqual(['a', 'b', 'e'])
    const a = await Patient.findBy({ ssn: '1' })
    expect([a?.name, a?.phone, a?.notes, a?.history]).toEqual(['a', '1', 'n', { items: ['x'] }])
    expect((await Patient.onlyTrashed().first())?.phone).toBe('1')
    expect((await raw('phone_index')).filter((text) => text?.startsWith('$bi$02$'))).toHaveLength(4)
    await database.db.execute(sql`update enc_patients set phone_index = null`)
    expect(await names(Patient.where('phone', '1'))).toEqual([])
    expect(await Patient.reencrypt()).toBe(4)
    expect(await names(Patient.where('phone', '1'))).toEqual(['a', 'b', 'e'])
  })

  it('say what is wrong with what they hold', async () => {
    const { id } = await Patient.create({ name: 'a', phone: '1', notes: 'n' })
    const other = await Patient.create({ name: 'b', phone: '2', notes: 'm' })
    const problem = async (read: (patient: Patient) => unknown) => {
      const patient = await Patient.findOrFail(id)
      let error: unknown
      try {
        read(patient)
      } catch (thrown) {
        error = thrown
      }
      expect(error).toBeInstanceOf(StoredValueError)
      expect(error).toMatchObject({ model: 'Patient', key: id })
      return (error as StoredValueError).message
    }
    await database.db.execute(sql`update enc_patients set phone = notes where id = ${id}`)
    expect(await problem(({ phone }) => phone)).toMatch(/"Patient.phone".*belongs to another column/)
    const [first, second] = [await Patient.findOrFail(id), await Patient.findOrFail(other.id)]
    expect([first.notes, second.notes]).toEqual(['n', 'm'])
    configure(2, { 2: two })
    expect(await problem(({ notes }) => notes)).toMatch(/encrypted with key 1, which is not configured/)
    await expect(Patient.query().pluck('notes')).rejects.toThrow(/key 1/)
    await expect(Patient.reencrypt()).rejects.toThrow(/key 1/)
    configure(1, { 1: two })
    expect(await problem(({ notes }) => notes)).toMatch(/was changed, or that belongs to another/)
    Database.configure({ encryption: undefined })
    await expect(Patient.create({ name: 'c', phone: '1' })).rejects.toThrow(/no key is configured/)
    expect(
      await Patient.create({ name: 'c', history: undefined as never }).catch((error: Error) => error.message),
    ).toMatch(/no key is configured/)
    // what can't be read can be replaced
    configure(1, { 1: one })
    const patient = await Patient.findOrFail(id)
    patient.phone = '3'
    await patient.save()
    expect((await Patient.findOrFail(id)).phone).toBe('3')
  })

  it('are given back by a rollback', async () => {
    const patient = await Patient.create({ name: 'a', phone: '1' })
    const found = await Patient.findOrFail(patient.id)
    await expect(
      Patient.transaction(async () => {
        await found.update({ phone: '2' })
        throw new Error('no')
      }),
    ).rejects.toThrow('no')
    expect(found.phone).toBe('2')
    expect(found.isDirty('phone')).toBe(true)
    expect(found.getOriginal('phone')).toBe('1')
    await found.save()
    expect(await names(Patient.where('phone', '2'))).toEqual(['a'])
    const copy = found.clone()
    copy.name = 'copy'
    await copy.save()
    expect(await names(Patient.where('phone', '2'))).toEqual(['a', 'copy'])
    await Patient.query()
      .selectAll()
      .where('name', 'a')
      .first()
      .then(async (all) => {
        expect(all?.phone).toBe('2')
        expect(all?.isDirty()).toBe(false)
        await all?.update({ phone: '8' })
      })
    expect(await names(Patient.where('phone', '8'))).toEqual(['a'])
    const loaded = await Patient.query().select('name').where('name', 'a').first()
    expect(await loaded?.loadField('phone' as never)).toBe('8')
    expect(loaded?.isDirty()).toBe(false)
  })
})
