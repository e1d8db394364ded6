import { Field, Model } from 'corm'
import { beforeEach, describe, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Word extends Model({ text: Field.string({ max: 200 }), other: Field.text({ nullable: true }) }) {}

const TEXTS = [
  'plain',
  'Plain',
  'PLAIN',
  'école',
  'École',
  'ecole',
  'straße',
  '50%',
  '50',
  '500',
  'a_b',
  'aXb',
  'a\\b',
  'ab\\',
  '\\%',
  'a|b',
  'a*b',
  'a?b',
  '[ab]',
  'a!b',
  "it's",
  'two\nlines',
  '表示',
  '😀 smile',
]

describeDatabases('searching text', (database) => {
  database.useTables([Word])
  beforeEach(async () => {
    await Word.insertMany(TEXTS.map((text) => ({ text })))
  })
  const found = async (operator: any, value: string) =>
    (await Word.where('text', operator, value).orderBy('id').pluck('text')) as string[]
  const filter = (test: (text: string) => boolean) => TEXTS.filter(test)

  describe('contains, startsWith and endsWith', () => {
    const pieces = [
      'a',
      'P',
      'é',
      '%',
      '_',
      '\\',
      '\\%',
      '50%',
      'a_b',
      '|',
      '*',
      '?',
      '[',
      ']',
      '!',
      "'",
      'b\\',
      '表',
      '😀',
    ]
    it.each(pieces)('take %j literally', async (piece) => {
      expect(await found('contains', piece)).toEqual(filter((text) => text.includes(piece)))
      expect(await found('startsWith', piece)).toEqual(filter((text) => text.startsWith(piece)))
      expect(await found('endsWith', piece)).toEqual(filter((text) => text.endsWith(piece)))
    })
    it('find the empty text everywhere', async () => {
      for (const operator of ['contains', 'startsWith', 'endsWith', 'icontains', 'istartsWith', 'iendsWith'])
        expect(await found(operator, '')).toHaveLength(TEXTS.length)
    })
    it('work as methods of columns too', async () => {
      const { text } = Word.columns
      expect(await Word.where(text.contains('%')).count()).toBe(2)
      expect(await Word.where(text.startsWith('50')).count()).toBe(3)
      expect(await Word.where(text.endsWith('\\')).count()).toBe(1)
      expect(await Word.where(text.icontains('PLA')).count()).toBe(3)
    })
    it('never match NULL, negated or not', async () => {
      expect(await Word.where('other', 'contains', '').count()).toBe(0)
      expect(await Word.query().whereNot('other', 'contains', 'x').count()).toBe(0)
      expect(await Word.where('other', 'not like', 'x').count()).toBe(0)
    })
  })

  describe('case and accents', () => {
    it('count in = and in the sensitive searches', async () => {
      expect(await found('=', 'plain')).toEqual(['plain'])
      expect(await found('=', 'ecole')).toEqual(['ecole'])
      expect(await found('=', 'plain ')).toEqual([])
      expect(await found('contains', 'lain')).toEqual(['plain', 'Plain'])
      expect(await found('startsWith', 'é')).toEqual(['école'])
      expect(await found('like', 'p%')).toEqual(['plain'])
    })
    it('case is folded by the i… operators, beyond ASCII too; accents are not', async () => {
      expect(await found('icontains', 'LAI')).toEqual(['plain', 'Plain', 'PLAIN'])
      expect(await found('istartsWith', 'ÉC')).toEqual(['école', 'École'])
      expect(await found('iendsWith', 'AIN')).toEqual(['plain', 'Plain', 'PLAIN'])
      expect(await found('ilike', 'P_AIN')).toEqual(['plain', 'Plain', 'PLAIN'])
      expect(await found('icontains', 'A_B')).toEqual(['a_b'])
      expect(await found('icontains', 'B\\')).toEqual(['ab\\'])
    })
  })

  describe('like', () => {
    it('takes % and _ as wildcards and every other character as itself', async () => {
      expect(await found('like', 'a_b')).toEqual(filter((text) => /^a.b$/u.test(text)))
      expect(await found('like', '50%')).toEqual(['50%', '50', '500'])
      expect(await found('like', '50_')).toEqual(['50%', '500'])
      expect(await found('like', '%\\%')).toEqual(filter((text) => text.includes('\\')))
      expect(await found('like', '%\\')).toEqual(['ab\\'])
      expect(await found('like', 'a|b')).toEqual(['a|b'])
      expect(await found('like', 'a*b')).toEqual(['a*b'])
      expect(await found('like', 'a?b')).toEqual(['a?b'])
      expect(await found('like', '[ab]')).toEqual(['[ab]'])
      expect(await found('like', 'two_lines')).toEqual(['two\nlines'])
      expect(await found('like', '')).toEqual([])
      expect(await found('like', '_ smile')).toEqual(['😀 smile'])
    })
    it('is turned round by "not like"', async () => {
      expect(await found('not like', '%a%')).toEqual(filter((text) => !text.includes('a')))
    })
  })

  describe('regular expressions', () => {
    it('regex minds the case, iregex does not', async () => {
      expect(await found('regex', '^pl')).toEqual(['plain'])
      expect(await found('iregex', '^pl')).toEqual(['plain', 'Plain', 'PLAIN'])
      expect(await found('regex', '^50$|^a[_|]b$')).toEqual(['50', 'a_b', 'a|b'])
      expect(await found('regex', '[0-9]{3}')).toEqual(['500'])
    })
    it('take a RegExp for its source', async () => {
      expect(await Word.where('text', 'regex', /^e.ole$/).pluck('text')).toEqual(['ecole'])
    })
  })
})
