/** `12345` with scale 2 → `123.45`. */
export function unscale(digits: string, scale: number): string {
  if (scale === 0) return digits
  const sign = digits.startsWith('-') ? '-' : ''
  const bare = digits.slice(sign.length).padStart(scale + 1, '0')
  return `${sign}${bare.slice(0, -scale)}.${bare.slice(-scale)}`
}
