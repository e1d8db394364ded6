let possible: boolean | undefined

/** Whether this process may generate code (`--disallow-code-generation-from-strings` forbids it). */
export function canGenerate(): boolean {
  if (possible === undefined) {
    try {
      new Function('')
      possible = true
    } catch {
      possible = false
    }
  }
  return possible
}
