import { createRequire } from 'node:module'
import { ConfigurationError } from '../errors.js'
import { codeOf, messageOf } from './error-shape.js'

// Packages that only some programs need: drivers, and what single kinds of fields use.

/** A package of the user's program; without it, the error of its import. */
export interface FoundPackage<M> {
  readonly module: M | null
  readonly cause: unknown
}

/** Imports a package of the user's program. Errors of a package that is installed are thrown. */
export async function findPackage<M>(name: string): Promise<FoundPackage<M>> {
  try {
    const module: M = await import(name)
    return { module, cause: null }
  } catch (cause) {
    if (!isMissing(cause, name)) throw cause
    const path = pathInProgram(name)
    if (path === null) return { module: null, cause }
    const module: M = await import(path)
    return { module, cause: null }
  }
}

/** Imports a package, or throws an error that says how to install it. */
export async function importPackage<M>(name: string, usedBy: string): Promise<M> {
  const { module, cause } = await findPackage<M>(name)
  return module ?? refuseMissing(name, usedBy, cause)
}

/** The same at once, for a package that can be required. */
export function requirePackage<M>(name: string, usedBy: string): M {
  const require = createRequire(import.meta.url)
  try {
    return require(name) as M
  } catch (cause) {
    if (!isMissing(cause, name)) throw cause
    const path = pathInProgram(name)
    return path === null ? refuseMissing(name, usedBy, cause) : (require(path) as M)
  }
}

const isMissing = (error: unknown, name: string): boolean =>
  ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes(codeOf(error)) && messageOf(error).includes(name)

/** With a linked checkout of corm, packages are in the program's folder, not in corm's own. */
function pathInProgram(name: string): string | null {
  try {
    return createRequire(`${process.cwd()}/package.json`).resolve(name)
  } catch {
    return null
  }
}

function refuseMissing(name: string, usedBy: string, cause: unknown): never {
  const installed = name.split('/', name.startsWith('@') ? 2 : 1).join('/')
  throw new ConfigurationError(`${usedBy} needs the package "${installed}". Run: npm install ${installed}`, { cause })
}
