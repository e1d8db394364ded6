import { DefinitionError } from '../errors.js'

// Tables, morph types and keys get their names from classes, and bundlers and minifiers give classes other names. A server
// that was bundled would then work on tables of its own, so names of the kinds that they make are not used for these.

const BUNDLED: readonly RegExp[] = [
  // esbuild, bun: a class that names itself in its statics is `_Task`; a second `Tag` is `Tag2`, then `Tag3`
  /^_/,
  /\D(?:[2-9]|[1-9]\d+)$/,
  // rollup, vite, parcel: `Tag$1`, `$3f2a$var$Tag`
  /\$/,
  // webpack: `models_Tag`, and `Tag_Tag` of a file Tag.js
  /^[a-z]\w*_[A-Z]/,
  /^(\w+)_\1$/,
  // a default export without a name
  /^default$|_default$/,
]

export const isMinified = (className: string): boolean => className.length <= 2

export const isBundled = (className: string): boolean => BUNDLED.some((pattern) => pattern.test(className))

/** Throws if the name of a class may be another one in the next build; `option` says the name instead. */
export function refuseMadeName(className: string, option: 'table' | 'morphName'): void {
  if (isMinified(className))
    throw new DefinitionError(
      `The model "${className}" has a name that looks like a minifier's. Give it { ${option} } in Model's options.`,
    )
  if (isBundled(className))
    throw new DefinitionError(
      `The model "${className}" has a name that looks like a bundler's, which may rename classes. Give it { ${option} } in Model's options, or let the bundler keep names.`,
    )
}

/** The same for the name of a key in a join table. */
export function refuseMadeKey(className: string, option: 'foreignKey' | 'otherKey', where: string): void {
  if (isBundled(className))
    throw new DefinitionError(
      `${where} would name a key after the model "${className}", a name that looks like a bundler's. Pass { ${option} }.`,
    )
}
