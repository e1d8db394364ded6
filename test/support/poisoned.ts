// A program of its own: the work of the library in a process whose Object.prototype has further members, and at last is frozen.
// Usage: poisoned.ts <url>, with the names on standard input. The last line says what is wrong, as JSON.
import { readFileSync } from 'node:fs'
import { Database } from 'corm'
import { tables } from './leaks/world.js'
import { Mark, Page, Writer } from './option-calls.js'
import { recordReads } from './poison/pollution.js'
import { everything, fill, type Log } from './poison/work.js'

const names = JSON.parse(readFileSync(0, 'utf8')) as string[]
const all = [...tables, Writer, Mark, Page]
const db = await Database.connect(process.argv[2] ?? '')
await db.dropTables(all)
await db.createTables(all)
await fill()
const owner = await Writer.create({ name: 'Ada' })
await Page.create({ title: 'a', writerId: owner.id })
// zod can't be used for the first time in such a world
Page.schema.insert.safeParse({})

// All names are there, and have no value: what is never read of an object that has none can't matter, whatever the value is.
// What is read by other packages of what they have made is theirs. It comes first, before anything is in a cache.
const { result, reads } = await recordReads(names, everything)
const expected = await everything()
const wrong: string[] = []

function compare(what: string, log: Log): void {
  for (const [name, text] of expected) {
    const other = log.get(name) ?? 'nothing'
    if (other !== text) wrong.push(`${what}: ${name}:\n  ${text.slice(0, 300)}\n  ${other.slice(0, 300)}`)
  }
}

// what ends in an error of the language proves nothing
for (const [name, text] of expected) if (/^(?:Type|Range|Reference)?Error/.test(text)) wrong.push(`${name}: ${text}`)
for (const [name, where] of reads) wrong.push(`"${name}" is read of an object that has none: ${where}`)
compare('all names are there', result)
Object.freeze(Object.prototype)
compare('frozen', await everything())
await db.dropTables(all)
await db.close()
console.log(JSON.stringify({ outcomes: expected.size, wrong: wrong.slice(0, 20) }))
process.exit(0)
