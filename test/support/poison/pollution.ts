/** Members that Object.prototype has for the time of some work. */

/** An object that is given such a member gets one of its own, as if the prototype had none. */
function give(this: unknown, name: string, value: unknown): void {
  Object.defineProperty(this, name, {
    __proto__: null,
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  } as PropertyDescriptor)
}

function pollute(name: string, read: (this: unknown) => unknown): void {
  Object.defineProperty(Object.prototype, name, {
    __proto__: null,
    enumerable: true,
    configurable: true,
    get: read,
    set(value: unknown) {
      give.call(this, name, value)
    },
  } as PropertyDescriptor)
}

const restore = (name: string) => void Reflect.deleteProperty(Object.prototype, name)

/** Looks at so many reads of a name before it is taken for one that only others read: node, and the tests. */
const LOOKS = 50

/** The place where a name is read, if that is in the library, or in one that it calls. */
function placeOf(stack: string): string | undefined {
  const [reader = '', caller = '', ...more] = stack.split('\n').slice(3)
  if (reader.includes('/src/') && !reader.includes('/node_modules/'))
    return [reader, caller, ...more].slice(0, 4).join(' ')
  return undefined
}

/** Which of these names the library reads of objects that have none, and where. */
export async function recordReads<R>(
  names: readonly string[],
  work: () => Promise<R>,
): Promise<{ result: R; reads: Map<string, string> }> {
  const reads = new Map<string, string>()
  const looks = new Map<string, number>()
  let busy = false
  const look = (name: string): undefined => {
    const count = looks.get(name) ?? 0
    if (busy || reads.has(name) || count === LOOKS) return
    looks.set(name, count + 1)
    // what makes the stack's text may read names itself
    busy = true
    const place = placeOf(new Error('here').stack ?? '')
    if (place !== undefined) reads.set(name, place)
    busy = false
  }
  for (const name of names) pollute(name, () => look(name))
  try {
    return { result: await work(), reads }
  } finally {
    for (const name of names) restore(name)
  }
}
