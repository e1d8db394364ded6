import { EMPTY, type SchemaState } from '../../src/ast/schema.js'
import { column } from '../../src/migration/column.js'
import { isSchema } from '../../src/migration/definition.js'
import { resolveOperation } from '../../src/migration/resolve.js'
import { applied } from '../../src/schema/operation/index.js'
import type { MigrationColumn, MigrationOperation } from '../../src/types/migration.js'

// Random schemas for the tests of migrations, as the operations that create them.

/** A small generator of pseudo-random numbers: mulberry32. */
export class Random {
  #state: number
  constructor(seed: number) {
    this.#state = seed >>> 0
  }
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  below(limit: number): number {
    return Math.floor(this.next() * limit)
  }
  chance(share: number): boolean {
    return this.next() < share
  }
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T
  }
}

type MakeColumn = (random: Random, nullable: boolean) => MigrationColumn

/** Columns of every type, with and without defaults. */
export const COLUMN_KINDS: Readonly<Record<string, MakeColumn>> = {
  small: (random, nullable) =>
    column.smallInteger({ nullable, ...(random.chance(0.3) && { default: random.below(9) }) }),
  int: (random, nullable) => column.integer({ nullable, ...(random.chance(0.3) && { default: -random.below(9) }) }),
  big: (random, nullable) => column.bigInteger({ nullable, ...(random.chance(0.3) && { default: 2n ** 40n }) }),
  float: (random, nullable) => column.float({ nullable, ...(random.chance(0.3) && { default: 1.5 }) }),
  price: (random, nullable) => {
    const precision = random.pick([8, 12])
    return column.decimal({ nullable, precision, scale: 2, ...(random.chance(0.3) && { default: '1.50' }) })
  },
  flag: (random, nullable) => column.boolean({ nullable, ...(random.chance(0.3) && { default: true }) }),
  name: (random, nullable) => {
    const max = random.pick([50, 100, 300])
    return column.string({ nullable, max, ...(random.chance(0.3) && { default: "it's" }) })
  },
  body: (_, nullable) => column.text({ nullable }),
  code: (random, nullable) => column.char(random.pick([2, 3]), { nullable }),
  role: (random, nullable) =>
    column.enum(
      random.pick([
        ['a', 'b'],
        ['a', 'b', "c'd"],
      ]),
      { nullable },
    ),
  uid: (random, nullable) => column.uuid({ nullable, ...(random.chance(0.3) && { default: 'uuid' }) }),
  data: (_, nullable) => column.json({ nullable }),
  day: (random, nullable) => column.date({ nullable, ...(random.chance(0.3) && { default: '2026-01-02' }) }),
  clock: (_, nullable) => column.time({ nullable }),
  at: (random, nullable) => {
    const precision = random.pick([3, 6])
    return column.dateTime({ nullable, precision, ...(random.chance(0.3) && { default: 'now' }) })
  },
  list: (random, nullable) => column.array(random.pick([column.integer(), column.string({ max: 9 })]), { nullable }),
  bytes: (_, nullable) => column.binary({ nullable }),
}

const TABLES = ['alphas', 'betas', 'gammas']

/** The operations that create a random schema. */
export function randomSchema(random: Random): MigrationOperation[] {
  const tables = TABLES.filter(() => random.chance(0.8))
  const later: MigrationOperation[] = []
  const created = tables.map((table): MigrationOperation => {
    const kinds = Object.keys(COLUMN_KINDS).filter(() => random.chance(0.35))
    const columns: Record<string, MigrationColumn> = { id: column.id() }
    for (const kind of kinds) columns[kind] = (COLUMN_KINDS[kind] as MakeColumn)(random, random.chance(0.5))
    if (random.chance(0.4)) {
      columns.base = column.integer({ default: 0 })
      columns.twice = column.integer({ generated: (c) => c.base!.times(2), stored: random.chance(0.5) })
    }
    const targets = tables.filter(() => random.chance(0.3))
    for (const target of targets) {
      columns[`${target}_id`] = column.integer({ nullable: true })
      later.push(
        {
          op: 'addForeignKey',
          table,
          name: `${table}_${target}_fkey`,
          columns: [`${target}_id`],
          references: { table: target, columns: ['id'] },
          onDelete: random.pick(['cascade', 'setNull', 'restrict']),
        },
        { op: 'createIndex', table, name: `${table}_${target}_id_index`, columns: [`${target}_id`] },
      )
    }
    const checks: Record<string, (c: never) => never> = {}
    if ('int' in columns && random.chance(0.5))
      checks[`${table}_int_check`] = ((c: any) => c.int.gte(-random.pick([5, 50]))) as never
    if ('name' in columns && random.chance(0.3)) checks[`${table}_name_check`] = ((c: any) => c.name.ne('')) as never
    for (const kind of kinds.filter((each) => !['data', 'body', 'bytes'].includes(each)))
      if (random.chance(0.2))
        later.push({
          op: 'createIndex',
          table,
          name: `${table}_${kind}_index`,
          columns: [kind],
          unique: random.chance(0.3),
        })
    return { op: 'createTable', table, columns, checks, ...(random.chance(0.3) && { comment: 'a comment' }) } as never
  })
  return [...created, ...later]
}

/** The state after these operations. */
export function stateAfter(operations: readonly MigrationOperation[], from: SchemaState = EMPTY): SchemaState {
  let state = from
  for (const each of operations) {
    const operation = resolveOperation(each, state)
    if (isSchema(operation)) state = applied(operation, state)
  }
  return state
}
