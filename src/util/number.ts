/** Whether a value is a whole number that JavaScript holds exactly. */
export const isWhole = (value: unknown): value is number => Number.isSafeInteger(value)
