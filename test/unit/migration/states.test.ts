import { describe, expect, it } from 'vitest'
import type { SchemaOperation, SchemaState } from '../../../src/ast/schema.js'
import { isSameState } from '../../../src/migration/replay.js'
import { diffStates } from '../../../src/schema/diff.js'
import { applied, reversed } from '../../../src/schema/operation/index.js'
import { Random, randomSchema, stateAfter } from '../../support/random-schema.js'

const HARD = { removal: 'hard', dropRetired: true } as const

/** The states before each operation, and after the last. */
function statesOf(operations: readonly SchemaOperation[], from: SchemaState): SchemaState[] {
  const states = [from]
  for (const operation of operations) states.push(applied(operation, states.at(-1) as SchemaState))
  return states
}

describe('states of a schema', () => {
  it('a difference that is applied gives the other state', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const random = new Random(seed)
      const [a, b] = [stateAfter(randomSchema(random)), stateAfter(randomSchema(random))]
      const operations = diffStates(a, b, HARD)
      const result = statesOf(operations, a).at(-1) as SchemaState
      expect(isSameState(result, b), `seed ${seed}`).toBe(true)
      expect(diffStates(result, b, HARD), `seed ${seed}`).toEqual([])
    }
  })

  it('reversing each operation gives the first state back, but for what was lost', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const random = new Random(seed)
      const [a, b] = [stateAfter(randomSchema(random)), stateAfter(randomSchema(random))]
      const operations = diffStates(a, b, HARD)
      const states = statesOf(operations, a)
      let state = states.at(-1) as SchemaState
      operations.reduceRight((_, operation, i) => {
        for (const back of reversed(operation, states[i] as SchemaState)) state = applied(back, state)
        return null
      }, null)
      // columns that are NOT NULL come back nullable
      const left = diffStates(state, a, HARD)
      const isNullability = (each: SchemaOperation) => each.op === 'alterColumn'
      expect(
        left.filter((each) => !isNullability(each)),
        `seed ${seed}`,
      ).toEqual([])
    }
  })

  it('what is gone is retired first, and dropped by the next difference that says so', () => {
    for (let seed = 1; seed <= 100; seed++) {
      const random = new Random(seed)
      const [a, b] = [stateAfter(randomSchema(random)), stateAfter(randomSchema(random))]
      const soft = statesOf(diffStates(a, b, { removal: 'soft', dropRetired: false }), a).at(-1) as SchemaState
      expect(diffStates(soft, b, { removal: 'soft', dropRetired: false }), `seed ${seed}`).toEqual([])
      const hard = statesOf(diffStates(soft, b, { removal: 'soft', dropRetired: true }), soft).at(-1) as SchemaState
      expect(isSameState(hard, b), `seed ${seed}`).toBe(true)
    }
  })
})
