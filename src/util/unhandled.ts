/** Called after all kinds have been handled: a new kind that is not handled becomes a type error. */
export function unhandled(value: never): never {
  const { kind }: { readonly kind?: unknown } = value
  throw new TypeError(`nothing handles the kind "${kind}"`)
}
