import { afterEach, expect, it } from 'vitest'
import { EMPTY, type SchemaOperation, type SchemaState } from '../../src/ast/schema.js'
import { driftOf } from '../../src/migration/drift.js'
import { describeDifference } from '../../src/schema/catalog/difference.js'
import { diffStates } from '../../src/schema/diff.js'
import { applied, describeOperation, reversed } from '../../src/schema/operation/index.js'
import { describeDatabases } from '../support/databases.js'
import { dropAll } from '../support/migrations.js'
import { Random, randomSchema, stateAfter } from '../support/random-schema.js'
import { runOperations } from '../support/schema-run.js'

// Reversing operations gives back what was there, in the database as in the state.

const HARD = { removal: 'hard', dropRetired: true } as const

/** The operations that undo a list of them, in their order. */
function undoing(operations: readonly SchemaOperation[], from: SchemaState): SchemaOperation[] {
  const states = [from]
  for (const operation of operations) states.push(applied(operation, states.at(-1) as SchemaState))
  return operations
    .map((operation, i) => reversed(operation, states[i] as SchemaState))
    .reverse()
    .flat()
}

describeDatabases('operations that are reversed', (database) => {
  afterEach(() => dropAll(database.db))

  const differences = async (state: SchemaState) => {
    const drift = await driftOf(database.db, state, { ignore: [], own: [] })
    return drift.differences.map(describeDifference)
  }

  it('give back dropped tables with their indexes, checks, keys and comments', { timeout: 120_000 }, async () => {
    const { db } = database
    for (let seed = 1; seed <= 12; seed++) {
      const wanted = stateAfter(randomSchema(new Random(seed)))
      let state = await runOperations(db, diffStates(EMPTY, wanted, HARD), EMPTY)
      const drops = diffStates(state, EMPTY, HARD)
      const back = undoing(drops, state)
      const lost = await runOperations(db, drops, state)
      state = await runOperations(db, back, lost)
      expect(diffStates(state, wanted, HARD), `seed ${seed}`).toEqual([])
      expect(await differences(wanted), `seed ${seed}`).toEqual([])
      // and what is reversed can be dropped again
      await runOperations(db, diffStates(state, EMPTY, HARD), state)
    }
  })

  it('give back what was changed, retired and dropped', { timeout: 240_000 }, async () => {
    const { db } = database
    for (let seed = 1; seed <= 12; seed++) {
      const random = new Random(seed * 31)
      const [a, b] = [stateAfter(randomSchema(random)), stateAfter(randomSchema(random))]
      const before = await runOperations(db, diffStates(EMPTY, a, HARD), EMPTY)
      const soft = diffStates(before, b, { removal: 'soft', dropRetired: false })
      const retired = soft.reduce((state, operation) => applied(operation, state), before)
      const all = [...soft, ...diffStates(retired, b, { removal: 'soft', dropRetired: true })]
      const back = undoing(all, before)
      const text = [...all.map(describeOperation), '--', ...back.map(describeOperation)].join('\n')
      const changed = await runOperations(db, all, before)
      expect(await differences(b), `seed ${seed}\n${text}`).toEqual([])
      const state = await runOperations(db, back, changed)
      expect(await differences(state), `seed ${seed}\n${text}`).toEqual([])
      const left = diffStates(state, a, HARD)
      expect(left.filter(({ op }) => op !== 'alterColumn').map(describeOperation), `seed ${seed}\n${text}`).toEqual([])
      await runOperations(db, diffStates(state, EMPTY, HARD), state)
    }
  })
})
