/** Called after all kinds have been handled: a new kind that is not handled becomes a type error. */
export function unhandled(value: never): never {
  throw new TypeError(`nothing handles the kind "${(value as { readonly kind?: unknown }).kind}"`)
}
