/** Keys in quotes, as JSON writes them: any character is one of a key. Both SQLite and MySQL read them so. */
export const jsonPath = (steps: readonly (string | number)[]): string =>
  `$${steps.map((step) => (typeof step === 'number' ? `[${step}]` : `.${JSON.stringify(step)}`)).join('')}`
