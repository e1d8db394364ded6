import { Field, Model, ValidationError } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

const later = <T>(value: T) => new Promise<T>((resolve) => setTimeout(resolve, 1, value))

class Coupon extends Model({
  code: Field.string({ validate: async (code) => (await later(code.startsWith('C'))) || 'must begin with C' }),
  uses: Field.integer({ default: 0, validate: async (uses) => later(uses < 10) }),
  note: Field.string({
    default: '',
    validate: async (note) => {
      if (await later(note === 'bad')) throw new Error('is a bad note')
    },
  }),
}) {}

const issues = (promise: PromiseLike<unknown>) =>
  promise.then(
    () => [],
    (error: unknown) => {
      expect(error).toBeInstanceOf(ValidationError)
      return (error as ValidationError).issues.map(({ path, message }) => `${path} ${message}`).sort()
    },
  )

describeDatabases('asynchronous checks of fields', (database) => {
  database.useTables([Coupon])

  it('are awaited before a row is written, and report all problems together', async () => {
    const good = await Coupon.create({ code: 'C1', uses: 3, note: 'ok' })
    expect(good.isPersisted).toBe(true)
    const wrong = ['code must begin with C', 'note is a bad note', 'uses is not valid']
    expect(await issues(Coupon.create({ code: 'D1', uses: 10, note: 'bad' }))).toEqual(wrong)
    expect(await issues(Coupon.createMany([{ code: 'C2' }, { code: 'D2' }]))).toHaveLength(1)
    expect(await issues(new Coupon({ code: 'D1', uses: 10, note: 'bad' }).save())).toEqual(wrong)
    expect(await Coupon.count()).toBe(1)
  })

  it('are awaited on updates, for the fields that changed', async () => {
    const coupon = await Coupon.create({ code: 'C1' })
    expect(await issues(coupon.update({ uses: 11 }))).toEqual(['uses is not valid'])
    expect((await Coupon.findOrFail(coupon.id)).uses).toBe(0)
    await coupon.fill({ uses: 9 }).save()
    expect((await Coupon.findOrFail(coupon.id)).uses).toBe(9)
    const other = await Coupon.create({ code: 'C2' })
    coupon.uses = 12
    other.note = 'bad'
    expect(await issues(Coupon.saveMany([coupon, other]))).toEqual(
      expect.arrayContaining([expect.stringMatching(/is not valid|bad note/)]),
    )
    expect((await Coupon.findOrFail(other.id)).note).toBe('')
  })

  it('are awaited by firstOrCreate and updateOrCreate', async () => {
    expect(await issues(Coupon.firstOrCreate({ code: 'X' }))).toEqual(['code must begin with C'])
    const [coupon] = await Coupon.firstOrCreate({ code: 'C1' })
    expect(await issues(Coupon.updateOrCreate({ code: 'C1' }, { uses: 10 }))).toEqual(['uses is not valid'])
    expect((await Coupon.findOrFail(coupon.id)).uses).toBe(0)
  })
})
