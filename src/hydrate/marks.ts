/** Values for cursors, which rows had in addition to those of their instances. */
const marks = new WeakMap<object, readonly unknown[]>()

const NONE: readonly unknown[] = []

export const marksOf = (instance: object): readonly unknown[] => marks.get(instance) ?? NONE

export const setMarks = (instance: object, values: readonly unknown[]): void => void marks.set(instance, values)
