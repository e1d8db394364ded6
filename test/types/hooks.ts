import { type Committed, Database, events, Field, Model, type Previous, Relation, withoutEvents } from 'corm'
import { is } from './support/expect.js'

export class Room extends Model({
  title: Field.string(),
  size: Field.integer({ nullable: true }),
  secret: Field.string({ guarded: true, nullable: true }),
  createdAt: Field.dateTime({ autoNowAdd: true }),
}) {
  static chairs = Relation.hasMany(() => Chair)

  override validate() {
    is<string>()(this.title)
    if (this.size === 0) this.addIssue('size', 'must not be zero')
    this.addIssue('size', 'must be larger', 'range')
    // @ts-expect-error: a message as well
    this.addIssue('size')
  }
  override async beforeSave() {
    await super.beforeSave()
    this.title = this.title.trim()
    is<number | null>()(this.size)
    // @ts-expect-error: no such field
    this.nothing = 1
  }
  override async afterInsert() {
    await this.related(Room.chairs).create({ name: 'first' })
  }
  override onChange(previous: Previous<Room>) {
    is<string | undefined>()(previous.title)
    is<number | null | undefined>()(previous.size)
    // @ts-expect-error: no field
    previous.nothing
    // @ts-expect-error: no field, but a method
    previous.save
  }
  override afterCommit({ action, previous }: Committed<Previous<Room>>) {
    is<'insert' | 'update' | 'delete' | 'restore'>()(action)
    is<string | undefined>()(previous.title)
  }
}
export class Chair extends Model({ name: Field.string(), roomId: Field.foreignKey(() => Room) }) {
  static room = Relation.belongsTo(() => Room)
  override afterLoad() {}
  override afterCommit({ previous }: Committed) {
    is<Readonly<Record<string, unknown>>>()(previous)
  }
}

export class Loose extends Model({ title: Field.string() }) {
  override onChange(previous: Partial<Loose>) {
    is<string | undefined>()(previous.title)
  }
}
export class Child extends Room.extend({ level: Field.integer() }) {
  override async beforeSave() {
    await super.beforeSave()
    is<number>()(this.level)
    is<string>()(this.title)
  }
}

export class Wrong extends Model({ title: Field.string() }) {
  // @ts-expect-error: nobody looks at what a hook returns: throw instead
  override beforeDelete() {
    return false
  }
  // @ts-expect-error: a field of another type
  override onChange(_previous: { title?: number }) {}
  // @ts-expect-error: no such hook
  override beforeUpdate() {}
  // @ts-expect-error: hooks take no arguments
  override afterSave(_options: object) {}
}

// @ts-expect-error: a member of Model
Model({ validate: Field.string() })
// @ts-expect-error: a member of Model
Model({ afterLoad: Field.string() })

export async function listening() {
  const stop = events.on(Room, 'afterInsert', async (room) => {
    is<string>()(room.title)
    await room.related('chairs').count()
    // @ts-expect-error: no such field
    room.nothing
  })
  is<() => void>()(stop)
  events.on(Room, 'onChange', (room, previous) => {
    is<string>()(room.title)
    is<string | undefined>()(previous.title)
    // @ts-expect-error: no such field
    previous.nothing
  })
  events.on(Room, 'afterCommit', (_, { action, previous }) => {
    is<'insert' | 'update' | 'delete' | 'restore'>()(action)
    is<number | null | undefined>()(previous.size)
  })
  events.once('Room.afterSave', async (room) => {
    await room.save()
  })
  events.on('Room.onChange', (_, previous) => is<unknown>()(previous.title))
  events.on('*', ({ model, event, instance, previous, action }) => {
    is<string>()(model)
    is<boolean>()(instance.isPersisted)
    is<'insert' | 'update' | 'delete' | 'restore' | undefined>()(action)
    if (event === 'afterSave') is<Readonly<Record<string, unknown>> | undefined>()(previous)
  })
  events.off(Room, 'afterInsert', () => {})
  // @ts-expect-error: no such event
  events.on(Room, 'saved', () => {})
  // @ts-expect-error: no such event
  events.on('Room.saved', () => {})
  // @ts-expect-error: afterSave tells nothing else
  events.on(Room, 'afterSave', (_, previous) => previous)
  // @ts-expect-error: a function
  events.on(Room, 'afterSave')
  is<number>()(await withoutEvents(() => 'five'.length))
  const chair = await withoutEvents(() => Chair.query().first())
  is<string | undefined>()(chair?.name)
}

export async function queries() {
  const rooms = Room.where('size', 1)
  is<number>()(await rooms.update({ title: 'x' }, { hooks: true }))
  is<number>()(await rooms.update({ secret: 'x' }, { hooks: true, guarded: true }))
  is<number>()(await rooms.update((c) => ({ title: c.title.upper() }), { hooks: false }))
  is<number>()(await rooms.delete({ hooks: true }))
  is<number>()(await rooms.forceDelete({ hooks: false }))
  // @ts-expect-error: no such field
  await rooms.update({ nothing: 1 }, { hooks: true })
  // @ts-expect-error: guarded
  await rooms.update({ secret: 'x' }, { hooks: true })
  // @ts-expect-error: hooks need values
  await rooms.update((c) => ({ title: c.title.upper() }), { hooks: true })
  // @ts-expect-error: true or false
  await rooms.delete({ hooks: 'all' })
  Database.configure({ warnings: false })
  // @ts-expect-error: true or false
  Database.configure({ warnings: 'off' })
}
