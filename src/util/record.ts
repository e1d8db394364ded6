/** Any object but null, by the names of its properties. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

/** The properties of an object by their names: what is not there is undefined. */
export const asRecord = (value: object): Record<string, unknown> => value as Record<string, unknown>

/** An object that inherits nothing: a name that is not set in it is not found on Object.prototype either. */
export const emptyRecord = <T = unknown>(): Record<string, T> => Object.create(null)
