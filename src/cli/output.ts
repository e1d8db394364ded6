import picocolors from 'picocolors'
import { visible } from '../util/text-width.js'

export type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow'

/** A text as a terminal may show it. Names come from databases and files, and may hold control characters. */
export const shown = visible

/**
 * What a command prints: results on stdout, everything else on stderr. With `--json`, stdout has one JSON document. Colors are left
 * out without a terminal, and with NO_COLOR.
 */
export class CommandOutput {
  constructor(readonly isJson: boolean) {}

  /** A line of the result. With `--json` nothing is printed: `result` has it. */
  say(text = '', style?: Style): void {
    if (!this.isJson) process.stdout.write(`${styled(text, style, process.stdout)}\n`)
  }

  /** A line about the command itself. */
  note(text: string, style?: Style): void {
    process.stderr.write(`${styled(text, style, process.stderr)}\n`)
  }

  /** Text that is the result itself, such as SQL. It is printed as it is. */
  write(text: string): void {
    if (!this.isJson) process.stdout.write(text)
  }

  /** The result with `--json`. */
  result(value: object): void {
    if (this.isJson) process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
  }
}

const colors = { yes: picocolors.createColors(true), no: picocolors.createColors(false) }

function styled(text: string, style: Style | undefined, { isTTY }: { readonly isTTY?: boolean }): string {
  const lines = text.split('\n').map(visible).join('\n')
  const isColored = picocolors.isColorSupported && (isTTY === true || process.env.FORCE_COLOR !== undefined)
  return style === undefined ? lines : colors[isColored ? 'yes' : 'no'][style](lines)
}
