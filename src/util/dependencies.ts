/** The items, each after those that it depends on. In a circle, the one that comes first waits for the others. */
export function dependenciesFirst<T>(items: readonly T[], dependenciesOf: (item: T) => Iterable<T>): readonly T[] {
  const ordered: T[] = []
  const visited = new Set<T>()
  const visit = (item: T): void => {
    if (visited.has(item)) return
    visited.add(item)
    for (const each of dependenciesOf(item)) visit(each)
    ordered.push(item)
  }
  for (const item of items) visit(item)
  return ordered
}
