import { runInNewContext } from 'node:vm'
import { Field } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { looseModel } from '../support/loose.js'

class Note extends looseModel({ data: Field.json({ default: { tags: ['new'] } }) }) {}

/** What structuredClone gives under jest: a plain object with another Object.prototype. */
const foreign = (code: string) => runInNewContext(`(${code})`)

describeDatabases('plain objects of another realm', (database) => {
  database.useTables([Note])

  it('are JSON values', async () => {
    const data = foreign('{ tags: ["a"], deep: { list: [{ n: 1 }] } }')
    const note = await Note.create({ data })
    const stored = { tags: ['a'], deep: { list: [{ n: 1 }] } }
    expect((await Note.findOrFail(note.id)).data).toEqual(stored)
    expect(await Note.where('data', foreign('{ deep: { list: [{ n: 1 }] }, tags: ["a"] }')).count()).toBe(1)
    note.data = foreign('{ tags: [] }')
    await note.save()
    expect((await Note.findOrFail(note.id)).data).toEqual({ tags: [] })
    expect(note.clone().data).toEqual({ tags: [] })
    expect(note.clone().data).not.toBe(note.data)
  })

  it('of a class are refused, as those of this realm are', async () => {
    const data = foreign('new (class Point { x = 1 })()')
    await expect(Note.create({ data })).rejects.toThrow(
      '"Note" is not valid: data is an object of a class; store plain JSON values.',
    )
  })
})
