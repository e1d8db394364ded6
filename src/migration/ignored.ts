/** Whether a table, a view or a column of it is left out of comparisons. `*` stands for any characters. */
export function isIgnored(
  patterns: readonly string[],
  own: readonly string[],
): (table: string, name: string | null) => boolean {
  const expressions = patterns.map(expressionOf)
  const tables = new Set(own)
  return (table, name) =>
    tables.has(table) ||
    expressions.some((each) => each.test(table) || (name !== null && each.test(`${table}.${name}`)))
}

/** Whether a name is what a pattern says. */
export const matches = (pattern: string, name: string): boolean => expressionOf(pattern).test(name)

const expressionOf = (pattern: string): RegExp => new RegExp(`^${pattern.split('*').map(escaped).join('.*')}$`, 's')

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
