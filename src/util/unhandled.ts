/** Stands where all kinds of something are handled: one more is a type error there. */
export function unhandled(value: never): never {
  throw new TypeError(`nothing handles the kind "${(value as { readonly kind?: unknown }).kind}"`)
}
