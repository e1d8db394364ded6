// A separate program: it runs the work of the library in a process whose Object.prototype gets additional members and is
// frozen at the end. Usage: poisoned.ts <url>, with the names on standard input. The last line reports what is wrong, as
// JSON.
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
// zod can't be initialized in such a process
Page.schema.insert.safeParse({})

// All names are present without a value. A name that is never read from an object without it can't matter, whatever its
// value. Reads by other packages from their own objects are not counted. This comes first, before any cache is filled.
const { result, reads } = await recordReads(names, everything)
const expected = await everything()
const wrong: string[] = []

function compare(what: string, log: Log): void {
  for (const [name, text] of expected) {
    const other = log.get(name) ?? 'nothing'
    if (other !== text) wrong.push(`${what}: ${name}:\n  ${text.slice(0, 300)}\n  ${other.slice(0, 300)}`)
  }
}

// a step that ends in a JavaScript error proves nothing
for (const [name, text] of expected) if (/^(?:Type|Range|Reference)?Error/.test(text)) wrong.push(`${name}: ${text}`)
for (const [name, where] of reads) wrong.push(`"${name}" is read of an object that has none: ${where}`)
compare('all names are there', result)
Object.freeze(Object.prototype)
compare('frozen', await everything())
await db.dropTables(all)
await db.close()
console.log(JSON.stringify({ outcomes: expected.size, wrong: wrong.slice(0, 20) }))
process.exit(0)
