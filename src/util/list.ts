/** The item at an index that is known to be within the list. */
export function at<T>(list: readonly T[], place: number): T {
  return list[place] as T
}

export const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value)
