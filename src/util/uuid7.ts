import { createRequire } from 'node:module'

let v7: (() => string) | undefined

/** A UUID of version 7, which sorts by time (RFC 9562, section 5.7). The package is loaded when the first one is made. */
export function uuid7(): string {
  v7 ??= (createRequire(import.meta.url)('uuid') as typeof import('uuid')).v7
  return v7()
}
