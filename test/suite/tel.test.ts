import { Field, Model, ValidationError } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { looseField } from '../support/loose.js'

class Contact extends Model({
  phone: Field.tel({ country: 'DE', unique: true }),
  abroad: Field.tel({ nullable: true }),
}) {}

const FORMS = ['030 123456', '030/123456', '(030) 12 34 56', '+4930123456', '+49 (0)30 123456', '0049 30 123456']

describeDatabases('phone numbers', (database) => {
  database.useTables([Contact])

  it('are stored as E.164, whatever their form', async () => {
    for (const phone of FORMS) {
      const contact = await Contact.create({ phone })
      expect(contact.phone).toBe('+4930123456')
      const found = await Contact.findOrFail(contact.id)
      expect(found.phone).toBe('+4930123456')
      expect(found.isDirty()).toBe(false)
      found.phone = '030-123456'
      await found.save()
      expect(found.phone).toBe('+4930123456')
      await Contact.where('id', contact.id).update({ phone: '(030) 123456' })
      expect(await Contact.query().pluck('phone')).toEqual(['+4930123456'])
      expect(Contact.schema.insert.parse({ phone }).phone).toBe('+4930123456')
      await contact.delete()
    }
    await Contact.insertMany([{ phone: '030 123457', abroad: '+12125550123' }])
    expect(await Contact.query().pluck('abroad')).toEqual(['+12125550123'])
  })

  it('are found by every form', async () => {
    await Contact.create({ phone: '+4930123456', abroad: '+1 212 555 0123' })
    for (const phone of FORMS) {
      expect(await Contact.where('phone', phone).count()).toBe(1)
      expect(await Contact.where({ phone }).count()).toBe(1)
      expect(await Contact.query().whereIn('phone', [phone]).count()).toBe(1)
      expect(await Contact.query().filter(['phone', '=', phone]).count()).toBe(1)
    }
    expect(await Contact.where('abroad', '+1 (212) 555-0123').count()).toBe(1)
    expect(() => Contact.where('phone', 'nobody').toSQL()).toThrow(ValidationError)
    await expect(Contact.create({ phone: '030 123456' })).rejects.toThrow('phone')
  })

  it.each([
    '',
    '0',
    '030',
    '12',
    'call 030 123456',
    '030 123456 ext. 7',
    '+49',
    '+0 30 123456',
    '+999 30 123456',
    `030 ${'1'.repeat(20)}`,
    '030 123456\n030 123457',
  ])('refuse %j', async (phone) => {
    const refused = await Contact.create({ phone }).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(ValidationError)
    expect(refused).toMatchObject({ issues: [{ path: 'phone', code: 'tel', message: 'must be a phone number' }] })
    await expect(Contact.insertMany([{ phone }])).rejects.toThrow(ValidationError)
    await expect(Contact.where('id', 1).update({ phone })).rejects.toThrow(ValidationError)
    expect(Contact.schema.insert.safeParse({ phone }).success).toBe(false)
  })

  it('need a country code where the field has no country', async () => {
    await expect(Contact.create({ phone: '030 123456', abroad: '030 123456' })).rejects.toThrow(
      'abroad must be a phone number with a country code, such as +49 30 123456',
    )
    await expect(Contact.create({ phone: 30123456 as never })).rejects.toThrow('expects a phone number, not an integer')
  })
})

it('take the code of a country that has numbers', () => {
  expect(() => looseField.tel?.({ country: 'de' })).toThrow('takes the code of a country')
  const { kind } = Field.tel({ country: 'QQ' }) as unknown as { kind: { check(value: unknown): unknown } }
  expect(() => kind.check('030 123456')).toThrow('has the country "QQ"')
})
