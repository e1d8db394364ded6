/** What every copy of corm in a process knows the things of another one by. */
export const COPY: unique symbol = Symbol.for('corm.copy')

/** Where this copy is. */
export const thisCopy = import.meta.url.replace(/[^/]*\/[^/]*$/, '')

/** Where the copy of corm is that made a value; null: it is this one's, or no copy's. */
export function otherCopy(value: unknown): string | null {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return null
  try {
    const copy: unknown = Reflect.get(value, COPY)
    return typeof copy === 'string' && copy !== thisCopy ? copy : null
  } catch {
    return null
  }
}

/** What to say of such a value; empty where it comes from no other copy. */
export function copyHint(value: unknown): string {
  const other = otherCopy(value)
  if (other === null) return ''
  return ` It was made by another copy of corm, at ${other}; this one is at ${thisCopy}. Two copies don't know each other's models, databases and errors: let one be installed (npm ls corm), and import it everywhere.`
}

/** Reported once for each further copy that is loaded: `instanceof` fails between them, without a word. */
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
