import { Field, Model } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Note extends Model(
  { text: Field.text() },
  { table: 'search_notes', indexes: [{ fields: ['text'], fullText: true }] },
) {}

const found = (text: string, prefix = false) =>
  Note.query().matches('text', text, { prefix }).orderBy('id').pluck('text')

/** Texts without a word. */
const EMPTY = [
  '',
  ' ',
  '\n\t ',
  '\0',
  '"',
  "'",
  '""',
  '*',
  '-',
  '()',
  '+-><()~*:""&|!@',
  '\\',
  '%_',
  ';--',
  '😀',
  '👨‍👩‍👧',
  '…—„“',
  '\ud800',
  '\udc00\ud800',
  '\u0301',
  '\ufffe\uffff',
  '\u200b\u200d\ufeff',
]

/** Texts with one word, `wine`, and what a search language could make of the rest. */
const ONE = [
  'wine',
  '"wine"',
  '"wine',
  'wine"',
  "'wine'",
  "wine'; drop table search_notes; --",
  'wine*',
  '*wine',
  '-wine',
  '+wine',
  '~wine',
  '!wine',
  '<wine>',
  '^wine',
  '(wine',
  'wine)',
  '((wine))',
  'wine:',
  ':wine',
  'wine:*',
  '{wine}',
  '\\wine\\',
  '%wine%',
  '$wine',
  '?wine',
  '@wine',
  'wine\0',
  '\0wine',
  'wine\ud800',
  '\udfffwine',
  'wine 😀',
  'wine wine wine',
  '&wine|',
  '`wine`',
  '--wine',
  '/* wine */',
  'wine\\',
  'wíne',
  'ＷＩＮＥ wine'.slice(5),
]

describeDatabases('matches() of any text', (database) => {
  database.useTables([Note])

  it('finds nothing where there is no word', async () => {
    await Note.insertMany(['wine', '', ' ', '"', '*', '😀', 'or and not near'].map((text) => ({ text })))
    for (const text of EMPTY) {
      expect([text, await found(text)]).toEqual([text, []])
      expect([text, await found(text, true)]).toEqual([text, []])
      expect([text, await Note.query().matches('text', text).count()]).toEqual([text, 0])
    }
  })

  it('takes everything but words as space', async () => {
    await Note.insertMany(['wine', 'beer', 'drop table search notes wine', 'or and not near'].map((text) => ({ text })))
    for (const text of ONE) {
      const wanted = text.includes('drop') ? ['drop table search notes wine'] : ['wine', 'drop table search notes wine']
      expect([text, await found(text)]).toEqual([text, wanted])
      expect([text, await found(text, true)]).toEqual([text, wanted])
    }
    for (const word of ['OR', 'and', 'NOT', 'NEAR', 'NEAR(or and, 2)'.slice(0, 12)])
      expect([word, await found(word)]).toEqual([word, ['or and not near']])
    for (const text of [
      'wine OR beer',
      'wine NOT beer',
      'wine AND near',
      'wine NEAR beer',
      'text:wine',
      'wine -beer',
      'wine near(beer, 2)',
      'wine <-> beer',
      'rank : 1',
      '- text : wine',
    ])
      expect([text, await found(text)]).toEqual([text, []])
  })

  it('separates words at symbols and emoji, also without a space', async () => {
    const texts = [
      '🍷wine',
      '❤️wine',
      'smile😀wine',
      '⭐wine🇩🇪',
      '☃wine',
      'so‐called—wine',
      'so\u00adwine',
      '→wine',
      '≥wine',
      'm²wine',
      '½wine',
      '👩🏽‍🚀wine',
    ]
    await Note.insertMany([...texts, 'winery', 'swine'].map((text) => ({ text })))
    expect(await found('wine')).toEqual(texts)
    for (const text of texts) expect([text, await found(text)]).toEqual([text, expect.arrayContaining([text])])
    expect(await found('☃🍷')).toEqual([])
  })

  it('finds words by small letters and by capitals', async () => {
    await Note.insertMany(['ΣΊΣΥΦΟΣ', 'σίσυφος', '5 µm', '5 μm', 'ſein', 'sein'].map((text) => ({ text })))
    for (const text of ['ΣΊΣΥΦΟΣ', 'σίσυφος', 'Σίσυφος']) expect(await found(text)).toEqual(['ΣΊΣΥΦΟΣ', 'σίσυφος'])
    for (const text of ['µm', 'μm', 'ΜM']) expect(await found(text, true)).toEqual(['5 µm', '5 μm'])
    for (const text of ['ſein', 'SEIN']) expect(await found(text)).toEqual(['ſein', 'sein'])
  })

  it('finds nothing else by letters that the database does not know', async () => {
    await Note.insertMany(['wine', '- wine - and, more', '野家', '"𠮷野家"', '𐐨', 'ꮳꮃꭹ', ''].map((text) => ({ text })))
    for (const [text, own] of [
      ['𠮷', []],
      ['𠮷野家', ['"𠮷野家"']],
      ['𐐨', ['𐐨']],
      ['ꮳꮃꭹ', ['ꮳꮃꭹ']],
      ['\ue000', []],
      ['ൻ', []],
    ] as const)
      for (const prefix of [false, true]) {
        const wanted = database.kind === 'mysql' ? [] : prefix && text === '𠮷' ? ['"𠮷野家"'] : own
        expect([text, prefix, await found(text, prefix)]).toEqual([text, prefix, wanted])
      }
  })

  it('takes very long texts', async () => {
    const words = Array.from({ length: 10_000 }, (_, i) => `word${i}`)
    const long = words.slice(0, 1000).join(' ')
    await Note.insertMany([{ text: long }, { text: 'word1 word2' }])
    expect(await found(words.join(' '))).toEqual([long])
    expect(await found('word2 '.repeat(200_000))).toEqual([long, 'word1 word2'])
    expect(await found('a'.repeat(2 ** 20))).toEqual([])
    expect(await found(`word1 ${'a'.repeat(90)}`)).toEqual([])
    expect(await found(`word1 ${'a'.repeat(3000)}`, true)).toEqual([])
    expect(await found('中'.repeat(100_000))).toEqual([])
    expect(await found('" OR '.repeat(200_000))).toEqual([])
    expect(await found('('.repeat(2 ** 20))).toEqual([])
  })

  it('finds rows with very long texts', async () => {
    const random = Array.from({ length: 100_000 }, (_, i) => `w${(i * 7919).toString(36)}`).join(' ')
    const han = Array.from({ length: 100_000 }, (_, i) => String.fromCodePoint(0x4e00 + (i % 20_000), 32)).join('')
    await Note.insertMany([
      { text: `first ${random}` },
      { text: `second ${han}` },
      { text: `third ${'x'.repeat(2 ** 20)}` },
    ])
    // InnoDB moves the words of large texts to its tables in the background, and may miss them while it commits that
    for (const word of ['first', 'second', 'third'])
      await expect.poll(async () => (await found(word))[0]?.slice(0, word.length), { timeout: 10_000 }).toBe(word)
    expect(await found('first second')).toEqual([])
  })

  it('keeps its parameter out of the text of the statement', () => {
    const { sql, parameters } = Note.query().matches('text', `x' or "1"=1 --`).toSQL()
    expect(sql).not.toContain('1"=1')
    expect(parameters.every((value) => typeof value === 'string' && !/[=;]|--/.test(value))).toBe(true)
  })
})
