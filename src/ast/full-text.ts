import type { DataType } from './data-type.js'

/** A full-text index over the columns of a table. It finds the rows whose columns together contain all words of a search. */
export interface FullTextIndex {
  /** The name of the index, and of the table or column that holds its words. */
  readonly name: string
  readonly table: string
  readonly columns: readonly string[]
  readonly primaryKey: readonly string[]
  /** The types of the primary key's columns. */
  readonly keyTypes: readonly DataType[]
  /** The primary key is one integer. */
  readonly isNumbered: boolean
  /** The language whose word forms are found together; null means that words are compared as they are. */
  readonly language: string | null
  /** How much a word in each of the columns counts; null if it counts the same in all. */
  readonly weights: readonly number[] | null
}

/** A search in an index, for words that are separated by spaces. */
export interface FullTextSearch {
  /** Whether the row contains all words, or how well it matches. */
  readonly of: 'condition' | 'rank'
  readonly index: FullTextIndex
  /** The last word is the beginning of words. It then ends with `*`. */
  readonly prefix: boolean
}

/** What an index is made of. Each part is one statement; most databases need only `index`. */
export type FullTextPart =
  | 'index'
  | 'rows'
  | 'view'
  | 'words'
  | 'weights'
  | 'inserted'
  | 'updated'
  | 'deleted'
  | 'presentRows'
  | 'presentWords'
