/** The database an unsaved instance of a bound model goes to. */
export const boundDatabase = new WeakMap<object, object>()
