import { createRequire } from 'node:module'
import type * as Zod from 'zod'

let zod: typeof Zod | undefined

/** Loads zod only when it is needed: that takes longer than loading corm. */
export function loadZod(): typeof Zod {
  zod ??= createRequire(import.meta.url)('zod') as typeof Zod
  return zod
}
