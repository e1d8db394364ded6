/** The item at a place that is within the list. */
export function at<T>(list: readonly T[], place: number): T {
  return list[place] as T
}
