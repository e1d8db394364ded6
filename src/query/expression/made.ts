import type { ExpressionNode } from '../../ast/expression.js'

/**
 * The predicates that the running callback has made, to notice those that it dropped (`a && b`). It is a module variable because
 * operators are called as functions and methods of expressions, and get nothing from the query.
 */
let made: ExpressionNode[] | null = null

export function track(node: ExpressionNode): void {
  made?.push(node)
}

/** The parts of this predicate are now parts of another one. */
export function absorbed(node: ExpressionNode): void {
  const place = made?.lastIndexOf(node) ?? -1
  if (place !== -1) made?.splice(place, 1)
}

/** Runs a callback with a list of its own. */
export function tracked<T>(run: () => T): T {
  const outer = made
  made = []
  try {
    return run()
  } finally {
    made = outer
  }
}

/** Whether all predicates of the callback are in this node. */
export function isAllIn(node: ExpressionNode): boolean {
  const reachable = new Set<unknown>()
  reach(node, reachable)
  return made === null || made.every((each) => reachable.has(each))
}

/** Takes nodes off the list that are used elsewhere than in the condition that the callback returns, such as in a subquery. */
export function useUp(nodes: readonly unknown[]): void {
  if (made === null || made.length === 0) return
  const used = new Set<unknown>()
  reach(nodes, used)
  made = made.filter((node) => !used.has(node))
}

/** Without recursion, because the user's data may be nested to any depth. */
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
