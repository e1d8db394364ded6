import type { ExpressionNode } from '../../ast/expression.js'

/** Predicates made in the running callback, to notice those that were made and dropped (`a && b`). */
let made: ExpressionNode[] | null = null

export function track(node: ExpressionNode): void {
  made?.push(node)
}

/** This one's parts have become those of another. */
export function absorbed(node: ExpressionNode): void {
  const place = made?.lastIndexOf(node) ?? -1
  if (place !== -1) made?.splice(place, 1)
}

/** Runs with predicates of its own. */
export function tracked<T>(run: () => T): T {
  const outer = made
  made = []
  try {
    return run()
  } finally {
    made = outer
  }
}

/** Whether all that was made is in this node. */
export function isAllIn(node: ExpressionNode): boolean {
  const reachable = new Set<unknown>()
  reach(node, reachable)
  return made === null || made.every((each) => reachable.has(each))
}

/** These are part of something, though the condition that a callback returns may not show it: a query inside of it, say. */
export function useUp(nodes: readonly unknown[]): void {
  if (made === null || made.length === 0) return
  const used = new Set<unknown>()
  reach(nodes, used)
  made = made.filter((node) => !used.has(node))
}

/** Without calls of itself: data of the user's may be nested as deep as it likes. */
function reach(start: unknown, seen: Set<unknown>): void {
  const waiting = [start]
  while (waiting.length > 0) {
    const node = waiting.pop()
    if (typeof node !== 'object' || node === null || seen.has(node)) continue
    seen.add(node)
    for (const part of Array.isArray(node) ? node : Object.values(node))
      if (typeof part === 'object' && part !== null) waiting.push(part)
  }
}
