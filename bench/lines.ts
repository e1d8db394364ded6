import type { Contender, MaybePromise } from './contender.js'
import { type Data, digest, ITEMS, range } from './data.js'
import { PARENTS } from './relation-data.js'

export type DatabaseKey = 'sqlite' | 'postgres' | 'mysql'

/** A row of the table: one job, done by both sides. */
export interface Line {
  readonly name: string
  /** The ratio of corm to raw that is aimed at. */
  readonly targets: Partial<Record<DatabaseKey, number>>
  readonly only?: readonly DatabaseKey[]
  /** What is timed. `turn` differs from call to call, and is the same for both sides. */
  run(side: Contender, turn: number): MaybePromise<unknown>
  /** Before and after the repetitions of a measurement; not timed. */
  before?(side: Contender): Promise<void>
  after?(side: Contender): Promise<void>
  /** What both sides must have in common after a turn: a count and a checksum. */
  outcome(side: Contender, result: unknown): MaybePromise<string>
}

/** The key among the rows of `ITEMS`, spread. */
const keyOf = (i: number, turn: number) => ((i * 37 + turn * 11) % ITEMS) + 1

const rowsOf = (result: unknown) => result as readonly object[]
const compareRows = (_side: Contender, result: unknown) => digest(rowsOf(result).map((row) => ({ ...row })))

function inserting({ items }: Data): Line[] {
  const empty = (side: Contender) => side.empty()
  // keys go on after rows were removed, or start again
  const keyless = (row: object) => ({ ...row, id: typeof (row as { id: unknown }).id })
  const outcome = async (side: Contender, result: unknown) =>
    `${digest(rowsOf(result).map(keyless))} given, ${digest((await side.inserted()).map(keyless))} stored`
  const some = items.slice(0, 200)
  return [
    {
      name: 'bulk insert 1000 as instances',
      targets: { sqlite: 1, postgres: 0.55, mysql: 1 },
      run: (side) => side.insertMany(items),
      after: empty,
      outcome,
    },
    {
      name: 'create one, ×200',
      targets: { sqlite: 1.3, postgres: 0.9, mysql: 1.1 },
      run: (side) => side.createEach(some),
      after: empty,
      outcome,
    },
    {
      name: 'create one in a transaction, ×200',
      targets: { sqlite: 2, postgres: 1, mysql: 1 },
      run: (side) => side.createEachAlone(some),
      after: empty,
      outcome,
    },
  ]
}

function reading(): Line[] {
  return [
    {
      name: 'select 1000 instances',
      targets: { sqlite: 0.65, postgres: 0.92, mysql: 1 },
      run: (side) => side.all(),
      outcome: compareRows,
    },
    {
      name: 'the same, every field read',
      targets: { sqlite: 0.65, postgres: 0.97, mysql: 1 },
      run: (side) => side.readAll(),
      outcome: (_side, result) => String(result),
    },
    {
      name: 'select 1000, Decimal values',
      targets: { sqlite: 0.65, postgres: 0.92, mysql: 1 },
      run: (side) => side.allDecimal(),
      outcome: compareRows,
    },
    {
      name: 'find by key, ×500',
      targets: { sqlite: 1, postgres: 0.78, mysql: 1.05 },
      run: (side, turn) => side.findEach(range(500).map((i) => keyOf(i, turn))),
      outcome: compareRows,
    },
    {
      name: 'three conditions, order, limit 20, ×300',
      targets: { sqlite: 0.8, postgres: 0.8, mysql: 1 },
      run: (side, turn) => side.threeConditions(range(300).map((i) => Math.floor(keyOf(i, turn) * 0.9))),
      outcome: compareRows,
    },
  ]
}

function relating(): Line[] {
  type Post = { author: object | null }
  type Author = { posts: readonly object[] }
  const bare = (row: object) => ({ ...row, author: undefined, posts: undefined })
  return [
    {
      name: '1000 posts with author',
      targets: { sqlite: 0.8, postgres: 0.85, mysql: 1 },
      run: (side) => side.postsWithAuthor(),
      outcome: (_side, result) =>
        digest((result as Post[]).map((post) => ({ ...bare(post), author: bare(post.author ?? {}) }))),
    },
    {
      name: '100 authors with 10 posts each',
      targets: { sqlite: 0.75, postgres: 0.85, mysql: 1 },
      run: (side) => side.authorsWithPosts(),
      outcome: (_side, result) =>
        digest((result as Author[]).map((author) => ({ ...bare(author), posts: digest(author.posts.map(bare)) }))),
    },
    ...relatingMore(),
  ]
}

/** An instance with what is loaded on it, as plain as the other side has it. */
function plainTree(row: object, relations: Readonly<Record<string, unknown>>): object {
  const values: Record<string, unknown> = { ...row }
  for (const name of Object.keys(relations)) {
    const value = (row as Record<string, unknown>)[name]
    const below = relations[name] as Readonly<Record<string, unknown>>
    values[name] = Array.isArray(value)
      ? digest(value.map((each: object) => plainTree(each, below)))
      : value && plainTree(value, below)
  }
  // what a table of pairs holds is another matter
  delete values.pivot
  return values
}

function relatingMore(): Line[] {
  const trees = (relations: Readonly<Record<string, unknown>>) => (_side: Contender, result: unknown) =>
    digest(rowsOf(result).map((row) => plainTree(row, relations)))
  return [
    {
      name: '50 articles with 5 tags each',
      targets: { sqlite: 0.5, postgres: 0.85, mysql: 1 },
      run: (side) => side.articlesWithTags(),
      outcome: trees({ tags: {} }),
    },
    {
      name: '10 × 10 × 10 nested',
      targets: { sqlite: 0.6, postgres: 0.85, mysql: 1 },
      run: (side) => side.companiesNested(),
      outcome: trees({ departments: { employees: {} } }),
    },
    {
      name: '400 notes on rows of two models',
      targets: { sqlite: 0.8, postgres: 0.85, mysql: 1 },
      run: (side) => side.notesWithNotables(),
      outcome: trees({ notable: {} }),
    },
    {
      name: '1,000 parents with 10,000 children',
      targets: { sqlite: 0.75, postgres: 0.85, mysql: 1 },
      run: (side) => side.parentsWithChildren(PARENTS / 10),
      outcome: trees({ children: {} }),
    },
    {
      name: '10,000 parents with 100,000 children',
      targets: { sqlite: 0.75, postgres: 0.85, mysql: 1 },
      run: (side) => side.parentsWithChildren(PARENTS),
      outcome: trees({ children: {} }),
    },
  ]
}

function updating(): Line[] {
  const load = (count: number) => (side: Contender) => side.load(count)
  const outcome = async (side: Contender) => digest((await side.changed()).map((row) => ({ ...row })))
  return [
    {
      name: 'update 1000, differing values',
      targets: { sqlite: 1.1, postgres: 0.7, mysql: 1 },
      before: load(ITEMS),
      run: (side, turn) => side.updateAll(turn),
      outcome,
    },
    {
      name: 'save() of 200 changed, one by one',
      targets: { sqlite: 1.1, postgres: 0.9, mysql: 1.05 },
      before: load(200),
      run: (side, turn) => side.saveEach(turn),
      outcome,
    },
    {
      name: 'the same without a JSON column',
      targets: { sqlite: 1.3, postgres: 0.9, mysql: 1.05 },
      before: load(200),
      run: (side, turn) => side.saveEachLean(turn),
      outcome,
    },
    {
      name: 'the same with saveMany()',
      targets: { sqlite: 0.25, postgres: 0.12, mysql: 0.2 },
      before: load(200),
      run: (side, turn) => side.saveTogether(turn),
      outcome,
    },
    {
      name: 'the same with Promise.all',
      targets: { postgres: 0.12, mysql: 0.2 },
      before: load(200),
      run: (side, turn) => side.saveAtOnce(turn),
      outcome,
    },
  ]
}

function others(): Line[] {
  return [
    {
      name: 'group by, aggregates, ×20',
      targets: { sqlite: 1.05, postgres: 0.9, mysql: 1.05 },
      run: (side) => side.aggregates(20),
      outcome: compareRows,
    },
    {
      name: 'find by key, 64 loops × 20, pool of 10',
      // of throughput: 2.5 times raw, and 1.5 times
      targets: { postgres: 0.4, mysql: 0.67 },
      only: ['postgres', 'mysql'],
      run: (side, turn) => side.findInLoops(range(64).map((loop) => range(20).map((i) => keyOf(loop * 20 + i, turn)))),
      outcome: compareRows,
    },
  ]
}

export function allLines(data: Data): Line[] {
  return [...inserting(data), ...reading(), ...relating(), ...updating(), ...others()]
}
