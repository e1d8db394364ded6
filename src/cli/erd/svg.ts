import type { SchemaState } from '../../ast/schema.js'
import { shown } from '../output.js'
import { type Arrow, type Box, layoutOf, middleOf, SIZES } from './layout.js'

const STYLE = `
  text { font: 12px ui-monospace, Menlo, Consolas, monospace; fill: #1f2328; }
  .table { fill: #ffffff; stroke: #8c959f; }
  .head { fill: #ddf4ff; stroke: #8c959f; }
  .name { font-weight: bold; }
  .type { fill: #59636e; text-anchor: end; }
  .key { font-weight: bold; }
  .arrow { fill: none; stroke: #0969da; stroke-width: 1.3; }
  .point { fill: #0969da; }
`

/** The diagram as an SVG image. */
export function svg(state: SchemaState): string {
  const { boxes, arrows, width, height } = layoutOf(state)
  return `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<style>${STYLE}</style>
<defs><marker id="point" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path class="point" d="M0 0 L8 4 L0 8 z"/></marker></defs>
<rect width="100%" height="100%" fill="#f6f8fa"/>
${arrows.map(arrowText).join('')}${boxes.map(boxText).join('')}</svg>
`
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
/** Escapes a text. XML allows no control characters, not even escaped ones, and no halves of surrogate pairs. */
const escaped = (text: string): string => shown(text).replace(/[&<>"]/g, (sign) => ENTITIES[sign] ?? sign)

function boxText({ table, lines, x, y, width, height }: Box): string {
  const { head, padding, row } = SIZES
  const rows = lines.map(({ name, type, isKey, isForeignKey }, i) => {
    const at = y + head + i * row + row * 0.7
    const style = isKey ? ' class="key"' : ''
    const mark = isKey ? '# ' : isForeignKey ? '→ ' : ''
    return `<text x="${x + padding}" y="${at}"${style}>${mark}${escaped(name)}</text><text class="type" x="${x + width - padding}" y="${at}">${escaped(type)}</text>\n`
  })
  return `<g>
<rect class="table" x="${x}" y="${y}" width="${width}" height="${height}" rx="4"/>
<rect class="head" x="${x}" y="${y}" width="${width}" height="${head}" rx="4"/>
<text class="name" x="${x + padding}" y="${y + head * 0.65}">${escaped(table)}</text>
${rows.join('')}</g>
`
}

function arrowText({ from, to, fromLine, toLine }: Arrow): string {
  const [y1, y2] = [middleOf(from, fromLine), middleOf(to, toLine)]
  // the arrow runs from the left side of one box to the right side of the other, or around the left side within a column
  const isBeside = to.x + to.width <= from.x
  const [x1, x2] = [from.x, isBeside ? to.x + to.width : to.x]
  const bend = isBeside ? (x1 - x2) / 2 : 40
  return `<path class="arrow" marker-end="url(#point)" d="M${x1} ${y1} C${x1 - bend} ${y1} ${isBeside ? x2 + bend : x2 - bend} ${y2} ${x2} ${y2}"/>\n`
}
