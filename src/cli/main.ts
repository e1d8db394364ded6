#!/usr/bin/env node
import { runProgram } from './program.js'

// `corm dump | head` closes the pipe early, which is not an error
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})

const code = await runProgram(process.argv.slice(2))
// exits explicitly, because files of the project may keep connections or timers open, but writes pending output first
process.exitCode = code
process.stdout.write('', () => process.stderr.write('', () => process.exit(code)))
