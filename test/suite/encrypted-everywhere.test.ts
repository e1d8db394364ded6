import { randomBytes } from 'node:crypto'
import { Database, Field, fn, Model, Relation } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

/** Encrypted fields and arrays next to versions, hooks, locked scopes and every kind of query. */
class Org extends Model({ name: Field.string() }, { table: 'enc_orgs' }) {
  static people = Relation.hasMany(() => Person)
}
class Person extends Model(
  {
    name: Field.string({ unique: true }),
    v: Field.version(),
    at: Field.dateTime({ autoNow: true }),
    mail: Field.encrypted(Field.email({ nullable: true }), { index: true }),
    tags: Field.array(Field.string(), { default: [] }),
    content: Field.binary({ nullable: true }),
    orgId: Field.foreignKey(() => Org, { nullable: true }),
  },
  { table: 'enc_people', globalScopes: { mine: { apply: (q: any) => q.where('name', '!=', 'hidden'), locked: true } } },
) {
  static org = Relation.belongsTo(() => Org)
  seen: string | null = null
  override afterUpdate() {
    this.seen = this.mail
  }
}
describeDatabases('encrypted fields and arrays', (database) => {
  database.useTables([Org, Person])
  it('work in hooks, joins, unions, pages, savepoints and updates', async () => {
    Database.configure({ encryption: { current: 1, keys: { 1: randomBytes(32) } } })
    const org = (await Org.createWithRelations({
      name: 'o',
      people: [
        { name: 'a', mail: 'a@b.org', tags: ['x'] },
        { name: 'b', mail: 'b@b.org' },
      ],
    } as never)) as never as Org
    expect(await Person.where('mail', 'a@b.org').count()).toBe(1)
    const p = (await Person.findBy({ mail: 'a@b.org' })) as Person
    await p.update({ mail: 'c@b.org' })
    expect(p.seen).toBe('c@b.org')
    expect(p.v).toBe(2)
    expect(await Person.where('mail', 'c@b.org').update({ mail: 'd@b.org' }, { hooks: true } as never)).toBe(1)
    expect(await Person.where('mail', 'd@b.org').pluck('name')).toEqual(['a'])
    const q = (await Person.findBy({ mail: 'd@b.org' })) as Person
    await expect(q.update({ mail: 'e@b.org', name: 'b' })).rejects.toThrow()
    expect(q.mail).toBe('e@b.org')
    await q.refresh()
    expect([q.mail, q.isDirty()]).toEqual(['d@b.org', false])
    expect(
      await Person.query()
        .from(Person.query().selectAll() as never)
        .where('mail', 'd@b.org')
        .count()
        .catch((e: Error) => e.message),
    ).toBe(1)
    await expect(
      Person.query()
        .from(Person.query().limit(5) as never)
        .where('mail', 'd@b.org')
        .count(),
    ).rejects.toThrow(/not selected/)
    expect(
      await Person.query()
        .join(Org, (c: any, t: any) => c.orgId.eq(t.id))
        .where('mail', 'd@b.org')
        .count(),
    ).toBe(1)
    expect(
      (
        await Org.query()
          .join(Person, (c: any, t: any) => t.orgId.eq(c.id).and(t.mail.eq('d@b.org')))
          .get()
      ).length,
    ).toBe(1)
    expect(await Person.where('org.people.mail', 'b@b.org').count()).toBe(2)
    expect(
      await Person.query()
        .groupBy('orgId')
        .having((c: any) => fn.count(c.mail).gt(1))
        .aggregate({ n: fn.count() }),
    ).toEqual([{ orgId: org.id, n: 2 }])
    const page = await Person.query().orderBy('name').cursorPaginate({ size: 1 })
    expect(page.items[0]?.mail).toBe('d@b.org')
    const [one] = await Person.where('mail', 'd@b.org').updateReturning({ mail: 'z@b.org' })
    expect(one?.mail).toBe('z@b.org')
    expect(
      (await Person.where('mail', 'z@b.org').unionAll(Person.where('mail', 'b@b.org')).get()).map((x) => x.mail).sort(),
    ).toEqual(['b@b.org', 'z@b.org'])
    await Person.transaction(async (trx) => {
      const r = (await Person.findBy({ mail: 'z@b.org' })) as Person
      await r.update({ mail: 'y@b.org' })
      await trx
        .transaction(async () => {
          await r.update({ mail: 'x@b.org' })
          throw new Error('n')
        })
        .catch(() => 0)
      expect([r.mail, r.isDirty('mail'), r.getOriginal('mail')]).toEqual(['x@b.org', true, 'y@b.org'])
      await r.save()
    })
    expect(await Person.where('mail', 'x@b.org').count()).toBe(1)
    const [u, made] = await Person.updateOrCreate({ mail: 'x@b.org' }, { tags: ['q'] })
    expect([u.tags, made]).toEqual([['q'], false])
    expect(await Person.where('org.people.tags', 'contains', 'q').count()).toBe(2)
    expect(
      await Org.query()
        .whereHas('people', (s) => s.where('tags', 'contains', 'q'))
        .count(),
    ).toBe(1)
    expect(
      (
        (await Org.query()
          .withCount({ people: { as: 'n', where: (s: any) => s.where('tags', ['q']) } } as never)
          .first()) as any
      ).n,
    ).toBe(1)
    const sameAll = await Promise.all([
      Person.where('mail', 'x@b.org').first(),
      Person.where('mail', 'b@b.org').first(),
    ])
    expect(sameAll.map((x) => x?.name)).toEqual(['a', 'b'])
    expect(await Person.reencrypt()).toBe(0)
    for await (const rows of Person.query().batches(1)) expect(rows[0]?.mail).toContain('@')
    const str: string[] = []
    for await (const row of Person.query().stream()) str.push(row.mail ?? '')
    expect(str.length).toBe(2)
    Database.configure({ encryption: undefined })
  })

  it('are logged where keys can not be had', async () => {
    const stop = database.db.on('query', () => undefined)
    Database.configure({ encryption: { current: 1, keys: { 1: randomBytes(32) } } })
    const { id } = await Person.create({ name: 'a', mail: 'a@b.org' })
    const bytes = Buffer.alloc(40, 0xc1)
    Database.configure({
      encryption: () => {
        throw new Error('no keys')
      },
    })
    await Person.where({ id }).update({ content: bytes })
    const found = await Person.findOrFail(id)
    expect(() => found.mail).toThrow(/can not decode/)
    await expect(found.update({ mail: 'b@b.org' })).rejects.toThrow('no keys')
    stop()
    Database.configure({ encryption: undefined })
  })
})
