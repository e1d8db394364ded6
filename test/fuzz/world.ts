import type { Literal, ModelName, Type } from './chain.js'
import { Random } from './random.js'

// The tables of the fuzzer and their rows, as plain data. The models of corm over them are in models.ts.

export interface Column {
  readonly name: string
  readonly type: Type
  readonly nullable: boolean
}
export interface Related {
  readonly many: boolean
  readonly target: ModelName
  /** The column here, and the column there that has the same value. */
  readonly from: string
  readonly to: string
  /** A join table: its columns that have the values of `from` and of `to`. */
  readonly via?: Via
}
export interface Via {
  readonly table: ModelName | PairName
  readonly near: string
  readonly far: string
}
export interface Table {
  readonly columns: readonly Column[]
  readonly relations: Readonly<Record<string, Related>>
}
export type Row = Readonly<Record<string, Literal>>

/** `name type`, with `?` where NULL may be. */
const columns = (...texts: readonly string[]): Column[] =>
  texts.map((text) => {
    const [name = '', type = ''] = text.split(' ')
    return { name, type: type.replace('?', '') as Type, nullable: type.endsWith('?') }
  })

const one = (target: ModelName, from: string, to = 'id'): Related => ({ many: false, target, from, to })
const many = (target: ModelName, to: string): Related => ({ many: true, target, from: 'id', to })
const pairs = (target: ModelName, table: PairName, near: string, far: string): Related => ({
  ...many(target, 'id'),
  via: { table, near, far },
})

export const world: Readonly<Record<ModelName, Table>> = {
  Team: {
    columns: columns('id int', 'title text', 'city text?', 'rank int', 'open bool', 'budget dec?'),
    relations: {
      members: many('Person', 'teamId'),
      posts: { ...many('Post', 'authorId'), via: { table: 'Person', near: 'teamId', far: 'id' } },
    },
  },
  Person: {
    columns: columns(
      'id int',
      'name text',
      'nick text?',
      'age int?',
      'big big?',
      'score float?',
      'pay dec?',
      'active bool?',
      'role enum?',
      'born date?',
      'seenAt time?',
      'createdAt time',
      'managerId int?',
      'teamId int?',
    ),
    relations: {
      manager: one('Person', 'managerId'),
      reports: many('Person', 'managerId'),
      team: one('Team', 'teamId'),
      posts: many('Post', 'authorId'),
      card: one('Card', 'id', 'personId'),
      liked: pairs('Post', 'likes', 'personId', 'postId'),
      friends: pairs('Person', 'friends', 'personId', 'friendId'),
    },
  },
  Card: {
    columns: columns('id int', 'personId int', 'code text', 'points int?'),
    relations: { person: one('Person', 'personId') },
  },
  Post: {
    columns: columns(
      'id int',
      'title text',
      'body text?',
      'views int?',
      'rating float?',
      'price dec',
      'kind enum',
      'day date',
      'at time?',
      'authorId int?',
    ),
    relations: {
      author: one('Person', 'authorId'),
      likers: pairs('Person', 'likes', 'postId', 'personId'),
      team: { ...one('Team', 'authorId'), via: { table: 'Person', near: 'id', far: 'teamId' } },
    },
  },
}

let made: Pairs | undefined
/** The same in every run: what differs are the rows they lead to. */
export const tablesOfPairs = (): Pairs => (made ??= makePairs())

export const modelNames = Object.keys(world) as ModelName[]

export const columnOf = (model: ModelName, name: string): Column | undefined =>
  world[model].columns.find((column) => column.name === name)

/** Wildcards of every database, quotes, backslashes, letters in both cases, and text beyond the first plane. */
export const TEXTS: readonly string[] = [
  '', 'a', 'A', 'b', 'ab', 'aB', 'Ab', 'abc', 'b a', ' a', 'a ', '%', 'a%b', '_', 'a_b', '\\', 'a\\b', "'", "o'b", '"',
  'é', 'É', 'aé', '表', '😀', 'a😀', '\uff5e', '*', 'a*', '[a]', '?', 'null', '10', '9', '$1', ':a', '--', '{a}',
] // biome-ignore format: a list of texts

const ENUMS: readonly string[] = ['low', 'mid', 'high']
const DAYS: readonly string[] = ['1999-12-31', '2000-02-29', '2023-01-01', '2024-02-29', '2024-03-01', '2031-07-15']
const TIMES: readonly string[] = [
  '1999-12-31T23:59:59.999Z', '2000-01-01T00:00:00.000Z', '2024-02-29T12:30:00.500Z', '2024-02-29T23:30:00.000Z',
  '2024-03-01T00:15:00.000Z', '2038-01-19T03:14:08.001Z',
] // biome-ignore format: a list of moments
const BIGS: readonly bigint[] = [
  0n,
  1n,
  -1n,
  7n,
  9007199254740991n,
  9007199254740992n,
  9007199254740993n,
  -9007199254740993n,
]

/** A value of a type, from few enough that values meet each other. */
export function randomValue(type: Type, random: Random): Exclude<Literal, null> {
  switch (type) {
    case 'int':
      return random.whole(-3, 12)
    case 'big':
      return random.pick(BIGS)
    case 'float':
      // fractions that every database keeps, adds and multiplies exactly
      return random.whole(-6, 12) / 4
    case 'dec':
      return (random.chance(0.3) ? random.whole(-3, 9) : random.whole(-300, 1200) / 100).toFixed(2)
    case 'text':
      return random.pick(TEXTS)
    case 'bool':
      return random.chance(0.5)
    case 'enum':
      return random.pick(ENUMS)
    case 'date':
      return random.pick(DAYS)
    case 'time':
      return random.pick(TIMES)
  }
}

const SIZES: Readonly<Record<ModelName, number>> = { Team: 6, Person: 36, Card: 20, Post: 44 }

/** Which rows a foreign key may point to; those of a table's own are rows before it. */
const KEYS: Readonly<Record<string, ModelName>> = { managerId: 'Person', teamId: 'Team', authorId: 'Person' }

/** Join tables, which have no model. A friend is one from both sides; the pair is stored once. */
export type PairName = 'likes' | 'friends'
export type Pairs = Readonly<Record<PairName, readonly Readonly<Record<string, number>>[]>>

function makePairs(): Pairs {
  const random = new Random(11, 3)
  const some = (
    count: number,
    first: string,
    second: string,
    most: number,
    isPair: (a: number, b: number) => boolean,
  ) => {
    const made = new Map<string, Record<string, number>>()
    for (let i = 0; i < count; i++) {
      const [a, b] = [random.whole(1, SIZES.Person - 4), random.whole(1, most)]
      if (isPair(a, b)) made.set(`${a} ${b}`, { [first]: a, [second]: b })
    }
    return [...made.values()]
  }
  return {
    likes: some(60, 'personId', 'postId', SIZES.Post - 6, () => true),
    friends: some(40, 'personId', 'friendId', SIZES.Person - 4, (a, b) => a < b),
  }
}

export type Rows = Readonly<Record<ModelName, readonly Row[]>>

/** The rows of all tables; keys are counted from 1, and parents come first. */
export function makeRows(seed: number): Rows {
  const random = new Random(seed, 7)
  const make = (model: ModelName) => Array.from({ length: SIZES[model] }, (_, at) => makeRow(model, at, random))
  return { Team: make('Team'), Person: make('Person'), Card: make('Card'), Post: make('Post') }
}

function makeRow(model: ModelName, at: number, random: Random): Row {
  const row: Record<string, Literal> = {}
  for (const { name, type, nullable } of world[model].columns) {
    const target = KEYS[name]
    if (name === 'id') row[name] = at + 1
    // one card each, and some people without
    else if (name === 'personId') row[name] = at + 1 + (at > 9 ? 5 : 0)
    else if (nullable && random.chance(0.4)) row[name] = null
    else if (target === model) row[name] = at === 0 ? null : random.whole(1, Math.min(at, 9))
    else if (target !== undefined) row[name] = random.whole(1, SIZES[target] - 1)
    else row[name] = randomValue(type, random)
  }
  return row
}

/** A key with dots in it: the column it leads to, and whether there may be many rows on the way. */
export function pathOf(model: ModelName, key: string): { column: Column; many: boolean } | null {
  const [name = '', ...steps] = key.split('.').reverse()
  let [at, many] = [model, false]
  for (const step of steps.reverse()) {
    const relation = world[at].relations[step]
    if (relation === undefined) return null
    many ||= relation.many
    at = relation.target
  }
  const column = columnOf(at, name)
  return column === undefined ? null : { column, many }
}

/** The model at the end of a path of relations. */
export function targetOf(model: ModelName, path: string): ModelName {
  let at = model
  for (const name of path.split('.')) at = world[at].relations[name]?.target ?? at
  return at
}
