import { describe, expect, it } from 'vitest'
import { drawTable } from '../../../src/util/table.js'
import { cutTo, visible, widthOf } from '../../../src/util/text-width.js'
import { hostileTexts } from '../../support/hostile.js'

describe('the width of a text', () => {
  const widths: [text: string, cells: number][] = [
    ['', 0],
    ['abc', 3],
    ['表示', 4],
    ['ｱｲｳ', 3],
    ['ＡＢＣ', 6],
    ['é', 1],
    ['e\u0301', 1],
    ['한국어', 6],
    ['각', 2],
    ['\u1100\u1161\u11a8', 2],
    ['😀', 2],
    ['👩‍👩‍👧‍👦', 2],
    ['🏳️‍🌈', 2],
    ['🇫🇷', 2],
    ['❤️', 2],
    ['1️⃣', 2],
    ['👍🏽', 2],
    ['、', 2],
    ['©', 1],
  ]
  it.each(widths)('of %j is that of a terminal', (text, cells) => {
    expect(widthOf(text)).toBe(cells)
  })

  it('is kept when it is cut', () => {
    for (const text of [...widths.map(([text]) => text), 'a long text', '表示表示表示', '👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦'])
      for (const width of [1, 2, 3, 4, 5, 6]) {
        const cut = cutTo(text, width)
        expect(widthOf(cut)).toBeLessThanOrEqual(width)
        expect(cut === text || cut.endsWith('…')).toBe(true)
      }
    expect(cutTo('👩‍👩‍👧‍👦!', 2)).toBe('…')
    expect(cutTo('表示', 3)).toBe('表…')
  })
})

describe('what a terminal would obey', () => {
  it('is shown instead', () => {
    expect(visible('\x1b[31mred\x1b[0m')).toBe('\\u{1b}[31mred\\u{1b}[0m')
    expect(visible('a\nb\tc\r')).toBe('a\\nb\\tc\\r')
    expect(visible('\u202egnp\u2066\u200b\ufeff\x9b2J\u2028')).toBe(
      '\\u{202e}gnp\\u{2066}\\u{200b}\\u{feff}\\u{9b}2J\\u{2028}',
    )
    expect(visible('\ud800')).toBe('\\u{d800}')
    expect(visible('👩‍👩‍👧‍👦 表 é')).toBe('👩‍👩‍👧‍👦 表 é')
  })

  it('is nowhere in a table', () => {
    const table = drawTable(
      ['\x1b[2J', 'b'],
      hostileTexts.map((text, i) => [text, String(i)]),
      { width: 60 },
    )
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be there
    expect(table).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/)
    expect(table.split('\n')).toHaveLength(hostileTexts.length + 2)
    for (const line of table.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(60)
  })
})

describe('a table', () => {
  it('aligns its columns', () => {
    const rows = [
      ['1', 'Emma'],
      ['20', '表示 😀'],
    ]
    expect(drawTable(['id', 'title'], rows, { toRight: [true, false] })).toBe(
      ['id | title', '---+--------', ' 1 | Emma', '20 | 表示 😀'].join('\n'),
    )
  })

  it('cuts the longest cells first, and uses the whole width', () => {
    const rows = [['7', 'a'.repeat(50), 'b'.repeat(9)]]
    const lines = drawTable(['id', 'text', 'short'], rows, { width: 30 }).split('\n')
    expect(lines).toEqual([
      'id | text          | short',
      '---+---------------+----------',
      `7  | ${'a'.repeat(12)}… | ${'b'.repeat(9)}`,
    ])
    expect(lines[1]).toHaveLength(30)
  })

  it('leaves out columns that have no room, and names them', () => {
    const names = Array.from({ length: 9 }, (_, i) => `column${i}`)
    const lines = drawTable(names, [names], { width: 30 }).split('\n')
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(30)
    expect(lines.at(-1)).toMatch(/^and column4, /)
  })

  it('has a head without rows', () => {
    expect(drawTable(['id'], [])).toBe('id\n--')
  })
})
