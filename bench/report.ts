import type { Measured } from './measure.js'

const WIDTHS = [46, 6, 13, 9, 6, 4]

const cells = (texts: readonly string[]) =>
  `| ${texts.map((text, i) => (i === 0 ? text.padEnd(WIDTHS[i]!) : text.padStart(WIDTHS[i]!))).join(' | ')} |`

export const tableHead = `${cells(['job', 'ratio', 'quartiles', 'raw', 'target', 'met'])}
|${WIDTHS.map((width, i) => (i === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`

export function tableRow({ name, ratio: [low, middle, high], raw }: Measured, target: number | undefined): string {
  return cells([
    name,
    middle.toFixed(2),
    `${low.toFixed(2)} to ${high.toFixed(2)}`,
    `${raw.toFixed(raw < 10 ? 2 : 1)} ms`,
    target === undefined ? '' : target.toFixed(2),
    mark(middle, target),
  ])
}

/** Two rows without a raw side: microseconds. */
export function compileRows(name: string, { seen, first }: { seen: number; first: number }): string {
  const row = (what: string, time: number, target: number) =>
    cells([
      `${name.replace('the three-condition query', what)}`,
      `${time.toFixed(1)} µs`,
      '',
      '',
      `${target} µs`,
      mark(time, target),
    ])
  return `${row('a form seen before', seen, 1)}\n${row('a form never seen', first, 4)}`
}

/** Two rows without a raw side: a multiple of one nap, and milliseconds. */
export function waitingRows(
  [naps, beside]: readonly [string, string],
  value: { naps: number; beside: number },
): string {
  const first = cells([naps, value.naps.toFixed(2), '', '', '1.50', mark(value.naps, 1.5)])
  return `${first}\n${cells([beside, `${value.beside.toFixed(1)} ms`, '', '', '20 ms', mark(value.beside, 20)])}`
}

const mark = (value: number, target: number | undefined) => (target === undefined ? '' : value <= target ? 'yes' : 'no')
