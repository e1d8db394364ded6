#!/usr/bin/env node
import { runProgram } from './program.js'

// `corm dump | head`: who reads has enough
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})

const code = await runProgram(process.argv.slice(2))
// files of the project may hold connections or timers open; what was printed is written first
process.exitCode = code
process.stdout.write('', () => process.stderr.write('', () => process.exit(code)))
