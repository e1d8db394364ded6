import { describe, expect, it } from 'vitest'
import { readPgUrl } from '../../src/adapters/pg/url.js'

const fails = (url: string) => {
  try {
    readPgUrl(url)
  } catch (error) {
    return error as Error & { code: string }
  }
  throw new Error('it was taken')
}

describe('a PostgreSQL URL', () => {
  it('says where and as whom to connect', () => {
    expect(
      readPgUrl('postgres://ada:p%40ss%2F@db.example:6543/my%20shop?min_size=2&max_size=9&application_name=a%26b'),
    ).toEqual({
      target: {
        host: 'db.example',
        port: 6543,
        user: 'ada',
        password: 'p@ss/',
        database: 'my shop',
        application_name: 'a&b',
      },
      prepare: true,
      shared: undefined,
    })
    expect(readPgUrl('postgresql:///shop?host=/var/run/postgresql')).toEqual({
      target: { host: '/var/run/postgresql', database: 'shop' },
      prepare: true,
      shared: undefined,
    })
    expect(readPgUrl('postgres://[::1]:5432/x?prepare=off&shared_size=4')).toEqual({
      target: { host: '::1', port: 5432, database: 'x' },
      prepare: false,
      shared: 4,
    })
  })

  it('asks for TLS, and falls back from it only where that is asked for', () => {
    const ssl = (mode: string) => readPgUrl(`postgres://h/d?sslmode=${mode}`).target.ssl
    expect(ssl('disable')).toBe(false)
    expect(ssl('require')).toEqual({ rejectUnauthorized: true })
    expect(ssl('verify-full')).toEqual({ rejectUnauthorized: true })
    expect(ssl('verify-ca')).toMatchObject({ rejectUnauthorized: true, checkServerIdentity: expect.any(Function) })
    expect(ssl('no-verify')).toEqual({ rejectUnauthorized: false })
    expect(ssl('prefer')).toBe('prefer')
    expect(ssl('allow')).toBe('prefer')
    for (const mode of ['true', '']) expect(fails(`postgres://h/d?sslmode=${mode}`).message).toContain('must be one of')
  })

  it('takes the options that hosts and other libraries write', () => {
    const read = (options: string) => readPgUrl(`postgres://h/d?${options}`)
    const target = (options: string) => read(options).target
    expect(target('sslmode=require&channel_binding=require')).toMatchObject({ enableChannelBinding: true })
    expect(target('channel_binding=prefer')).toEqual({ host: 'h', database: 'd', enableChannelBinding: true })
    expect(target('channel_binding=disable')).toEqual({ host: 'h', database: 'd' })
    expect(target('options=endpoint%3Dblue-1')).toEqual({ host: 'h', database: 'd', options: 'endpoint=blue-1' })
    expect(target('schema=app')).toMatchObject({ options: '-c search_path="app"' })
    expect(target('schema=My%20%22app%5C&options=-c%20x%3D1')).toMatchObject({
      options: '-c x=1 -c search_path="My\\ ""app\\\\"',
    })
    expect(target('sslmode=verify-full&sslrootcert=system')).toMatchObject({ ssl: { rejectUnauthorized: true } })
    expect(read('connect_timeout=7').connectTimeout).toBe(7000)
    expect(read('connect_timeout=0').connectTimeout).toBeUndefined()
    expect(read('pgbouncer=true').prepare).toBe(false)
    expect(read('pgbouncer=false').prepare).toBe(true)
  })

  it.each([
    ['channel_binding=require', 'needs TLS with a checked certificate: add sslmode=require'],
    ['channel_binding=require&sslmode=prefer', 'needs TLS with a checked certificate'],
    ['channel_binding=maybe', 'must be one of: disable, prefer, require'],
    ['connect_timeout=soon', 'must be a number of seconds'],
    ['pgbouncer=1', 'must be "true" or "false"'],
  ])('can not say %s', (options, message) => {
    const error = fails(`postgres://h/d?${options}`)
    expect(error).toMatchObject({ code: 'CONFIGURATION' })
    expect(error.message).toContain(message)
  })

  it('is refused with the names of options that are unknown', () => {
    const error = fails('postgres://h/d?flags=1&multipleStatements=true&flags=2&database=x')
    expect(error).toMatchObject({ code: 'CONFIGURATION' })
    expect(error.message).toContain('"flags", "multipleStatements", "database"')
  })

  it.each([
    'postgres://u:hunter2#/d',
    'postgres://u:hunter2@h:port/d',
    'postgres://u:hunter2%zz@h/d',
    'postgres://u:hunter2@h/d?prepare=maybe',
    'postgres://u:hunter2@h/d?shared_size=-1',
    'postgres://u:hunter2@h/d?sslrootcert=/not/there',
  ])('that is wrong is told without the password: %#', (url) => {
    const error = fails(url)
    expect(error).toMatchObject({ code: 'CONFIGURATION' })
    expect(`${error.stack}${JSON.stringify(error)}${String(error.cause)}`).not.toContain('hunter2')
  })
})
