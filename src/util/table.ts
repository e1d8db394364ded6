import { at } from './list.js'
import { own } from './own.js'
import { cutTo, visible, widthOf } from './text-width.js'

const BETWEEN = ' | '
/** A narrower column would show nothing useful. */
const NARROWEST = 4

/**
 * Draws texts as a table with aligned columns; `toRight` marks columns of numbers. If the table is wider than `width`,
 * cells are cut, the longest first.
 */
export function drawTable(
  names: readonly string[],
  rows: readonly (readonly string[])[],
  layout: { readonly width?: number; readonly toRight?: readonly boolean[] } = {},
): string {
  const { width = Number.POSITIVE_INFINITY, toRight = [] } = own(layout)
  const shown = [names, ...rows].map((row) => row.map((text) => visible(shortened(text, width))))
  const natural = names.map((_, i) => shown.reduce((most, row) => Math.max(most, widthOf(row[i] ?? '')), 1))
  const widths = fitting(natural, width)
  const line = (row: readonly string[], right: readonly boolean[]) =>
    widths
      .map((cells, i) => padded(cutTo(row[i] ?? '', cells), cells, right[i] === true))
      .join(BETWEEN)
      .trimEnd()
  const [head = [], ...body] = shown
  const rule = widths.map((cells) => '-'.repeat(cells)).join('-+-')
  const lines = [line(head, []), rule, ...body.map((row) => line(row, toRight))]
  if (widths.length < names.length) {
    const rest = `and ${head.slice(widths.length).join(', ')}`
    lines.push(width === Number.POSITIVE_INFINITY ? rest : cutTo(rest, width))
  }
  return lines.join('\n')
}

/** Cuts very long texts first, because measuring megabytes for a few visible cells would be slow. */
const shortened = (text: string, width: number) => (text.length > width * 20 ? text.slice(0, width * 20) : text)

function padded(text: string, width: number, right: boolean): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)))
  return right ? space + text : text + space
}

/** Distributes the width to the columns, none wider than it needs. */
function fitting(natural: readonly number[], width: number): number[] {
  let count = natural.length
  const total = (most: number) =>
    natural.slice(0, count).reduce((sum, cells) => sum + Math.min(cells, most), BETWEEN.length * (count - 1))
  while (count > 1 && total(NARROWEST) > width) count--
  let most = NARROWEST
  for (const cells of [...natural].sort((a, b) => a - b)) if (total(cells) <= width) most = Math.max(most, cells)
  while (total(most + 1) <= width && total(most + 1) > total(most)) most++
  const widths = natural.slice(0, count).map((cells) => Math.min(cells, most))
  // the remaining cells go to the first columns that were cut
  let left = width - total(most)
  return widths.map((cells, i) => {
    if (left <= 0 || cells >= at(natural, i)) return cells
    left--
    return cells + 1
  })
}
