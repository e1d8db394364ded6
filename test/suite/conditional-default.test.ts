import { Field, Model, ValidationError } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

// Types take a default that is spread on a condition for one that is there: what is not is seen when a row is made.

const given = (is: boolean) => (is ? { default: 1 } : {})
class With extends Model({ name: Field.string(), state: Field.integer({ ...given(true) }) }) {}
class Without extends Model({ name: Field.string(), state: Field.integer({ ...given(false) }) }) {}

describeDatabases('a default that is given on a condition', (database) => {
  database.useTables([With, Without])

  it('fills the field in where it is there, and else the value is asked for', async () => {
    expect((await With.create({ name: 'a' })).state).toBe(1)
    const refused = await Without.create({ name: 'a' }).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(ValidationError)
    expect((refused as ValidationError).issues).toMatchObject([{ path: 'state', code: 'required' }])
    expect((await Without.create({ name: 'a', state: 2 })).state).toBe(2)
    expect(await Without.count()).toBe(1)
  })
})
