import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { environmentNumber } from '../support/environment-number.js'
import { Memory } from '../support/instances/memory.js'
import { models } from '../support/instances/models.js'
import { Programs } from '../support/instances/run.js'
import { makeProgram, printProgram, type Step } from '../support/instances/steps.js'

const seed = environmentNumber('CORM_FUZZ_SEED', 1)
const from = environmentNumber('CORM_FUZZ_FROM', 0)
const asked = environmentNumber('CORM_PROGRAMS', 0)
const PROGRESS = 5_000

describeDatabases('random programs of writes, savepoints, rollbacks and retries', (database) => {
  database.useTables(models)

  it('leave rows and instances as a model in memory says', { timeout: 0 }, async () => {
    const programs = asked > 0 ? asked : database.facts.quick ? 200 : 30
    let next = PROGRESS
    const onProgress = (done: number) => {
      if (done < next) return
      console.log(`${done} programs on ${database.kind}`)
      next += PROGRESS
    }
    // where writes lock the gaps between rows, programs at the same time would be deadlocks
    const together = database.facts.concurrent && !database.capabilities.staleReads ? 4 : 1
    const report = await new Programs(database.db).run({ seed, programs, from, together, onProgress })
    if (report !== null) expect.fail(report)
  })

  it('show a mistake in few steps', async () => {
    class Forgetful extends Memory {
      override record() {}
    }
    const programs = new Programs(database.db, () => new Forgetful())
    const report = await programs.run({ seed: 1, programs: 50, together: 1 })
    expect(report).toContain('Made smaller')
    expect(report?.split('\n').findIndex((line) => line.includes('Error:'))).toBeLessThan(12)
  })
})

it('makes the same programs of the same seed, of every kind of step', () => {
  const made = (number: number) => Array.from({ length: 100 }, (_, index) => makeProgram(number, index))
  const printed = made(3).map((steps) => printProgram(steps))
  expect(made(3).map((steps) => printProgram(steps))).toEqual(printed)
  expect(new Set([...printed, ...made(4).map((steps) => printProgram(steps))]).size).toBe(200)
  const kinds = (steps: readonly Step[]): string[] =>
    steps.flatMap((step) => (step.s === 'transaction' ? [step.s, ...kinds(step.steps)] : [step.s]))
  const used = new Set(made(3).flatMap(kinds))
  expect([...used].sort()).toEqual([
    ...['create', 'delete', 'duplicate', 'increment', 'labels', 'load', 'new', 'query', 'refresh', 'restore'],
    ...['save', 'saveMany', 'shelf', 'transaction'],
  ])
})
