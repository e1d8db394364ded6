import { describe, expect, it } from 'vitest'
import { Extra } from '../../src/hydrate/extra.js'
import type { Origin } from '../../src/hydrate/origin.js'
import { Stateful } from '../../src/hydrate/state.js'
import { createStates } from '../../src/hydrate/states.js'

// what instances carry is reached through a class of private fields: one made for each model, or one for all

describe.each([
  ['generated', true],
  ['shared', false],
] as const)('the private state of instances, %s', (_, generate) => {
  const states = createStates(generate)
  const origin = { deleted: false } as Origin

  it('is nothing before a row is there, and then the row, its origin and what is added', () => {
    const instance = new Stateful()
    expect([states.row(instance), states.origin(instance), states.extra(instance)]).toEqual([null, null, null])
    const row = [1, 'a']
    states.adopt(instance, row, origin)
    expect(states.row(instance)).toBe(row)
    expect(states.origin(instance)).toBe(origin)
    expect(states.extra(instance)).toBeNull()
    const extra = new Extra()
    states.setExtra(instance, extra)
    states.adopt(instance, [2], origin)
    expect(states.row(instance)).toEqual([2])
    expect(states.extra(instance)).toBe(extra)
  })

  it('may have something added before its row', () => {
    const instance = new Stateful()
    const extra = new Extra()
    states.setExtra(instance, extra)
    expect(states.row(instance)).toBeNull()
    states.adopt(instance, [1], origin)
    expect(states.extra(instance)).toBe(extra)
  })

  it('takes the loaded values of many instances, and leaves those without a state to others', () => {
    const [known, loaded, unknown] = [new Stateful(), new Stateful(), new Stateful()]
    for (const instance of [known, loaded]) states.adopt(instance, [1], origin)
    const [before, ...values] = [['before'], ['a'], ['b'], ['c']]
    states.setExtra(loaded, new Extra(0, before))
    const others: unknown[] = []
    const other = (instance: object, relation: number, value: object | undefined) => {
      others.push(instance)
      const extra = states.extra(instance) ?? new Extra()
      extra.load(relation, value)
      states.setExtra(instance, extra)
    }
    states.load([known, unknown, loaded], 2, values, other)
    expect([known, unknown, loaded].map((instance) => states.extra(instance)?.loaded(2))).toEqual(values)
    expect(states.extra(loaded)?.loaded(0)).toBe(before)
    if (generate) expect(others).toEqual([unknown])
  })

  it('is not seen from outside, and stays out of objects that look the same', () => {
    const instance = Object.assign(new Stateful(), { id: 1 })
    states.adopt(instance, [1], origin)
    expect(Reflect.ownKeys(instance)).toEqual(['id'])
    expect(JSON.stringify(instance)).toBe('{"id":1}')
    expect(states.row({ ...instance })).toBeNull()
    expect(states.row(Object.create(instance) as object)).toBeNull()
  })
})
