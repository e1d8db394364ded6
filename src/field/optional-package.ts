import { createRequire } from 'node:module'
import { ConfigurationError } from '../errors.js'
import { codeOf } from '../util/error-shape.js'

/** Loads an optional package of the user's program, or throws an error that says how to install it. */
export function requirePackage<M>(name: string, usedBy: string): M {
  try {
    return createRequire(import.meta.url)(name) as M
  } catch (cause) {
    if (!isMissing(cause)) throw cause
    return createRequire(import.meta.url)(ownPath(name, usedBy, cause)) as M
  }
}

/** The same for a package that can only be imported. */
export async function importPackage<M>(name: string, usedBy: string): Promise<M> {
  try {
    return (await import(name)) as M
  } catch (cause) {
    if (!isMissing(cause)) throw cause
    return (await import(ownPath(name, usedBy, cause))) as M
  }
}

const isMissing = (error: unknown) => ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes(codeOf(error))

/** With a linked checkout of corm, the package is in the program's folder, not in corm's own. */
function ownPath(name: string, usedBy: string, cause: unknown): string {
  try {
    return createRequire(`${process.cwd()}/package.json`).resolve(name)
  } catch {
    const installed = name.split('/', name.startsWith('@') ? 2 : 1).join('/')
    throw new ConfigurationError(`${usedBy} needs the package "${installed}". Run: npm install ${installed}`, { cause })
  }
}
