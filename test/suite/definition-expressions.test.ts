import { CheckViolationError, DefinitionError, Field, Model } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Member extends Model(
  { role: Field.string({ max: 20 }), level: Field.integer({ default: 1 }), code: Field.binary({ nullable: true }) },
  {
    checks: {
      known: (c) => c.role.in(['admin', 'it’s', "o'hara"]),
      levels: (c) => c.level.notIn([-1, 7]),
    },
  },
) {}

class Shout extends Model({ text: Field.string() }, { checks: { loud: (c) => c.text.upper().eq(c.text) } }) {}

describeDatabases('expressions in definitions', (database) => {
  database.useTables([Member])

  it('may be lists', async () => {
    await Member.create({ role: "o'hara" })
    await expect(Member.create({ role: 'guest' })).rejects.toThrow(CheckViolationError)
    await expect(Member.create({ role: 'admin', level: -1 })).rejects.toThrow(CheckViolationError)
    expect(await Member.count()).toBe(1)
  })

  it('need no function that other programs lack', async () => {
    const created = database.db.createTables([Shout])
    if (database.kind === 'sqlite') await expect(created).rejects.toThrow(DefinitionError)
    else {
      await created
      await expect(Shout.create({ text: 'quiet' })).rejects.toThrow(CheckViolationError)
    }
  })

  it('and conditions may be chained as often as one likes', async () => {
    await Member.create({ role: 'admin', level: 2500 })
    const { level } = Member.columns
    let any = level.eq(0)
    let all = level.ne(0)
    for (let i = 1; i <= 2500; i++) {
      any = any.or(level.eq(i))
      all = all.and(level.ne(i))
    }
    expect(await Member.where(() => any).count()).toBe(1)
    expect(await Member.where(() => all).count()).toBe(0)
  })
})
