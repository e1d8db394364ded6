/** The symbol by which all copies of corm in a process recognize each other's values. */
export const COPY: unique symbol = Symbol.for('corm.copy')

/** The location of this copy. */
export const thisCopy = import.meta.url.replace(/[^/]*\/[^/]*$/, '')

/** The location of the copy of corm that created a value; null if it is this copy, or the value is not corm's. */
export function otherCopy(value: unknown): string | null {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return null
  try {
    const copy: unknown = Reflect.get(value, COPY)
    return typeof copy === 'string' && copy !== thisCopy ? copy : null
  } catch {
    return null
  }
}

/** A hint for messages about such a value; empty if it comes from no other copy. */
export function copyHint(value: unknown): string {
  const other = otherCopy(value)
  if (other === null) return ''
  return ` It was made by another copy of corm, at ${other}; this one is at ${thisCopy}. Two copies don't know each other's models, databases and errors: let one be installed (npm ls corm), and import it everywhere.`
}

/** Warns once for each further copy that is loaded, because `instanceof` silently fails between copies. */
function announce(): void {
  const holder = globalThis
  const first: unknown = Object.hasOwn(holder, COPY) ? Reflect.get(holder, COPY) : undefined
  if (first === undefined)
    Object.defineProperty(holder, COPY, { value: thisCopy, configurable: true, enumerable: false })
  else if (first !== thisCopy && typeof first === 'string')
    process.emitWarning(
      `Two copies of corm are loaded, from ${first} and from ${thisCopy}. They don't know each other's models, databases and errors: let one be installed (npm ls corm).`,
      'CormWarning',
    )
}

announce()
