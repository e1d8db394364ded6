/** Uses the emitted declarations of `models.ts`. */
import { Author, Boss, grouped, joined, manager, Note, rows, Top } from './models.js'

export async function use() {
  const author = await Author.findOrFail(1)
  const names: string[] = (await joined().get()).map(({ name }) => name)
  const [row] = await rows()
  const titles: string[] | undefined = row?.books.map(({ title }) => title)
  const text: string = (await Note.query().firstOrFail()).text
  const level: number = (await Top.create({ level: 1, name: 'x', cost: 1n })).level
  const boss: number = (await Boss.findOrFail(1)).level
  const count: number | undefined = (await grouped())[0]?.n
  // @ts-expect-error: a number
  const wrong: string = level
  // @ts-expect-error: no such field
  await Note.query().where('txt', 'x')
  await manager(author).attach(['x'])
  return [names, titles, text, level, boss, count, wrong]
}
