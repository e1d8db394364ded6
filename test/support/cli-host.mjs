// A program that runs one command of corm after another, each as if in a process of its own. Usage: cli-host.mjs <main.js>
// It gets { words, folder, env } and sends { code, stdout, stderr }.
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const [, , main] = process.argv
const environment = { ...process.env }
const exit = process.exit.bind(process)
const { cache } = createRequire(main)
let count = 0

/** Keeps what is written to a stream. */
function record(stream) {
  let text = ''
  // each command adds one
  stream.removeAllListeners('error')
  stream.write = (chunk, ...rest) => {
    text += String(chunk)
    const done = rest.at(-1)
    if (typeof done === 'function') process.nextTick(done)
    return true
  }
  return () => text
}

async function run({ words, folder, env }) {
  // files of the project, which may have changed
  for (const file of Object.keys(cache)) if (!file.includes('/node_modules/')) delete cache[file]
  process.env = { ...environment, ...env }
  process.chdir(folder)
  process.argv = [process.execPath, main, ...words]
  const stdout = record(process.stdout)
  const stderr = record(process.stderr)
  const ended = new Promise((resolve) => {
    process.exit = resolve
  })
  count += 1
  await import(`${pathToFileURL(main).href}?${count}`)
  const code = await ended
  return { code, stdout: stdout(), stderr: stderr() }
}

process.on('disconnect', () => exit(0))
process.on('message', async (command) => process.send(await run(command)))
