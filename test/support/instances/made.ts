import { Expected } from './memory.js'
import { Enough, type Instance, type Shelf, type Thing, written } from './models.js'
import { manager, type Play, type StepOf } from './play.js'

// Steps that make instances.

export async function makeNew(play: Play, { kind, changes, bad }: StepOf<'new'>): Promise<void> {
  play.change(play.make(kind, `${play.nextName()}${bad ? '!' : ''}`), changes)
}

export async function create(play: Play, { kind, way, shelf }: StepOf<'create'>): Promise<void> {
  const { program } = play
  const model = written[kind] as typeof Thing
  const names = [play.nextName(), play.nextName()]
  const row = { name: names[0] as string, program }
  const owner = play.shelves[shelf % play.shelves.length] as Shelf
  let made: Instance[]
  if (way === 'many') made = await model.createMany(names.map((name) => ({ name, program })))
  else if (way === 'first') made = [(await model.firstOrCreate({ name: row.name }, { program }))[0]]
  else if (way === 'related' && kind === 'Thing') made = [await manager(owner, 'things').create(row)]
  else made = [await model.create(row)]
  for (const [i, instance] of made.entries()) {
    const isOwned = way === 'related' && kind === 'Thing'
    const pair = play.add(instance, kind, { name: names[i] })
    if (isOwned) play.memory.assign(pair.twin, { shelfId: owner.id })
    play.save(pair)
  }
}

export async function load(play: Play, { who }: StepOf<'load'>): Promise<void> {
  const found = play.pick(who, ['Thing', 'Note', 'Entry'])
  if (found === null) return
  const { kind, known } = found.twin
  const id = known?.id as number
  const instance = await (written[kind] as typeof Thing).withoutGlobalScopes().where('id', id).first()
  const row = play.memory.rows[kind].get(id)
  if ((instance === null) !== (row === undefined))
    throw new Error(`${kind} ${id} ${instance === null ? 'is not' : 'is'} there`)
  if (instance === null || row === undefined) return
  play.add(instance, kind, row).twin.known = { ...row }
}

/** A statement that the database refuses. A savepoint keeps the rest of a transaction. */
export async function duplicate(play: Play, { who, also, changes }: StepOf<'duplicate'>): Promise<void> {
  const other = play.pick(who, ['Thing'])
  const row = other === null ? undefined : play.memory.rowOf(other.twin)
  if (other === null || row === undefined) return
  const first = also === null ? null : play.pick(also, ['Thing'], true)
  const copy = play.make('Thing', row.name as string)
  if (first !== null)
    play.change(
      first,
      changes.filter(({ field }) => field !== 'name'),
    )
  const { memory } = play
  await play.db
    .transaction(async () => {
      memory.begin()
      if (first !== null && memory.rows.Thing.has(first.twin.known?.id as number))
        await play.both(
          () => first.instance.save(),
          () => play.save(first),
        )
      await play.both(
        () => copy.instance.save(),
        () => {
          const names = [...memory.rows.Thing.values()].map(({ name }) => name)
          if (names.includes(copy.twin.values.name)) throw new Expected('UniqueViolationError')
          play.save(copy)
        },
      )
      throw new Enough()
    })
    .catch((error: unknown) => {
      if (!(error instanceof Enough)) throw error
    })
  memory.rollback()
  play.change(copy, [{ field: 'name', n: 0 }])
}
