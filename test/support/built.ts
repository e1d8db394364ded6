import { execFile } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { root } from './programs.js'

let building: Promise<string> | undefined

/** The folder of the package as it is installed. It is built once for all processes of a test run. */
export function builtPackage(): Promise<string> {
  building ??= build(process.env.CORM_TEST_FOLDER ?? folderOfProcess())
  return building
}

function folderOfProcess(): string {
  const folder = mkdtempSync(join(tmpdir(), 'corm-built-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function build(folder: string): Promise<string> {
  const making = join(folder, 'making')
  const built = join(folder, 'built')
  const failed = join(folder, 'failed')
  if (existsSync(built)) return built
  if (!isFirst(making)) {
    while (!existsSync(built)) {
      if (existsSync(failed)) throw new Error(readFileSync(failed, 'utf8'))
      await setTimeout(50)
    }
    return built
  }
  try {
    const options = ['--no-check', '--out', join(making, 'dist')] // `npm run typecheck` checks the types
    await promisify(execFile)(process.execPath, [join(root, 'scripts/build.mjs'), ...options])
    copyFileSync(join(root, 'package.json'), join(making, 'package.json'))
    symlinkSync(join(root, 'node_modules'), join(making, 'node_modules'), 'junction')
    renameSync(making, built)
    return built
  } catch (error) {
    writeFileSync(failed, String(error))
    throw error
  }
}

/** Makes the folder. Returns false if another process has started to. */
function isFirst(folder: string): boolean {
  try {
    mkdirSync(folder)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}
