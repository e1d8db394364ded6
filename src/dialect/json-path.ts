import { listIn, textIn } from '../util/expect.js'

/** The steps of a path: a text is a key, a number an index. */
export function stepsIn(value: unknown): readonly (string | number)[] {
  return listIn(value).map((step) => (typeof step === 'number' ? step : textIn(step)))
}

/** Quotes all keys as in JSON, so that any character is part of the key. SQLite and MySQL both read this form. */
export const jsonPath = (steps: readonly (string | number)[]): string =>
  `$${steps.map((step) => (typeof step === 'number' ? `[${step}]` : `.${JSON.stringify(step)}`)).join('')}`
