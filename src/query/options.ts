import type { JoinType } from '../ast/expression.js'
import type { VectorMetric } from '../types/call-options.js'
import {
  anything,
  callback,
  choiceOf,
  flag,
  nameList,
  names,
  type OptionType,
  object,
  optionReader,
  text,
  whole,
} from '../util/options.js'

// The options of a query's calls and of expressions.

export const writeOptions = optionReader<{ guarded: boolean; hooks: boolean }>('update()', {
  guarded: flag,
  hooks: flag,
})
export const returningOptions = optionReader<{ guarded: boolean }>('updateReturning()', { guarded: flag })
export const deleteOptions = optionReader<{ hooks: boolean }>('delete()', { hooks: flag })
export const sqlOptions = optionReader<{ dialect: string }>('toSQL()', { dialect: text })
export const joinOptions = optionReader<{ type: JoinType; alias: string }>('join()', {
  type: choiceOf('inner', 'left', 'right', 'full'),
  alias: text,
})
export const leftJoinOptions = optionReader<{ alias: string }>('leftJoin()', { alias: text })
export const filterOptions = optionReader<{ allow: readonly string[]; only: readonly string[] }>('filter()', {
  allow: nameList,
  only: nameList,
})
export const sortOptions = optionReader<{ allow: readonly string[] }>('sort()', { allow: nameList })
export const lockOptions = optionReader<{ skipLocked: boolean; noWait: boolean; of: unknown }>('lock()', {
  of: anything,
  skipLocked: flag,
  noWait: flag,
})
export const explainOptions = optionReader<{ analyze: boolean; format: 'text' | 'json' }>('explain()', {
  analyze: flag,
  format: choiceOf('text', 'json'),
})
export const relatedOptions = optionReader<{ as: string; where: (query: never) => unknown }>('withCount()', {
  as: text,
  where: callback(),
})
/** Any number: whether it is one of a page is reported to the client. */
const number: OptionType<number> = {
  wants: 'a number',
  accepts: (value): value is number => typeof value === 'number',
}
export const pageOptions = optionReader<{ page: number; size: number }>('paginate()', { page: number, size: number })

/** null means "not given": a request's parameter is handed on as it is. What is no cursor is reported to the client. */
export const cursorOptions = optionReader<{ after: unknown; before: unknown; size: number }>('cursorPaginate()', {
  after: anything,
  before: anything,
  size: number,
})
const finite: OptionType<number> = {
  wants: 'a finite number',
  accepts: (value): value is number => typeof value === 'number' && Number.isFinite(value),
}
export type NearestOptions = Partial<{ metric: VectorMetric; limit: number; maxDistance: number; exact: boolean }>
export const nearestOptions = optionReader<Required<NearestOptions>>('nearest()', {
  metric: choiceOf('cosine', 'euclidean', 'dot'),
  limit: whole(1),
  maxDistance: finite,
  exact: flag,
})
export const matchesOptions = optionReader<{ prefix: boolean }>('matches()', { prefix: flag })
const searchTypes = { field: text, limit: whole(1) }
export type SearchOptions = Partial<{ field: string; limit: number }>
export const searchOptions = optionReader<Required<SearchOptions>>('search()', searchTypes)
export const hybridOptions = optionReader<Required<SearchOptions> & { fields: string | readonly string[]; k: number }>(
  'hybrid()',
  { fields: names, ...searchTypes, k: whole(1) },
)
export const streamOptions = optionReader<{ chunkSize: number }>('stream()', { chunkSize: whole(1) })

export const orderOptions = optionReader<{ nulls: 'first' | 'last' }>('asc()', { nulls: choiceOf('first', 'last') })
export const zoneOptions = optionReader<{ timeZone: string }>('truncate()', { timeZone: text })
export const distinctOptions = optionReader<{ distinct: boolean }>('fn.count()', { distinct: flag })
export const concatOptions = optionReader<{ distinct: boolean; orderBy: unknown; separator: string }>(
  'fn.groupConcat()',
  { distinct: flag, orderBy: anything, separator: text },
)
export const windowOptions = optionReader<{ partitionBy: unknown; orderBy: unknown; rows: unknown }>('over()', {
  partitionBy: anything,
  orderBy: anything,
  rows: anything,
})

const width: OptionType<number> = {
  wants: 'a number of at least 10',
  accepts: (value): value is number => typeof value === 'number' && value >= 10,
}
const output: OptionType<{ write(text: string): unknown }> = {
  wants: 'something to write to, like process.stderr',
  accepts: (value): value is { write(text: string): unknown } =>
    object.accepts(value) && typeof value.write === 'function',
}
export const printOptions = optionReader<{ width: number; stream: { write(text: string): unknown } }>('print()', {
  width,
  stream: output,
})
