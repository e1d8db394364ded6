import { describe, expect, it } from 'vitest'
import { readMysqlUrl } from '../../src/adapters/mysql2/url.js'

const read = (options: string) => readMysqlUrl(`mysql://h/d?${options}`)

const fails = (options: string) => {
  try {
    read(options)
  } catch (error) {
    return error as Error & { code: string }
  }
  throw new Error('it was taken')
}

describe('a MySQL URL', () => {
  it('says where and as whom to connect', () => {
    expect(readMysqlUrl('mysql://ada:p%40ss%2F@db.example:3307/my%20shop?min_size=2')).toEqual({
      target: { host: 'db.example', port: 3307, user: 'ada', password: 'p@ss/', database: 'my shop' },
    })
  })

  it('takes the options that hosts and other libraries write', () => {
    const ssl = (mode: string) => read(mode).target.ssl
    const verified = { rejectUnauthorized: true, verifyIdentity: true }
    expect(ssl('sslmode=disable')).toBeUndefined()
    expect(ssl('ssl-mode=DISABLED')).toBeUndefined()
    expect(ssl('sslmode=prefer')).toBe('prefer')
    expect(ssl('ssl-mode=PREFERRED')).toBe('prefer')
    expect(ssl('sslmode=require')).toEqual(verified)
    expect(ssl('ssl-mode=REQUIRED')).toEqual(verified)
    expect(ssl('ssl-mode=VERIFY_CA')).toEqual({ rejectUnauthorized: true })
    expect(ssl('ssl-mode=VERIFY_IDENTITY')).toEqual(verified)
    expect(read('connect_timeout=7')).toEqual({ target: { host: 'h', database: 'd' }, connectTimeout: 7000 })
    expect(read('application_name=shop').target.connectAttributes).toEqual({ program_name: 'shop' })
    expect(read('charset=utf8mb4').target).toEqual({ host: 'h', database: 'd' })
  })

  it.each([
    ['sslmode=sometimes', '"sslmode" of the MySQL URL must be one of'],
    ['connect_timeout=-1', 'must be a number of seconds'],
    ['charset=latin1', '"charset" of the MySQL URL must be utf8mb4'],
    ['multipleStatements=true&flags=x', 'has the unknown option "multipleStatements", "flags"'],
  ])('can not say %s', (options, message) => {
    const error = fails(options)
    expect(error).toMatchObject({ code: 'CONFIGURATION' })
    expect(error.message).toContain(message)
  })
})
