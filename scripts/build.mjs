// Writes the package's files, with their types: npm run build -- [--out <folder>] [--no-check]
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { bundle, root } from './bundle.mjs'

const { values } = parseArgs({
  options: { out: { type: 'string', default: join(root, 'dist') }, 'no-check': { type: 'boolean' } },
})
const out = resolve(values.out)

// nothing of a removed source file is packed
rmSync(out, { recursive: true, force: true })
const compiler = join(root, 'node_modules/typescript7/bin/tsc')
const types = [compiler, '-p', join(root, 'tsconfig.build.json'), '--outDir', out]
execFileSync(process.execPath, values['no-check'] ? [...types, '--noCheck'] : types, { stdio: 'inherit' })
await bundle(out)
