/** Null: it is no URL. Node's own error would contain the whole URL with its password. */
export function urlOrNull(given: string): URL | null {
  try {
    return new URL(given)
  } catch {
    return null
  }
}
