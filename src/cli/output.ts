import picocolors from 'picocolors'
import { visible } from '../util/text-width.js'

export type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow'

/** Makes a text safe for a terminal. Names from databases and files may contain control characters. */
export const shown = visible

/**
 * The output of a command: results go to stdout, everything else to stderr. With `--json`, stdout has one JSON document. There
 * are no colors without a terminal, or with NO_COLOR.
 */
export class CommandOutput {
  constructor(readonly isJson: boolean) {}

  /** Prints a line of the result. Prints nothing with `--json`, where `result` is used instead. */
  say(text = '', style?: Style): void {
    if (!this.isJson) process.stdout.write(`${styled(text, style, process.stdout)}\n`)
  }

  /** Prints a line about the command itself to stderr. */
  note(text: string, style?: Style): void {
    process.stderr.write(`${styled(text, style, process.stderr)}\n`)
  }

  /** Prints a result such as SQL, without changes. */
  write(text: string): void {
    if (!this.isJson) process.stdout.write(text)
  }

  /** Prints the result with `--json`. */
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
