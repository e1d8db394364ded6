/** How long a name may be. */
export interface IdentifierLimit {
  readonly longest: number
  readonly unit: 'bytes' | 'characters'
}

export const isLongName = (name: string, { longest, unit }: IdentifierLimit): boolean =>
  // a UTF-16 unit takes at most three bytes in UTF-8
  name.length * 3 > longest && (unit === 'bytes' ? Buffer.byteLength(name) : [...name].length) > longest
