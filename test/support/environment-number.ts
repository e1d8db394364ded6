/** A whole number of the environment. */
export function environmentNumber(variable: string, otherwise: number): number {
  const text = process.env[variable] || String(otherwise)
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new Error(`${variable} must be a whole number, not ${JSON.stringify(text)}.`)
  return value
}
