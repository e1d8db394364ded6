import { measureCompile } from './compile.js'
import { makeData } from './data.js'
import { openSides } from './databases.js'
import { allLines, type DatabaseKey } from './lines.js'
import { countProcessorTime, measure } from './measure.js'
import type { Options } from './options.js'
import { compileRows, tableHead, tableRow, waitingRows } from './report.js'
import { measureWaiting, WAITING } from './waiting.js'

const COMPILE = 'build and compile the three-condition query'

/** Measures the lines on one database and prints its table. */
export async function runDatabase(key: DatabaseKey, options: Options): Promise<void> {
  const { only, rounds } = options
  if (options.cpu) countProcessorTime()
  const data = makeData()
  const lines = allLines(data).filter(
    (line) => (line.only === undefined || line.only.includes(key)) && line.name.includes(only),
  )
  const { sides, version, close } = await openSides(key, data, options.file)
  try {
    console.log(`\n${version}\n\n${tableHead}`)
    for (const line of lines) console.log(tableRow(await measure(line, sides, rounds), line.targets[key]))
    if (key !== 'sqlite' && WAITING.some((name) => name.includes(only)))
      console.log(waitingRows(WAITING, await measureWaiting(key)))
    if (COMPILE.includes(only)) console.log(compileRows(COMPILE, await measureCompile(rounds)))
  } finally {
    await close()
  }
}
