import { sql } from 'corm'
import { canon } from './changes.js'
import type { Values } from './memory.js'
import { commits, type Kind, Line, type Thing, written } from './models.js'
import type { Pair, Play } from './play.js'

/** An instance holds what it must. */
export function check(pair: Pair, { memory, labels, pairs }: Play): void {
  const { instance, twin } = pair
  const thing = instance as Thing
  const isStored = twin.known !== null && !twin.gone
  const same = (what: string, got: unknown, expected: unknown) => {
    if (got !== expected) fail(pair, pairs, what, got, expected)
  }
  same('isPersisted', thing.isPersisted, isStored)
  if (!isStored) same('isDeleted', thing.isDeleted, twin.gone)
  for (const field in twin.values) same(field, canon(thing[field as 'name']), twin.values[field])
  if (twin.labels !== null) {
    const ids = (instance as unknown as { labels: { id: number }[] }).labels.map(({ id }) => id)
    const held = ids.map((id) => labels.findIndex((label) => label.id === id))
    same('labels', held.sort().join(), [...twin.labels].sort().join())
  }
  same('afterCommit', commits.get(instance), memory.commits.get(twin))
}

/** It knows what is stored, and that the rest of its values are changes. */
export function checkKnown(pair: Pair, { pairs }: Play): void {
  const { known, values, gone } = pair.twin
  if (known === null || gone) return
  const thing = pair.instance as Thing
  let changed = false
  for (const field in known) {
    const original = canon(thing.getOriginal(field as 'name'))
    if (original !== known[field]) fail(pair, pairs, `the original of ${field}`, original, known[field])
    if (values[field] === known[field]) continue
    changed = true
    if (!thing.isDirty(field as 'name')) fail(pair, pairs, `isDirty('${field}')`, false, true)
  }
  if (thing.isDirty() !== changed) fail(pair, pairs, 'isDirty()', !changed, changed)
}

function fail({ twin }: Pair, pairs: readonly Pair[], what: string, got: unknown, expected: unknown): never {
  const about = `${twin.kind} ${pairs.findIndex((pair) => pair.twin === twin)}`
  throw new Error(`${about}: ${what} is ${String(got)}, not ${String(expected)}`)
}

const KINDS = Object.keys(written) as Kind[]

/** The rows are what the model in memory says. */
export async function checkRows({ db, memory, program, labels }: Play): Promise<void> {
  for (const kind of KINDS) {
    const found = await (written[kind] as typeof Thing).withoutGlobalScopes().where('program', program).values()
    const got = found.map(canonRow).sort()
    const expected = [...memory.rows[kind].values()].map(printRow).sort()
    compare(`rows of ${kind}`, got, expected)
  }
  const lines = await Line.where('program', program).pluck('text')
  compare('lines', [...lines].sort(), [...memory.lines].sort())
  const ids = labels.map(({ id }) => id)
  const pairs = await db.select<{ thing: number; label: number }>(
    sql`select thing_id as thing, label_id as label from labels_things where label_id in (${sql.join(ids.map((id) => sql`${id}`))})`,
  )
  const links = pairs.map(({ thing, label }) => `${thing}:${ids.indexOf(Number(label))}`)
  compare('links', links.sort(), [...memory.links].sort())
}

const canonRow = (row: object) =>
  printRow(Object.fromEntries(Object.entries(row).map(([name, value]) => [name, canon(value)])))

const printRow = (row: Values) =>
  Object.keys(row)
    .sort()
    .map((name) => `${name} ${row[name]}`)
    .join(', ')

function compare(what: string, got: readonly string[], expected: readonly string[]): void {
  if (got.length === expected.length && got.every((each, i) => each === expected[i])) return
  const only = (some: readonly string[], others: readonly string[]) => some.filter((each) => !others.includes(each))
  throw new Error(
    `${what}: got\n  ${only(got, expected).join('\n  ')}\nexpected\n  ${only(expected, got).join('\n  ')}`,
  )
}
