import { createHash } from 'node:crypto'
import { events, Field, Model, type ModelEvent, Relation, withoutEvents } from 'corm'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Note extends Model({ text: Field.string({ max: 50 }) }, { table: 'event_notes' }) {
  static lines = Relation.hasMany(() => Line)
  override beforeSave() {
    log.push('class beforeSave')
  }
}
class Line extends Model(
  { text: Field.string({ max: 50 }), noteId: Field.foreignKey(() => Note, { nullable: true }) },
  { table: 'event_lines' },
) {}

let log: string[] = []
const stops: (() => void)[] = []
const later = () => new Promise((resolve) => setImmediate(resolve))

describeDatabases('events', (database) => {
  database.useTables([Note, Line])

  beforeEach(() => {
    log = []
  })
  afterEach(() => {
    for (const stop of stops.splice(0)) stop()
  })

  it('of a name that is nearly that of a model are reported once', async () => {
    // names that are not near each other: each database has its turn in the process
    const name = `L${createHash('sha256').update(database.kind).digest('hex').slice(0, 16)}`
    const Ledger = { [name]: class extends Model({ text: Field.string() }, { table: 'event_ledgers' }) {} }[name]!
    await database.db.createTables([Ledger])
    const warnings: string[] = []
    const hear = ({ message }: Error) => warnings.push(message)
    process.on('warning', hear)
    stops.push(
      events.on(`${name}x.afterInsert`, () => undefined),
      () => process.off('warning', hear),
    )
    await Ledger.create({ text: 'a' })
    await Ledger.create({ text: 'b' })
    await later()
    await database.db.dropTables([Ledger])
    expect(warnings.filter((message) => message.includes(name))).toEqual([
      expect.stringContaining(`Did you mean "${name}"?`),
    ])
  })

  it('run after the hook of the class, in the order in which they were added', async () => {
    stops.push(
      events.on(Note, 'beforeSave', async (note) => {
        await later()
        log.push(`first ${note.text}`)
        note.text = 'changed'
      }),
      events.on('*', ({ model, event, instance }) => {
        log.push(`* ${model}.${event} ${(instance as Note).text}`)
      }),
      events.on('Note.beforeSave', (note) => {
        log.push(`second ${(note as Note).text}`)
      }),
    )
    await Note.create({ text: 'a' })
    expect(log).toEqual([
      '* Note.beforeValidate a',
      '* Note.validate a',
      '* Note.beforeInsert a',
      'class beforeSave',
      'first a',
      '* Note.beforeSave changed',
      'second changed',
      '* Note.afterInsert changed',
      '* Note.afterSave changed',
      '* Note.onChange changed',
      '* Note.afterCommit changed',
    ])
    expect(await Note.query().valuesList('text')).toEqual([['changed']])
  })

  it('reach models without hooks, and tell what was changed', async () => {
    const line = await Line.create({ text: 'a' })
    const told: unknown[] = []
    stops.push(
      events.on(Line, 'onChange', (_, previous) => void told.push(previous.text)),
      events.on('Line.afterCommit', (_, written) => void told.push(written)),
      events.on('*', (event: ModelEvent) => {
        if (event.event === 'onChange' || event.event === 'afterCommit')
          told.push([event.event, event.action, event.previous, event.instance === line])
      }),
    )
    await line.update({ text: 'b' })
    await line.delete()
    expect(told).toEqual([
      'a',
      ['onChange', undefined, { text: 'a' }, true],
      { action: 'update', previous: { text: 'a' } },
      ['afterCommit', 'update', { text: 'a' }, true],
      { action: 'delete', previous: {} },
      ['afterCommit', 'delete', {}, true],
    ])
  })

  it('stop by what on() returns, by off(), and after once()', async () => {
    const stop = events.on(Line, 'afterInsert', () => void log.push('stopped'))
    const listener = () => void log.push('off')
    stops.push(events.on(Line, 'afterInsert', listener), events.on('Line.afterInsert', listener))
    stops.push(events.once('Line.afterInsert', () => void log.push('once')))
    await Line.create({ text: 'a' })
    stop()
    events.off(Line, 'afterInsert', listener)
    await Line.create({ text: 'b' })
    expect(log).toEqual(['stopped', 'off', 'off', 'once'])
  })

  it('run in the transaction of the write, which a throw rolls back', async () => {
    stops.push(
      events.on(Note, 'afterInsert', async (note) => {
        await note.related('lines').create({ text: 'made' })
      }),
    )
    await Note.create({ text: 'a' })
    stops.push(
      events.on(Line, 'afterInsert', () => {
        throw new Error('no')
      }),
    )
    const error = await Note.create({ text: 'b' }).then(
      () => null,
      (thrown) => thrown,
    )
    expect([error.message, error.hook]).toEqual(['no', 'Line.afterInsert'])
    expect([await Note.count(), await Line.count()]).toEqual([1, 1])
  })

  it('are left out by withoutEvents(), also below transactions, while hooks run', async () => {
    stops.push(events.on('*', () => void log.push('event')))
    await withoutEvents(async () => {
      await Note.create({ text: 'a' })
      await Note.transaction(async () => {
        await later()
        await Note.createMany([{ text: 'b' }, { text: 'c' }])
      })
    })
    expect(log).toEqual(['class beforeSave', 'class beforeSave', 'class beforeSave'])
    expect(await withoutEvents(() => 5)).toBe(5)
    await Line.create({ text: 'x' })
    expect(log.length).toBe(3 + 8)
  })

  it('hear of loading by its name only', async () => {
    await Line.insertMany([{ text: 'a' }, { text: 'b' }])
    stops.push(
      events.on('*', ({ event }) => void log.push(event)),
      events.on(Line, 'afterLoad', (line) => void log.push(`loaded ${line.text}`)),
    )
    await Line.query().orderBy('id').get()
    expect(log).toEqual(['loaded a', 'loaded b'])
  })

  it('refuse names that no event has', () => {
    const listener = () => {}
    const list =
      'The events are beforeValidate, validate, beforeInsert, beforeSave, afterInsert, afterUpdate, afterSave, beforeDelete, afterDelete, beforeRestore, afterRestore, onChange, afterCommit, afterLoad.'
    const on = events.on as (...given: unknown[]) => unknown
    expect(() => on(Note, 'saved', listener)).toThrow(
      `events.on() was given an event that "Note" does not have. ${list}`,
    )
    expect(() => on('Note.saved', listener)).toThrow(
      `events.on() was given the event "Note.saved". Write the model and the event ('Post.afterInsert'), or '*'. ${list}`,
    )
    expect(() => on({}, 'afterInsert', listener)).toThrow(
      "events.on() takes a model and an event (Post, 'afterInsert'), 'Post.afterInsert', or '*'.",
    )
    expect(() => on('*')).toThrow('events.on() takes a function; this is undefined.')
    expect(() => withoutEvents('no' as never)).toThrow('withoutEvents() takes a function; this is of type string.')
  })
})
