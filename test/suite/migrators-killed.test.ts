import { Database, MigrationInterruptedError, sql } from 'corm'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { describeDifference, driftOf } from '../../src/migration/drift.js'
import * as migrator from '../../src/migration/migrator.js'
import { namedMigrations } from '../../src/migration/modules.js'
import { replay } from '../../src/migration/replay.js'
import type { DatabaseKind } from '../support/databases.js'
import { environmentNumber } from '../support/environment-number.js'
import { dropAll, recorded } from '../support/migrations.js'
import { BLIND, before, CHANGE, INITIAL, type Kind, killed } from '../support/migrators/histories.js'
import { sharedDatabases, sharedKinds } from '../support/migrators/places.js'
import { type Migrator, migrators } from '../support/migrators/processes.js'
import type { Counts, Point } from '../support/migrators/program.js'

// Goal G16: a process that is killed at a statement of a migration leaves a database from which the next run goes on.

/** How many points of each kind; 0: every one. */
const POINTS = environmentNumber('CORM_KILLS', 1)
type Direction = 'up' | 'down'

interface Case {
  readonly history: Kind
  readonly direction: Direction
}

/** The short form leaves out what is the same on this database, or nearly so. */
function casesOf(kind: DatabaseKind): readonly Case[] {
  const histories: Kind[] = kind === 'postgres' ? ['together', 'steps', 'concurrent'] : ['together', 'steps']
  const all = histories.flatMap((history) => [
    { history, direction: 'up' } as const,
    { history, direction: 'down' } as const,
  ])
  if (POINTS === 0) return all
  return all.filter(({ history, direction }) => direction === 'up' || history === 'steps')
}

/** Points that are spread over a run. */
function pointsOf(at: Point['at'], total: number): readonly Point[] {
  const count = POINTS === 0 ? total : Math.min(POINTS, total)
  return Array.from({ length: count }, (_, i) => ({ at, count: Math.round(((i + 0.5) * total) / count + 0.5) }))
}

describe.each(sharedKinds)('a migration that is killed on %s', (kind) => {
  const { start } = migrators()
  const fresh = sharedDatabases()
  let db: Database
  let place: Awaited<ReturnType<typeof fresh>>
  let next: Migrator

  beforeAll(async () => {
    place = await fresh(kind)
    db = await Database.connect({ name: 'killed', url: place.url })
    next = start()
  })
  afterEach(() => dropAll(db))
  afterAll(async () => {
    next.stop()
    await db.close()
    await place.drop()
  })

  /** Runs a process up to a point; the one after it starts meanwhile. */
  async function runTo(history: Kind, direction: Direction, kill: Point | null) {
    const process = next
    next = start()
    return process.run({ url: place.url, history, direction, kill })
  }

  const settings = (history: Kind) => ({ migrations: namedMigrations(killed(history)) })
  const migrate = (history: Kind, direction: Direction) =>
    direction === 'up'
      ? migrator.up(db, settings(history))
      : migrator.down(db, { ...settings(history), to: INITIAL, allowLoss: true })
  const traces = async () =>
    (await db.select<{ name: string }>(sql`select name from log order by name`)).map(({ name }) => name)

  async function prepare(history: Kind, direction: Direction) {
    await dropAll(db)
    await db.migrate({ migrations: direction === 'up' ? before : killed(history) })
  }

  /** Goes on as a person would, and returns whether somebody had to look. */
  async function goOn(history: Kind, direction: Direction): Promise<boolean> {
    if (direction === 'down' && !(await recorded(db)).includes(CHANGE)) return false
    try {
      await migrate(history, direction)
      return false
    } catch (error) {
      if (!(error instanceof MigrationInterruptedError)) throw error
      const { at } = error
      expect(at).toMatchObject({ migration: CHANGE, description: expect.stringMatching(/^run SQL/) })
      expect(error.message).toContain(`step ${at.step} of ${at.steps} (${at.description})`)
      const name = at.sql?.includes(BLIND) ? BLIND : 'sql'
      const isThere = (await traces()).includes(name)
      const step = isThere === (direction === 'up') ? 'done' : 'redo'
      await migrator.resume(db, { ...settings(history), step })
      return true
    }
  }

  async function expectAll(history: Kind, direction: Direction) {
    const modules = direction === 'up' ? killed(history) : before
    expect(await recorded(db)).toEqual(Object.keys(modules))
    const { state } = replay(namedMigrations(modules))
    const { differences } = await driftOf(db, state, { ignore: [], own: ['corm_migrations'] })
    expect(differences.map(describeDifference)).toEqual([])
    expect(await traces()).toEqual(direction === 'up' ? [BLIND, 'data', 'sql'] : ['data'])
    expect(await db.select(sql`select count(*) as n from books where pages < 20`)).toMatchObject([
      { n: expect.anything() },
    ])
    if (direction === 'up') expect((await db.migrate({ migrations: modules })).finished).toEqual([])
  }

  it.each(casesOf(kind))(
    'is finished by the next run ($history, $direction)',
    { timeout: 0 },
    async ({ history, direction }) => {
      await prepare(history, direction)
      const whole = await runTo(history, direction, null)
      expect(whole?.error).toBeNull()
      await expectAll(history, direction)
      const counts = whole?.counts as Counts
      const points = [...pointsOf('answered', counts.answered), ...pointsOf('sent', counts.sent)]
      let asked = 0
      for (const point of points) {
        await prepare(history, direction)
        expect(await runTo(history, direction, point)).toBeNull()
        try {
          if (await goOn(history, direction)) asked += 1
          await expectAll(history, direction)
        } catch (error) {
          throw new Error(`After a kill when ${point.count} were ${point.at}: ${(error as Error).message}`, {
            cause: error,
          })
        }
      }
      if (POINTS !== 1)
        console.log(
          `${kind}, ${history}, ${direction}: ${points.length} kills, all finished, ${asked} after an answer.`,
        )
    },
  )
})
