/** The item at a place that is within the list. */
export function at<T>(list: readonly T[], place: number): T {
  return list[place] as T
}

/** Whether a value is a list, of whatever. */
export const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value)
