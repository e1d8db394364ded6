import { canon, changeInstance, changeTwin } from './changes.js'
import { Expected, GONE, type Value } from './memory.js'
import { type Note, type Thing, written } from './models.js'
import type { Pair, Play, StepOf } from './play.js'
import { FIELDS } from './steps.js'

// Steps that write or read the rows of instances that are there.

export async function saveOne(play: Play, { who, way, changes, later }: StepOf<'save'>): Promise<void> {
  const pair = play.pick(who, ['Thing', 'Note', 'Entry'], way !== 'update')
  if (pair === null) return
  const { instance, twin } = pair
  play.change(pair, changes)
  if (way === 'update') {
    twin.values.amount = 5
    await play.both(
      () => (instance as Thing).update({ amount: 5 }),
      () => play.save(pair, ['amount']),
    )
  } else if (way === 'twice')
    await play.twice(
      () => instance.save(),
      () => play.save(pair),
    )
  else if (way === 'later' && twin.kind !== 'Entry') {
    const saving = instance.save().then(
      () => null,
      (error: unknown) => ({ error }),
    )
    const before = { ...twin.values }
    const names = later.map(() => play.nextName())
    const own = [...later.entries()].filter(([, { field }]) => FIELDS[twin.kind].includes(field))
    for (const [i, change] of own) changeInstance(instance, change, names[i] as string)
    const failed = await saving
    twin.values = before
    await play.both(
      async () => {
        if (failed !== null) throw failed.error
      },
      () => play.save(pair),
    )
    for (const [i, change] of own) changeTwin(twin.values, change, names[i] as string)
  } else
    await play.both(
      () => instance.save(),
      () => play.save(pair),
    )
}

export async function saveMany(play: Play, { kind, who, changes }: StepOf<'saveMany'>): Promise<void> {
  const rows = new Map<unknown, Pair>()
  for (const each of who) {
    const pair = play.pick(each, [kind], true)
    if (pair !== null) rows.set(pair.twin.known?.id ?? pair, pair)
  }
  const all = [...rows.values()]
  // SQLite gives the id of a row that was rolled back to the next one: a copy of the first finds that row, or not
  const isNew = all.some(({ twin }) => twin.known === null)
  const pairs = isNew ? all.filter(({ twin }) => twin.known === null || play.memory.rowOf(twin) !== undefined) : all
  if (pairs.length === 0) return
  for (const pair of pairs) play.change(pair, changes)
  const model = written[kind] as typeof Thing
  await play.both(
    () => model.saveMany(pairs.map(({ instance }) => instance as Thing)),
    () =>
      kind === 'Entry'
        ? play.memory.saveEntries(
            pairs.map(({ twin }) => twin),
            (twin) => pairs.find((pair) => pair.twin === twin)?.instance.id,
          )
        : play.memory.whole(() => pairs.map((pair) => play.save(pair))),
  )
}

export async function increment(play: Play, { who, by }: StepOf<'increment'>): Promise<void> {
  const pair = play.pick(who, ['Thing', 'Note', 'Entry'])
  if (pair === null) return
  const { instance, twin } = pair
  await play.both(
    () => (instance as Thing).increment('amount', by),
    () => {
      const amount = ((play.memory.rowOf(twin)?.amount as number) ?? 0) + by
      play.memory.update(twin, {}, { amount, ...(twin.kind !== 'Entry' && play.now(pair)) }, true)
    },
  )
}

/** A write over a query, of which no instance knows. */
export async function query(play: Play, { who, n }: StepOf<'query'>): Promise<void> {
  const found = play.pick(who, ['Thing', 'Note', 'Entry'])
  if (found === null) return
  const { kind, known } = found.twin
  const model = written[kind] as typeof Thing
  const id = known?.id as number
  await model.where('id', id).update({ amount: n }, { hooks: false })
  const row = play.memory.rows[kind].get(id)
  if (row === undefined || (row.deletedAt ?? null) !== null) return
  await play.overwrite(kind, row, { amount: n, ...(kind === 'Note' && { version: (row.version as number) + 1 }) })
}

export async function deleteOne(play: Play, { who, way }: StepOf<'delete'>): Promise<void> {
  const pair = play.pick(who, ['Thing', 'Note', 'Entry'])
  if (pair === null) return
  const { instance } = pair
  if (way === 'twice')
    await play.twice(
      () => instance.delete(),
      () => remove(play, pair, false),
    )
  else if (way === 'delete')
    await play.both(
      () => instance.delete(),
      () => remove(play, pair, false),
    )
  else
    await play.both(
      () => instance.forceDelete(),
      () => remove(play, pair, true),
    )
}

function remove(play: Play, pair: Pair, force: boolean): void {
  const { memory } = play
  const { twin } = pair
  if (twin.gone) return
  if (twin.kind === 'Note' && !force) memory.mark(twin, true, marked(play, pair))
  else memory.whole(() => memory.remove(twin))
}

function marked(play: Play, pair: Pair): { deletedAt: Value; changed: Value } {
  return { deletedAt: canon((pair.instance as Note).deletedAt), ...play.now(pair) }
}

export async function restore(play: Play, { who }: StepOf<'restore'>): Promise<void> {
  const pair = play.pick(who, ['Note'])
  if (pair === null) return
  await play.both(
    () => (pair.instance as Note).restore(),
    () => play.memory.mark(pair.twin, false, marked(play, pair)),
  )
}

export async function refresh(play: Play, { who }: StepOf<'refresh'>): Promise<void> {
  const pair = play.pick(who, ['Thing', 'Note', 'Entry'])
  if (pair === null) return
  const { instance, twin } = pair
  await play.both(
    () => instance.refresh(),
    () => {
      const row = play.memory.rowOf(twin)
      if (row === undefined) throw new Expected(GONE)
      play.memory.record(twin, Object.keys(row), true)
      twin.values = { ...row }
      twin.known = { ...row }
    },
  )
}
