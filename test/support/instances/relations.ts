import type { Label, Shelf } from './models.js'
import { manager, type Pair, type Play, type StepOf } from './play.js'

// Steps of relation managers.

export async function shelf(play: Play, { who, way, shelf }: StepOf<'shelf'>): Promise<void> {
  const pair = play.pick(who, ['Thing'], way === 'save')
  if (pair === null) return
  const owner = play.shelves[shelf % play.shelves.length] as Shelf
  const { instance } = pair
  const things = manager(owner, 'things')
  const works = {
    attach: () => things.attach(instance),
    detach: () => things.detach(instance),
    save: () => things.save(instance),
    associate: () => manager(instance, 'shelf').associate(owner),
    dissociate: () => manager(instance, 'shelf').dissociate(),
    nested: () => (instance as any).saveWithRelations({ amount: 2, shelf: { connect: owner } }),
  }
  // a copy that was loaded before the row got its shelf does not follow
  const follows = way !== 'detach' || pair.twin.values.shelfId === owner.id
  const row = play.memory.rowOf(pair.twin)
  // nor can it know that the row has lost it
  if (way === 'detach' && follows && row?.shelfId !== owner.id) return
  if (follows || row?.shelfId !== owner.id)
    return play.both(works[way], () => follows && shelve(play, pair, way, owner))
  await works.detach()
  await play.overwrite('Thing', row, { shelfId: null })
}

function shelve(play: Play, pair: Pair, way: StepOf<'shelf'>['way'], owner: Shelf): void {
  const { twin } = pair
  const { memory } = play
  const row = memory.rowOf(twin)
  const shelfId = way === 'detach' || way === 'dissociate' ? null : owner.id
  if (way === 'attach' || way === 'detach') {
    // writes over a query
    if (row !== undefined && (way === 'attach' || row.shelfId === owner.id))
      memory.update(twin, {}, { shelfId, ...play.now(pair) }, true)
    return
  }
  const { amount } = twin.values
  if (way === 'nested') twin.values.amount = 2
  try {
    memory.whole(() => {
      memory.assign(twin, { shelfId })
      play.save(pair, way === 'save' || way === 'nested' ? undefined : ['shelfId'])
    })
  } catch (error) {
    // data of a nested write that failed was not assigned
    twin.values.amount = amount
    throw error
  }
}

export async function labels(play: Play, { who, way, labels }: StepOf<'labels'>): Promise<void> {
  const pair = play.pick(who, ['Thing'])
  if (pair === null || play.memory.rowOf(pair.twin) === undefined) return
  const { instance, twin } = pair
  const given = labels.map((label) => play.labels[label] as Label)
  if (way === 'load') {
    await (instance as any).load('labels')
    // what is loaded already is not read again
    if (twin.labels === null) play.memory.load(twin, play.memory.labelsOf(twin))
    return
  }
  const tags = manager(instance, 'labels')
  await (way === 'clear' ? tags.clear() : tags[way](given))
  const had = play.memory.labelsOf(twin)
  const change = (held: ReadonlySet<number>): Set<number> => {
    if (way === 'clear') return new Set()
    const changed = new Set(way === 'sync' ? [] : held)
    for (const label of labels)
      if (way === 'detach' || (way === 'toggle' && had.has(label))) changed.delete(label)
      else changed.add(label)
    return changed
  }
  play.memory.link(twin, change(had))
  // a copy that was loaded earlier has its own list
  if (twin.labels !== null) play.memory.load(twin, change(twin.labels))
}
