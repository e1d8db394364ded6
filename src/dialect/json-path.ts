import { listIn, textIn } from '../util/expect.js'

/** A path as its parameter holds it: a text is a key, a number an index. */
export function stepsIn(value: unknown): readonly (string | number)[] {
  return listIn(value).map((step) => (typeof step === 'number' ? step : textIn(step)))
}

/** Keys in quotes, as JSON writes them: any character is one of a key. Both SQLite and MySQL read them so. */
export const jsonPath = (steps: readonly (string | number)[]): string =>
  `$${steps.map((step) => (typeof step === 'number' ? `[${step}]` : `.${JSON.stringify(step)}`)).join('')}`
