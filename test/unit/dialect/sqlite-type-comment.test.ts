import { describe, expect, it } from 'vitest'
import { type CommentedType, readTypeComment, typeComment } from '../../../src/dialect/sqlite/type-comment.js'

const TYPES: Readonly<Record<string, CommentedType>> = {
  integer: { name: 'integer' },
  'string(200)': { name: 'string', length: 200 },
  'decimal(10, 2)': { name: 'decimal', precision: 10, scale: 2 },
  'decimal(null, 2)': { name: 'decimal', scale: 2 },
  'decimal(10, 0)': { name: 'decimal', precision: 10, scale: 0 },
  'dateTime(6)': { name: 'dateTime', precision: 6 },
  'enum("a", "b: )", "c\\"*\\\\/")': { name: 'enum', values: ['a', 'b: )', 'c"*/'] },
  'enum(1, 2)': { name: 'enum', values: [1, 2] },
  'vector(3)': { name: 'vector', length: 3 },
  'uuid as {"form":"hex"}': { name: 'uuid', storage: { form: 'hex' } },
  'boolean as {"form":"text","words":["}","*\\\\/"]}': {
    name: 'boolean',
    storage: { form: 'text', words: ['}', '*/'] },
  },
}

describe('the type of a SQLite column in a comment', () => {
  const texts = [null, '', 'text', ': text', 'a */ b', 'a *\\/ b *\\\\/', 'two\nlines', '"it\'s"', '*', '/*', '(as {})']

  it.each(Object.entries(TYPES))('%s is read as it was written', (_, type) => {
    for (const text of texts) {
      const comment = typeComment(type, text)
      expect(comment.indexOf('*/')).toBe(comment.length - 2)
      expect(readTypeComment(comment)).toEqual({ type, text })
    }
  })

  it.each([true, false])('arrays are read with their elements: nullable %s', (nullable) => {
    const dataType = { name: 'string', length: 9 } as const
    const element = { dataType, nullable, check: (value: unknown) => value, load: null }
    const comment = typeComment({ name: 'array', element }, 'of words')
    expect(comment).toBe(`/*corm array of string(9)${nullable ? ' null' : ''}: of words*/`)
    expect(readTypeComment(comment)).toMatchObject({ type: { name: 'array', element: { dataType, nullable } } })
  })

  it('is short, and says nothing of a table', () => {
    expect(typeComment({ name: 'integer' }, null)).toBe('/*corm integer*/')
    expect(typeComment({ name: 'decimal', precision: 10, scale: 2 }, 'in €')).toBe('/*corm decimal(10, 2): in €*/')
    expect(typeComment(null, 'of a table')).toBe('/*corm: of a table*/')
    expect(readTypeComment('/*corm: of a table*/')).toEqual({ type: null, text: 'of a table' })
  })

  it.each(['/* corm integer*/', '/*cormorant*/', '/*corm */', '/*corm integer(*/', '/*corm integer more*/', '-- corm'])(
    'other comments are left alone: %s',
    (comment) => expect(readTypeComment(comment)).toBeNull(),
  )
})
