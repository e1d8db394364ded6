import { DeadlockError, Field, Model, outsideTransaction, Relation, sql, UsageError } from 'corm'
import { describe, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Team extends Model({ name: Field.string() }) {
  static players = Relation.hasMany(() => Player)
  static skills = Relation.manyToMany(() => Skill, { pivot: { level: Field.integer({ default: 1 }) } })
}

class Player extends Model({
  name: Field.string({ unique: true }),
  score: Field.integer({ default: 0 }),
  rank: Field.integer({ dbDefault: sql`7` }),
  note: Field.text({ lazy: true, nullable: true }),
  made: Field.dateTime({ autoNowAdd: true }),
  changed: Field.dateTime({ autoNow: true }),
  deletedAt: Field.softDelete(),
  teamId: Field.foreignKey(() => Team, { nullable: true }),
}) {
  static team = Relation.belongsTo(() => Team)
}

class Skill extends Model({ name: Field.string() }) {}

// classes that name each other have no types for their relations
const related = (owner: object, relation: string) => (owner as any).related(relation)
const loaded = (owner: object, relation: string) => (owner as any)[relation]

class Enough extends Error {}

/** How an instance is: what it holds, what is dirty, whether it is stored. */
function stateOf(instance: any) {
  return {
    held: { ...instance },
    changes: instance.isPersisted ? instance.getChanges() : null,
    persisted: instance.isPersisted,
    deleted: instance.isDeleted,
  }
}

async function thenEnough(work: () => Promise<unknown>): Promise<never> {
  await work()
  throw new Enough()
}

const fails = (work: () => Promise<unknown>) => expect(work()).rejects.toBeInstanceOf(Enough)

describeDatabases('instances in transactions', (database) => {
  database.useTables([Team, Player, Skill])

  /** Runs work in a transaction, or in a savepoint of one that is committed, and rolls it back. */
  const rolledBack = {
    transaction: (work: () => Promise<unknown>) => fails(() => database.db.transaction(() => thenEnough(work))),
    savepoint: (work: () => Promise<unknown>) =>
      database.db.transaction(async (trx) => fails(() => trx.transaction(() => thenEnough(work)))),
  }

  describe.each(Object.keys(rolledBack) as (keyof typeof rolledBack)[])('after the rollback of a %s', (kind) => {
    const rollback = rolledBack[kind]

    it('a change is a change again, and what corm has set is as it was', async () => {
      const player = await Player.create({ name: 'a' })
      const changed = player.changed.getTime()
      await rollback(async () => {
        await new Promise((resolve) => setTimeout(resolve, 5))
        player.score = 5
        await player.save()
        expect([player.isDirty(), player.changed.getTime() > changed]).toEqual([false, true])
      })
      expect(player.getChanges()).toEqual({ score: [0, 5] })
      expect(player.changed.getTime()).toBe(changed)
      await player.save()
      expect((await Player.findOrFail(player.id)).score).toBe(5)
    })

    const inserts: Record<string, (player: Player) => Promise<unknown>> = {
      'save()': (player) => player.save(),
      'saveMany()': (player) => Player.saveMany([player]),
      'save() of a relation': async (player) => related(await Team.create({ name: 't' }), 'players').save(player),
      'a nested write': (player) => (Team as any).createWithRelations({ name: 't', players: [player] }),
    }
    it.each(Object.keys(inserts))('a new instance is not stored after %s', async (name) => {
      const player = new Player({ name: 'a', score: 3 })
      const before = stateOf(player)
      await rollback(async () => {
        await inserts[name]?.(player)
        expect([player.isPersisted, player.rank]).toEqual([true, 7])
      })
      expect(stateOf(player)).toEqual(before)
      await player.save()
      expect(await Player.where('id', player.id).pluck('score')).toEqual([3])
    })

    const makers: Record<string, () => Promise<Player>> = {
      'create()': () => Player.create({ name: 'a' }),
      'createMany()': async () => (await Player.createMany([{ name: 'a' }, { name: 'b' }]))[0] as Player,
      'firstOrCreate()': async () => (await Player.firstOrCreate({ name: 'a' }))[0],
      'updateOrCreate()': async () => (await Player.updateOrCreate({ name: 'a' }, { score: 1 }))[0],
      'upsert()': () => Player.upsert({ name: 'a' }, { conflict: 'name' }) as Promise<Player>,
      'create() of a relation': async () => related(await Team.create({ name: 't' }), 'players').create({ name: 'a' }),
    }
    it.each(Object.keys(makers))('what %s has made is not stored', async (name) => {
      let made: Player | undefined
      await rollback(async () => {
        made = await makers[name]?.()
        expect(made?.isPersisted).toBe(true)
      })
      const player = made as Player
      expect([player.isPersisted, player.isDeleted]).toEqual([false, false])
      expect([player.id, player.rank, player.made, player.changed]).toEqual(Array(4).fill(undefined))
      player.teamId = null
      await player.save()
      expect(await Player.query().pluck('name')).toEqual(['a'])
    })

    const changes: Record<string, (player: Player) => Promise<unknown>> = {
      'delete()': (player) => player.delete(),
      'forceDelete()': (player) => player.forceDelete(),
      'increment()': (player) => player.increment('score', 4),
      'decrement()': (player) => player.decrement('score', 4),
      'refresh()': async (player) => {
        await Player.where('id', player.id).update({ score: 9 })
        await player.refresh()
        expect(player.score).toBe(9)
      },
      'loadField()': (player) => player.loadField('note'),
      'attach()': async (player) => related(await Team.create({ name: 't' }), 'players').attach(player),
      'associate()': async (player) => related(player, 'team').associate(await Team.create({ name: 't' })),
      'associate() and a lazy load': async (player) => {
        await related(player, 'team').associate(await Team.create({ name: 't' }))
        await loaded(player, 'team')
      },
      'a chain of writes': async (player) => {
        await player.increment('score')
        await player.delete()
        await player.restore()
        await player.increment('score')
        await player.forceDelete()
      },
    }
    it.each(Object.keys(changes))('an instance is as it was before %s', async (name) => {
      const { id } = await Player.create({ name: 'a' })
      const player = await Player.findOrFail(id)
      const before = stateOf(player)
      await rollback(async () => {
        await changes[name]?.(player)
        expect(stateOf(player)).not.toEqual(before)
      })
      expect(stateOf(player)).toEqual(before)
      player.score = 11
      await player.save()
      expect((await Player.findOrFail(id)).score).toBe(11)
    })

    it('restore() is undone too', async () => {
      const player = await Player.create({ name: 'a' })
      await player.delete()
      const before = stateOf(player)
      await rollback(() => player.restore())
      expect(stateOf(player)).toEqual(before)
    })

    it('loaded relations and their lists are as they were', async () => {
      const team = await Team.create({ name: 't' })
      const [one, two] = await Player.createMany([{ name: 'one', teamId: team.id }, { name: 'two' }])
      const [skill, other] = await Skill.createMany([{ name: 'x' }, { name: 'y' }])
      await team.load('players' as never)
      await related(team, 'skills').attach([skill, { level: 3 }])
      await team.load('skills' as never)
      const list = loaded(team, 'players')
      const names = () => [...loaded(team, 'players')].map((each: Player) => each.name)
      const levels = () => [...loaded(team, 'skills')].map((each: any) => [each.name, each.pivot.level])
      await rollback(async () => {
        await related(team, 'players').attach(two)
        await related(team, 'players').create({ name: 'three' })
        await related(team, 'players').detach(list[0])
        await related(team, 'skills').sync([[other, { level: 9 }]])
        expect([names(), levels()]).toEqual([['two', 'three'], [['y', 9]]])
      })
      expect(loaded(team, 'players')).toBe(list)
      expect([names(), levels()]).toEqual([['one'], [['x', 3]]])
      expect([one?.teamId, two?.teamId, two?.isDirty()]).toEqual([team.id, null, false])
      await rollback(() => related(team, 'skills').updatePivot(loaded(team, 'skills')[0], { level: 4 }))
      await rollback(() => related(team, 'skills').toggle(loaded(team, 'skills')[0], other))
      await rollback(() => related(team, 'skills').clear())
      expect(levels()).toEqual([['x', 3]])
    })

    it('a relation that was loaded in it is not loaded', async () => {
      const { id } = await Team.create({ name: 't' })
      const team = await Team.findOrFail(id)
      await rollback(async () => {
        await Player.create({ name: 'a', teamId: id })
        expect(await loaded(team, 'players')).toHaveLength(1)
      })
      expect(await loaded(team, 'players')).toHaveLength(0)
    })

    it('a nested write is undone: rows, keys and lists', async () => {
      const team = await Team.create({ name: 't' })
      await team.load('players' as never)
      const player = await Player.create({ name: 'old' })
      await rollback(async () => {
        await (team as any).saveWithRelations({ players: { create: [{ name: 'new' }], connect: [player] } })
        expect(loaded(team, 'players')).toHaveLength(2)
      })
      expect(loaded(team, 'players')).toHaveLength(0)
      expect([player.teamId, player.isDirty()]).toEqual([null, false])
      await rollback(() => (player as any).saveWithRelations({ score: 4, team: { create: { name: 'u' } } }))
      expect([player.teamId, player.score]).toEqual([null, 4])
      expect(player.getChanges()).toEqual({ score: [0, 4] })
    })

    it('what deleteReturning() gave is stored', async () => {
      await Skill.create({ name: 'a' })
      let gone: Skill[] = []
      await rollback(async () => {
        gone = await Skill.where('name', 'a').deleteReturning()
        expect(gone[0]?.isPersisted).toBe(false)
      })
      expect(gone[0]?.isPersisted).toBe(true)
    })

    it('what updateReturning() has changed is a change, and what it deleted softly is there', async () => {
      await Player.create({ name: 'a' })
      let changed: Player[] = []
      let gone: Player[] = []
      await rollback(async () => {
        changed = (await Player.where('name', 'a').updateReturning({ score: 8 })) as Player[]
        expect(changed[0]?.isDirty()).toBe(false)
        gone = (await Player.where('name', 'a').deleteReturning()) as Player[]
        expect(gone[0]?.isDeleted).toBe(true)
      })
      const [player] = changed
      expect([player?.isDirty('score'), player?.isDirty('name'), player?.score]).toEqual([true, false, 8])
      await player?.save()
      expect(await Player.query().pluck('score')).toEqual([8])
      expect([gone[0]?.isPersisted, gone[0]?.isDeleted]).toEqual([true, false])
    })

    it('what the code assigned afterwards stays', async () => {
      const player = await Player.create({ name: 'a' })
      await rollback(async () => {
        await player.update({ score: 1 })
        player.score = 2
        player.changed = new Date(0)
      })
      expect(player.getChanges()).toMatchObject({ score: [0, 2] })
      expect(player.changed).toEqual(new Date(0))
    })
  })

  it('a savepoint that is released follows the transaction around it', async () => {
    const player = await Player.create({ name: 'a' })
    await rolledBack.transaction(() => database.db.transaction(() => player.update({ score: 1 })))
    expect(player.getChanges()).toEqual({ score: [0, 1] })
    await database.db.transaction(async (trx) => {
      await player.update({ score: 2 })
      await fails(() => trx.transaction(() => thenEnough(() => player.update({ score: 3 }))))
      expect(player.getChanges()).toEqual({ score: [2, 3] })
    })
    expect(player.getChanges()).toEqual({ score: [2, 3] })
    expect((await Player.findOrFail(player.id)).score).toBe(2)
  })

  it('rollback() is the same', async () => {
    const player = new Player({ name: 'a' })
    await database.db.transaction(async (trx) => {
      await player.save()
      trx.rollback()
    })
    expect([player.isPersisted, player.id]).toEqual([false, undefined])
  })

  it('an attempt that is repeated begins with the state of the first', async () => {
    const player = await Player.create({ name: 'a' })
    const fresh = new Player({ name: 'b' })
    let attempts = 0
    await database.db.transaction(
      async () => {
        attempts++
        player.score = 4
        await player.save()
        expect(fresh.isPersisted).toBe(false)
        await fresh.save()
        if (attempts < 3) throw new DeadlockError('made up')
      },
      { retries: 2 },
    )
    expect(attempts).toBe(3)
    expect(await Player.query().orderBy('name').values('name', 'score')).toEqual([
      { name: 'a', score: 4 },
      { name: 'b', score: 0 },
    ])
  })

  it('a statement that fails leaves the instance as it was', async () => {
    await Player.create({ name: 'taken' })
    const fresh = new Player({ name: 'taken' })
    await expect(fresh.save()).rejects.toThrow()
    expect([fresh.made, fresh.changed, fresh.isPersisted]).toEqual([undefined, undefined, false])
    await expect(Player.saveMany([fresh])).rejects.toThrow()
    expect([fresh.made, fresh.changed]).toEqual([undefined, undefined])
    const player = await Player.create({ name: 'other' })
    const { changed } = player
    player.name = 'taken'
    await expect(player.save()).rejects.toThrow()
    await expect(Player.saveMany([player])).rejects.toThrow()
    expect(player.changed).toEqual(changed)
    expect(Object.keys(player.getChanges())).toEqual(['name'])
  })

  it('work that nobody awaited is undone as well', async () => {
    const player = await Player.create({ name: 'a' })
    const fresh = new Player({ name: 'b' })
    await fails(() =>
      database.db.transaction(async () => {
        player.score = 3
        void player.save()
        void Player.saveMany([fresh]).catch(() => {})
        throw new Enough()
      }),
    )
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(player.getChanges()).toEqual({ score: [0, 3] })
    expect([fresh.isPersisted, fresh.made]).toEqual([false, undefined])
  })

  it('an instance of another database goes back there', async () => {
    const player = await database.db.transaction(async () => {
      let made: Player | undefined
      await fails(() =>
        database.db.transaction((trx) =>
          thenEnough(async () => {
            made = (await Player.using(trx).create({ name: 'a' })) as Player
          }),
        ),
      )
      return made as Player
    })
    expect(player.getDatabase()).toBe(database.db)
    await player.save()
    expect(player.isPersisted).toBe(true)
  })

  it('two open transactions do not write one instance', async () => {
    if (!database.facts.concurrent) return
    const player = await Player.create({ name: 'a' })
    await database.db.transaction(async () => {
      await player.update({ score: 1 })
      const other = () => database.db.transaction(() => player.update({ name: 'b' }))
      const error = await outsideTransaction(other).catch((error: unknown) => error)
      expect(error).toBeInstanceOf(UsageError)
      expect(String(error)).toContain('This "Player" was written in another transaction that is still open.')
    })
    await database.db.transaction(() => player.update({ score: 2 }))
    expect((await Player.findOrFail(player.id)).score).toBe(2)
  })
})
