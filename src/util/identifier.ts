/** How long a name may be. */
export interface IdentifierLimit {
  readonly longest: number
  readonly unit: 'bytes' | 'characters'
}

export const isTooLong = (name: string, { longest, unit }: IdentifierLimit): boolean =>
  // no character has more than three bytes for each of its UTF-16 units
  name.length * 3 > longest && (unit === 'bytes' ? Buffer.byteLength(name) : [...name].length) > longest
