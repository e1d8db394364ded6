import { Field, Model, ValidationError } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Visit extends Model({
  email: Field.email({ nullable: true, unique: true }),
  url: Field.url({ nullable: true }),
  slug: Field.slug({ nullable: true, max: 8, min: 2 }),
  ip: Field.ip({ nullable: true, unique: true }),
  note: Field.email({ allowEmpty: true, default: '' }),
}) {}

const LABEL = 'a'.repeat(63)
const longEmail = `${'a'.repeat(61)}@${LABEL}.${LABEL}.${'b'.repeat(61)}.de`

const GOOD = {
  email: ['a@b.co', 'Jane.Doe+tag@Example.ORG', "o'brien@sub.example.museum", longEmail],
  url: [
    'http://a',
    'HTTPS://Example.org/Path?q=1#x',
    'http://localhost:3000',
    'http://[2001:db8::1]/',
    'https://user@example.org/%20/ü?é=🎈',
    `https://example.org/${'a'.repeat(1980)}`,
  ],
  slug: ['ab', 'A-b_1', '--', '12345678'],
  ip: ['0.0.0.0', '255.255.255.255', '::', '::1', '2001:db8::ff00:42:8329', '1:2:3:4:5:6:7:8'],
}

const BAD = {
  email: [
    '',
    'a',
    'a@b',
    '@b.co',
    'a@@b.co',
    'a b@c.de',
    'a@b.co ',
    'a@b.co\n',
    'a@-b.co',
    'ä@b.co',
    '"a b"@c.de',
    `a${longEmail}`,
  ],
  url: [
    '',
    'example.org',
    '//example.org',
    '/path',
    'javascript:alert(1)',
    'ftp://example.org',
    'mailto:a@b.co',
    'http://',
    'http:///',
    'http://exa mple.org',
    ' http://a',
    'http://a\n',
    'http:\\\\a',
    'http://a:99999',
    'http://[::1',
    `https://example.org/${'a'.repeat(1981)}`,
  ],
  slug: ['', 'a', 'a b', 'ä-b', 'a/b', 'a.b', 'ab\n', '123456789'],
  ip: [
    '',
    '1.2.3',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.4 ',
    '1.2.3.4/24',
    ':::',
    'fe80::1%eth0',
    '[::1]',
    'localhost',
    '12345::',
  ],
}

type Name = keyof typeof GOOD
const cases = (of: Record<Name, string[]>) =>
  Object.entries(of).flatMap(([name, values]) => values.map((value) => [name as Name, value] as const))

describeDatabases('fields with a format', (database) => {
  database.useTables([Visit])

  it.each(cases(GOOD))('%s stores %j as it is', async (name, value) => {
    const visit = await Visit.create({ [name]: value })
    expect(visit[name]).toBe(value)
    const found = await Visit.findOrFail(visit.id)
    expect(found[name]).toBe(value)
    expect(found.isDirty()).toBe(false)
    expect(await Visit.where(name, value).count()).toBe(1)
    expect(Visit.schema.insert.parse({ [name]: value })).toMatchObject({ [name]: value })
  })

  it.each(cases(BAD))('%s refuses %j', async (name, value) => {
    const refused = await Visit.create({ [name]: value }).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(ValidationError)
    expect((refused as ValidationError).issues.every(({ path }) => path === name)).toBe(true)
    await expect(Visit.insertMany([{ [name]: value }])).rejects.toThrow(ValidationError)
    await expect(Visit.where('id', 1).update({ [name]: value })).rejects.toThrow(ValidationError)
    expect(Visit.schema.update.safeParse({ [name]: value }).success).toBe(false)
    expect(await Visit.count()).toBe(0)
  })

  it('write one form of each IP address', async () => {
    const forms = ['2001:DB8:0:0:0:0:0:1', '2001:db8::0001', '2001:0db8::1']
    const visit = await Visit.create({ ip: forms[0] as string })
    expect(visit.ip).toBe('2001:db8::1')
    for (const form of forms) {
      expect(await Visit.where('ip', form).count()).toBe(1)
      visit.ip = form
      await visit.save()
      expect(visit.ip).toBe('2001:db8::1')
    }
    await expect(Visit.create({ ip: forms[1] as string })).rejects.toThrow()
    expect((await Visit.create({ ip: '::FFFF:1.2.3.4' })).ip).toBe('::ffff:102:304')
    expect(Visit.schema.insert.parse({ ip: '0:0:0:0:0:0:0:1' }).ip).toBe('::1')
  })

  it('say what they expect', async () => {
    const data = { email: 'x', url: 'x', slug: 'x y', ip: 'x' }
    await expect(Visit.create(data)).rejects.toMatchObject({
      issues: [
        { path: 'email', code: 'email', message: 'must be an e-mail address' },
        { path: 'url', code: 'url', message: 'must be a URL that starts with http:// or https://' },
        { path: 'slug', code: 'slug', message: 'must consist of letters (a to z), digits, hyphens and underscores' },
        { path: 'ip', code: 'ip', message: 'must be an IPv4 or IPv6 address' },
      ],
    })
    await expect(Visit.create({ ip: 5 as never })).rejects.toThrow('expects an IP address, not an integer')
    await expect(Visit.create({ email: 5 as never })).rejects.toThrow('expects a string')
    expect((await Visit.create({})).note).toBe('')
  })
})
