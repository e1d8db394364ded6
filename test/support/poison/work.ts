/** Runs everything that the library does for a program, and logs the results as texts. */
import { Database } from 'corm'
import { queryCases, queryWrites } from '../leaks/cases.js'
import { instances, linkedRows, owners, relatedRows, relationSteps, statics } from '../leaks/members.js'
import { actor, fillHidden, fillVisible, ME, models, PostTag, plain } from '../leaks/world.js'
import { CALLS } from '../option-calls.js'
import { everyday } from './everyday.js'

export type Log = Map<string, string>

async function outcome(run: () => unknown): Promise<string> {
  try {
    return plain(await run())
  } catch (error) {
    return `${(error as Error).constructor.name}: ${(error as Error).message}`
  }
}

class RolledBack extends Error {}

/** The result of a write, which is rolled back. */
async function undone(run: () => unknown): Promise<string> {
  let text = ''
  const work = async () => {
    text = await outcome(run)
    throw new RolledBack()
  }
  const error = await Database.get()
    .transaction(work)
    .catch((thrown: unknown) => thrown)
  return error instanceof RolledBack ? text : `${text}\n${error}`
}

/** Creates the rows on which the members of queries, models, instances and relations are tried. */
export async function fill(): Promise<void> {
  for (const model of [...models, PostTag]) await (model as any).withoutGlobalScopes().all().forceDelete()
  await actor.run(ME, () => fillVisible(1))
  await fillHidden(11)
}

/** Runs every public member with the cases of the leak tests. */
export async function members(): Promise<Log> {
  const log: Log = new Map()
  await actor.run(ME, async () => {
    for (const [name, cases] of Object.entries({ ...queryCases, ...queryWrites }))
      if (typeof cases !== 'string')
        for (const [i, { build, run }] of cases.entries())
          log.set(`query ${name} ${i}`, await (name in queryWrites ? undone : outcome)(() => run(build())))
    const groups = { statics, instances, relationSteps, owners, relatedRows, linkedRows }
    for (const [group, found] of Object.entries(groups))
      for (const [name, cases] of Object.entries(found))
        if (typeof cases !== 'string')
          for (const [i, each] of cases.entries())
            log.set(`${group} ${name} ${i}`, await (Object.hasOwn(each, 'writes') ? undone : outcome)(each.run))
  })
  return log
}

const UUID = /[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/g

/** Runs a whole program, which begins with the definition of its models. */
async function program(): Promise<Log> {
  const log: Log = new Map()
  let step = 0
  // the program must not fail, so errors are not caught here
  await everyday((what) => log.set(`everyday ${++step}`, plain(what).replace(UUID, 'uuid')))
  return log
}

/** Calls every method that takes options without options. */
async function options(): Promise<Log> {
  const log: Log = new Map()
  for (const [name, call] of Object.entries(CALLS))
    for (const given of [undefined, {}]) {
      // a rollback does not reset generated ids
      const text = await undone(() => call(given, Database.get()))
      log.set(`options ${name} ${given && 'none'}`, text.replace(/"id":\d+/g, '"id"'))
    }
  return log
}

const parts = { members, program, options }

/** Runs everything, and returns the result of each part by its name. */
export async function everything(): Promise<Log> {
  const all: Log = new Map()
  for (const part of Object.values(parts)) for (const [name, text] of await part()) all.set(name, text)
  return all
}
