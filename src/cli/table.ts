import Table from 'cli-table3'
import { shown } from './output.js'

/** Rows in columns, without lines between them. */
export function tableText(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new Table({
    head: head.map(shown),
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 2 },
    chars: NO_LINES,
  })
  table.push(...rows.map((row) => row.map(shown)))
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

const LINES = [
  'top',
  'top-mid',
  'top-left',
  'top-right',
  'bottom',
  'bottom-mid',
  'bottom-left',
  'bottom-right',
  'left',
] as const
const MORE_LINES = ['left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'] as const
const NO_LINES = Object.fromEntries([...LINES, ...MORE_LINES].map((name) => [name, '']))
