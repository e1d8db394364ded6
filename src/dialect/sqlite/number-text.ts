// Numbers that are written as text, in SQL of SQLite. Signs and zeros that do not change a number are no part of it.

/** The parts of a number in the text `c`, as SQL. */
export interface NumberParts {
  /** Whether the text is a number of digits, with or without a sign and a point. */
  readonly isNumber: string
  /** Whether it begins with a minus. */
  readonly isNegative: string
  /** The digits before the point, without zeros in front; empty for 0. */
  readonly whole: string
  /** The digits after the point. */
  readonly fraction: string
}

export function numberParts(c: string): NumberParts {
  const bare = `(case when substr(${c}, 1, 1) in ('-', '+') then substr(${c}, 2) else ${c} end)`
  const point = `instr(${bare}, '.')`
  const whole = `(case ${point} when 0 then ${bare} else substr(${bare}, 1, ${point} - 1) end)`
  const fraction = `(case ${point} when 0 then '' else substr(${bare}, ${point} + 1) end)`
  return {
    isNumber: `${bare} glob '*[0-9]*' and ${bare} not glob '*[^0-9.]*' and ${bare} not glob '*.*.*'`,
    isNegative: `substr(${c}, 1, 1) = '-'`,
    whole: `ltrim(${whole}, '0')`,
    fraction,
  }
}

/** Exactly so many digits after the point. */
export const fractionOf = ({ fraction }: NumberParts, digits: number): string =>
  digits === 0 ? "''" : `substr(${fraction} || '${'0'.repeat(digits)}', 1, ${digits})`

/** Whether the number has no more digits after the point, other than zeros, nor before it. */
export const fitsDigits = ({ isNumber, whole, fraction }: NumberParts, before: number, after: number): string =>
  `${isNumber} and rtrim(substr(${fraction}, ${after + 1}), '0') = '' and length(${whole}) <= ${before}`
