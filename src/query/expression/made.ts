import type { ExpressionNode } from '../../ast/expression.js'

/**
 * The predicates that the running callback has created, to find those that it dropped (`a && b`). This is a module variable
 * because operators are plain functions and methods, and have no access to the query.
 */
let made: ExpressionNode[] | null = null

export function track(node: ExpressionNode): void {
  made?.push(node)
}

/** Removes a predicate from the list, because its parts now belong to another one. */
export function absorbed(node: ExpressionNode): void {
  const place = made?.lastIndexOf(node) ?? -1
  if (place !== -1) made?.splice(place, 1)
}

/** Runs a callback that has a separate list. */
export function tracked<T>(run: () => T): T {
  const outer = made
  made = []
  try {
    return run()
  } finally {
    made = outer
  }
}

/** Whether this node contains every predicate that the callback created. */
export function isAllIn(node: ExpressionNode): boolean {
  const reachable = new Set<unknown>()
  reach(node, reachable)
  return made === null || made.every((each) => reachable.has(each))
}

/** Removes nodes that are used outside the returned condition, for example in a subquery. */
export function useUp(nodes: readonly unknown[]): void {
  if (made === null || made.length === 0) return
  const used = new Set<unknown>()
  reach(nodes, used)
  made = made.filter((node) => !used.has(node))
}

/** Uses a loop, because data of the user may be nested to any depth. */
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
