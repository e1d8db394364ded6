import { Field, Model } from 'corm'
import { describe, expect, it } from 'vitest'
import type { Query } from '../../../src/query/builder/query-builder.js'
import type { StepKind } from '../../../src/query/shape.js'

class Post extends Model({ id: Field.id(), title: Field.string(), deletedAt: Field.softDelete() }) {}

const KINDS: readonly StepKind[] = ['where', 'order', 'limit', 'offset', 'lock', 'comment', 'trashed', 'groupBy', 'all']

const STEPS: readonly ((query: Query) => unknown)[] = [
  (query) => query.where('title', 'a'),
  (query) => query.orWhere('title', 'b'),
  (query) => query.orderBy('id'),
  (query) => query.limit(3),
  (query) => query.limit(4),
  (query) => query.offset(2),
  (query) => query.lock('update'),
  (query) => query.comment('first'),
  (query) => query.comment('second'),
  (query) => query.withTrashed(),
  (query) => query.onlyTrashed(),
  (query) => query.all(),
]

/** Numbers that look random and are the same each time. */
function* numbers(seed: number) {
  for (let state = seed; ; state = (state * 1_103_515_245 + 12_345) % 2 ** 31) yield state >>> 8
}

describe('what a form says of its steps', () => {
  it('is what a look at each step finds', () => {
    const random = numbers(7)
    for (let run = 0; run < 200; run++) {
      let query = Post.query() as unknown as Query
      const count = (random.next().value as number) % 7
      for (let i = 0; i < count; i++) {
        const step = STEPS[(random.next().value as number) % STEPS.length]
        query = step?.(query) as Query
        // a form that was asked before it went on
        if (i % 2 === 0) query.shape.has('where')
      }
      const parts = query.shape.steps().map(({ part }) => part)
      for (const kind of KINDS) {
        const own = parts.filter((part) => part.kind === kind)
        expect(query.shape.has(kind)).toBe(own.length > 0)
        expect(query.shape.each(kind)).toEqual(own)
        expect(query.shape.last(kind)).toBe(own.at(-1))
      }
    }
  })
})
