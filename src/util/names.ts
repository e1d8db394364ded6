import { at } from './list.js'

/** `userID` → `user_id`, `HTTPServer2Go` → `http_server2_go`. */
export function toSnakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
}

/** `OrderItem` → `orderItem`, `HTTPRequest` → `httpRequest`. */
export function lowerFirst(name: string): string {
  return name.replace(/^\p{Lu}+(?!\p{Ll})|^\p{Lu}/u, (head) => head.toLowerCase())
}

/** `order` → `Order`. */
export function upperFirst(name: string): string {
  return name.replace(/^./su, (first) => first.toUpperCase())
}

/** The nearest candidate by edit distance, if it is near enough to be a typo. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1
  for (const candidate of candidates) {
    const distance = candidate.toLowerCase() === name.toLowerCase() ? 0 : editDistance(name, candidate)
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance]
  }
  return best
}

/** The number of letters to insert, remove or replace to get from one name to the other. */
export function editDistance(a: string, b: string): number {
  if (a.length > 64 || b.length > 64) return 64
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    let last = i
    const next = [last]
    for (let j = 1; j <= b.length; j++) {
      const swap = at(row, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
      last = Math.min(at(row, j) + 1, last + 1, swap)
      next.push(last)
    }
    row = next
  }
  return at(row, b.length)
}

/** Returns `did you mean "x"?`, or the list of choices if they are few, or an empty text. */
export function suggestion(name: string, candidates: Iterable<string>): string {
  const all = [...candidates]
  const near = nearest(name, all)
  if (near !== undefined) return ` Did you mean "${near}"?`
  return all.length > 0 && all.length <= 12 ? ` Choose one of: ${all.map((c) => `"${c}"`).join(', ')}.` : ''
}
