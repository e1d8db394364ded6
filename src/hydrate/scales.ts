/** How many digits decimals have after the point, by their names; those of a pivot as `pivot.price`. */
export type Scales = ReadonlyMap<string, number>

const byNames = new WeakMap<readonly string[], Scales>()

/** Remembers the scales of values that a query has added, with the list of their names, which all its instances share. */
export function rememberScales(names: readonly string[], scales: Scales): void {
  if (scales.size > 0) byNames.set(names, scales)
}

export const scalesOf = (names: readonly string[]): Scales | undefined => byNames.get(names)
