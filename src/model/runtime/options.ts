import type { Executor } from '../../execution/executor.js'
import { isSignal } from '../../query/runner/limits.js'
import type { EmbedAllOptions, EmbedProgress } from '../../types/call-options.js'
import {
  callback,
  choiceOf,
  either,
  flag,
  nameList,
  names,
  type OptionType,
  optionReader,
  whole,
} from '../../util/options.js'
import { isExecutor } from './run.js'

// The options of a model's and an instance's calls.

const connection: OptionType<Executor> = { wants: 'a database or a transaction', accepts: isExecutor }
const batchSize = whole(1, 'the most rows of one statement')

export interface UpsertOptions {
  readonly conflict: string | readonly string[]
  readonly update?: readonly string[] | ((c: object, incoming: object) => unknown) | false
  readonly guarded?: boolean
  readonly batchSize?: number
}

export const guardedOption = optionReader<{ guarded: boolean }>('create()', { guarded: flag })
export const localesOption = optionReader<{ locales: 'all' }>('toJSON()', { locales: choiceOf('all') })
export const batchOption = optionReader<{ batchSize: number }>('insertMany()', { batchSize })
export const createManyOptions = optionReader<{ guarded: boolean; batchSize: number }>('createMany()', {
  guarded: flag,
  batchSize,
})
export const embedAllOptions = optionReader<EmbedAllOptions>('embedAll()', {
  batchSize: whole(1, 'the rows of one call of embed'),
  concurrency: whole(1, 'the batches that are embedded at the same time'),
  signal: { wants: 'an AbortSignal', accepts: isSignal },
  onProgress: callback<(progress: EmbedProgress) => void>(),
})
export const reencryptOptions = optionReader<{ batch: number }>('reencrypt()', {
  batch: whole(1, 'the rows of one transaction'),
})
export const truncateOptions = optionReader<{ cascade: boolean; restartIds: boolean }>('truncate()', {
  cascade: flag,
  restartIds: flag,
})
const expectVersion = whole(1, 'the version that the row must have')

export const saveOptions = optionReader<{ only: readonly string[]; using: Executor; expectVersion: number }>('save()', {
  only: nameList,
  using: connection,
  expectVersion,
})
export const updateOptions = optionReader<{ guarded: boolean; expectVersion: number }>('update()', {
  guarded: flag,
  expectVersion,
})

const upsertTypes = {
  conflict: names,
  update: either(nameList, callback<(c: object, incoming: object) => unknown>(), choiceOf(false)),
  guarded: flag,
}
export const upsertOptions = optionReader<Omit<UpsertOptions, 'batchSize'>>('upsert()', upsertTypes)
export const upsertManyOptions = optionReader<UpsertOptions>('upsertMany()', { ...upsertTypes, batchSize })
