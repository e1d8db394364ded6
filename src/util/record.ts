/** Whether a value is an object, whose properties can be read by name. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

/** Reads an object by the names of its properties; a missing one is undefined. */
export const asRecord = (value: object): Record<string, unknown> => value as Record<string, unknown>

/** An object without a prototype: a name that is not set is not found on Object.prototype either. */
export const emptyRecord = <T = unknown>(): Record<string, T> => Object.create(null)
