/**
 * Hidden rows change nothing: whatever is read or written by one tenant, it is the same whichever rows of other tenants, and
 * deleted ones, are in the database. Nobody has to know what a leak looks like.
 */
import { Database } from 'corm'
import { describe, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { membersOf } from '../support/declared.js'
import { type QueryCase, queryCases, queryWrites } from '../support/leaks/cases.js'
import {
  instances,
  linkedRows,
  type MemberCase,
  owners,
  relatedRows,
  relationSteps,
  statics,
} from '../support/leaks/members.js'
import {
  actor,
  dump,
  fillHidden,
  fillVisible,
  MARK,
  ME,
  models,
  OTHER,
  Person,
  Post,
  PostTag,
  plain,
  Tag,
  Team,
  tables,
} from '../support/leaks/world.js'

const SEEDS = 3
/** What is said of a write that has changed rows of another tenant: no excuse holds for that. */
const FOREIGN = '\nrows of another tenant changed'

/** What a case comes to: its result as JSON, or its error. */
async function outcome(run: () => unknown): Promise<string> {
  try {
    return plain(await run())
  } catch (error) {
    return `${(error as Error).constructor.name}: ${(error as Error).message}`
  }
}

const isError = (text: string) => /^\w*Error: /.test(text)

/** An outcome that would be the same without any rows. */
const isEmpty = (text: string) =>
  ['[]', 'null', 'undefined', '0', 'false', '[null,null]'].includes(text) || isError(text)

type Texts = ReadonlyMap<string, string>

describeDatabases('rows that global scopes hide', (database) => {
  database.useTables(tables)
  const as = <R>(tenant: number, run: () => R): R => actor.run(tenant, run)

  /** Runs something in two worlds of a seed that differ in hidden rows only. */
  async function inBoth(seed: number, run: () => Promise<Texts>): Promise<[Texts, Texts]> {
    for (const model of [...models, PostTag]) await (model as any).withoutGlobalScopes().all().forceDelete()
    await as(ME, () => fillVisible(seed))
    await fillHidden(seed * 10 + 1)
    const one = await run()
    await fillHidden(seed * 10 + 2)
    return [one, await run()]
  }

  class RolledBack extends Error {}

  /** What a write comes to, what visible rows are then, and whether a hidden row was changed. */
  async function written(run: () => unknown): Promise<string> {
    let text = ''
    const before = await dump()
    await Database.get()
      .transaction(async () => {
        const came = await outcome(run)
        const after = await dump()
        const made = after.hidden.filter((row) => !before.hidden.includes(row))
        const gone = before.hidden.filter((row) => !after.hidden.includes(row))
        const foreign = [...made, ...gone].filter((row) => row.includes(`"tenant":${OTHER}`))
        text = `${came}\n${after.visible.join('\n')}\nhidden rows changed: ${made.length + before.hidden.length - after.hidden.length}`
        if (foreign.length > 0) text += FOREIGN
        throw new RolledBack()
      })
      .catch((error: unknown) => {
        if (!(error instanceof RolledBack)) throw error
      })
    return text
  }

  const named = <C>(groups: Readonly<Record<string, readonly C[] | string>>): [string, C][] =>
    Object.entries(groups).flatMap(([name, cases]) =>
      typeof cases === 'string' ? [] : cases.map((each, i): [string, C] => [`${name} ${i + 1}`, each]),
    )

  /** A query that the actor has made, one that somebody else has made, and one whose form somebody else has just run. */
  const ways: Readonly<
    Record<string, (each: QueryCase, end: (run: () => unknown) => Promise<string>) => Promise<string>>
  > = {
    own: ({ build, run }, end) => as(ME, () => end(() => run(build()))),
    'built by another': ({ build, run }, end) => {
      const query = as(OTHER, build)
      return as(ME, () => end(() => run(query)))
    },
    'run by another before': async ({ build, run }, end) => {
      const query = as(OTHER, build)
      await as(OTHER, () => end(() => run(query)))
      return as(ME, () => end(() => run(query)))
    },
  }

  async function compare(
    seed: number,
    run: () => Promise<Texts>,
  ): Promise<{ wrong: string[]; failed: string[]; full: Set<string> }> {
    const [one, two] = await inBoth(seed, run)
    const wrong: string[] = []
    const failed: string[] = []
    const full = new Set<string>()
    for (const [name, text] of one) {
      const other = two.get(name) ?? ''
      if (text !== other) wrong.push(`${name}, seed ${seed}:\n${text}\n${other}`)
      else if (text.includes(MARK)) wrong.push(`${name}, seed ${seed}, shows a hidden row: ${text}`)
      if (isError(text)) failed.push(`${name}, seed ${seed}: ${text.split('\n')[0]}`)
      if (!isEmpty(text.split('\n')[0] as string)) full.add(name.replace(/ by .*/, ''))
    }
    return { wrong, failed, full }
  }

  const seeds = () => Array.from({ length: database.facts.quick ? SEEDS : 1 }, (_, i) => i + 1)

  it('are not seen by any query, whoever has built it', async () => {
    const cases = named<QueryCase>(queryCases)
    const all = new Set<string>()
    const wrong: string[] = []
    for (const seed of seeds()) {
      const found = await compare(seed, async () => {
        const texts = new Map<string, string>()
        for (const [name, each] of cases)
          for (const [way, go] of Object.entries(ways)) texts.set(`${name} by ${way}`, await go(each, outcome))
        for (const [name] of cases) {
          const [own, ...others] = Object.keys(ways).map((way) => texts.get(`${name} by ${way}`))
          if (others.some((text) => text !== own)) texts.set(`${name} by all`, `${own}\n${others.join('\n')}${MARK}`)
        }
        return texts
      })
      wrong.push(...found.wrong)
      for (const name of found.full) all.add(name)
    }
    expect(wrong.join('\n\n')).toBe('')
    // a case that comes to nothing, or to an error, proves nothing
    // in one world alone there may be nothing to find
    if (!database.facts.quick) return
    const barren = cases.filter(([name, { isNothing }]) => isNothing !== true && !all.has(name))
    expect(barren.map(([name]) => name)).toEqual([])
  })

  it('are not changed by any write over a query, whoever has built it', async () => {
    const cases = named<QueryCase>(queryWrites)
    const wrong: string[] = []
    for (const seed of seeds()) {
      const found = await compare(seed, async () => {
        const texts = new Map<string, string>()
        for (const [name, each] of cases)
          for (const [way, go] of Object.entries(ways)) texts.set(`${name} by ${way}`, await go(each, written))
        return texts
      })
      wrong.push(...found.wrong, ...found.failed)
    }
    expect(wrong.join('\n\n')).toBe('')
  })

  const groups = { statics, instances, relationSteps, owners, relatedRows, linkedRows }

  it('are neither seen nor changed by models, instances and managers of relations', async () => {
    const cases = Object.entries(groups).flatMap(([group, members]) =>
      named<MemberCase>(members).map(([name, each]) => [`${group} ${name}`, each] as const),
    )
    const wrong: string[] = []
    const differing = new Set<string>()
    const known = new Map<string, MemberCase>(cases)
    for (const seed of seeds()) {
      const found = await compare(seed, async () => {
        const texts = new Map<string, string>()
        for (const [name, { run, writes }] of cases)
          texts.set(name, await as(ME, () => (writes ? written(run) : outcome(run))))
        return texts
      })
      for (const text of found.wrong) {
        const name = text.slice(0, text.indexOf(','))
        if (known.get(name)?.open === undefined || text.includes(FOREIGN)) wrong.push(text)
        else differing.add(name)
      }
      wrong.push(...found.failed)
    }
    expect(wrong.join('\n\n')).toBe('')
    // what is known to be open is still open, in one of the worlds: else it is known no longer
    if (!database.facts.quick) return
    expect([...differing].sort()).toEqual(
      cases
        .filter(([, { open }]) => open !== undefined)
        .map(([name]) => name)
        .sort(),
    )
  })

  it('of 8 tenants stay hidden in 64 loops at once over shared queries', async () => {
    const tenants = Array.from({ length: 8 }, (_, i) => i + 1)
    const owned = (tenant: number, n: number) => ({ id: tenant * 10 + n, tenant, name: `of${tenant}.` })
    for (const tenant of tenants)
      for (const n of [1, 2]) {
        const row = owned(tenant, n)
        await Team.create(row)
        // all keys lead to the rows of everybody
        const next = ((tenant % 8) + 1) * 10 + n
        await Person.create({ ...row, rank: n, teamId: n === 1 ? row.id : next, mentorId: next })
        await Post.create({ ...row, rank: n, personId: n === 1 ? row.id : next })
        await Tag.create(row)
        await PostTag.insertMany([
          { postId: row.id, tagId: row.id },
          { postId: row.id, tagId: next },
        ])
      }
    const queries = sharedQueries()
    const foreign: string[] = []
    let seen = 0
    const loop = async (tenant: number, start: number) => {
      for (let i = 0; i < queries.length * 2; i++) {
        const query = queries[(start + i) % queries.length] as PromiseLike<unknown>
        const text = await as(tenant, async () => JSON.stringify(await query))
        const marks = text.match(/of\d+/g) ?? []
        seen += marks.length
        if (marks.length === 0 || marks.some((mark) => mark !== `of${tenant}`)) foreign.push(`${tenant}: ${text}`)
      }
    }
    await Promise.all(Array.from({ length: 64 }, (_, i) => loop(tenants[i % 8] as number, i)))
    expect(foreign).toEqual([])
    expect(seen).toBeGreaterThan(64 * queries.length * 2)
  })
})

/** Built once, outside any request, as constants of a module are. */
function sharedQueries(): PromiseLike<unknown>[] {
  const people = () => Person.query().orderBy('id')
  return [
    people(),
    Person.where('rank', 1).union(Person.where('rank', 2)).orderBy('id'),
    people().whereIn('id', Post.query().select('personId')),
    people().whereIn('teamId', Team.query().select('id')),
    people().whereHas('posts', (q) => q.where('rank', '>', 0)),
    people().where('team.name', '!=', ''),
    people().withMax('posts', 'name').withCount('posts'),
    people().annotate({ post: Post.query().select('name').orderBy('id').limit(1) }),
    people()
      .withCte('t', Team.query())
      .join('t' as never, (c: any, t: any) => c.teamId.eq(t.id)),
    people().with('team', 'mentor', 'posts.tags'),
    Post.query().with('tags').withCount('tags').orderBy('id'),
    Team.query().with('people.posts').orderBy('id'),
  ]
}

describe('every public member', () => {
  const expectAll = (cases: object, ...names: readonly string[]) =>
    expect(Object.keys(cases).sort()).toEqual([...new Set(names.flatMap(membersOf))].sort())
  it('of queries has a case', () => expectAll({ ...queryCases, ...queryWrites }, 'QueryBuilder'))
  it('of models has a case', () => expectAll(statics, 'Statics', 'ModelStatics'))
  it('of instances has a case', () => expectAll(instances, 'ModelBase', 'Typed', 'Handle'))
  it('of lists of related rows has a case', () => expectAll(relationSteps, 'RelationSteps'))
  it('of managers has a case', () => {
    expectAll(owners, 'RelatedOwner')
    expectAll(relatedRows, 'RelatedRows')
    expectAll(linkedRows, 'LinkedRows')
  })
})
