import { AbortedError } from '../../errors.js'
import type { Using } from '../../execution/executor.js'
import type { EmbedAllOptions, EmbedProgress } from '../../types/call-options.js'
import type { Signal } from '../../types/database.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import { type EmbeddedField, embedOnce, MOST_TEXTS, sourceTextOf } from '../write/embeddings.js'
import { type EmbeddedRow, persistEmbeddings } from '../write/persist-embeddings.js'
import { requireEmbeddings, staleRows } from '../write/stale-embeddings.js'
import { storedKey } from '../write/written.js'

/** One run over the stale rows of a model. */
interface EmbedRun {
  readonly runtime: ModelRuntime
  readonly using: Using
  readonly each: EmbeddedField
  readonly progress: { total: number; embedded: number; failed: number }
  readonly signal: Signal | undefined
}

/**
 * Embeds all stale rows, in batches by their keys. A row is stored only if its text is still the one that was embedded, and only
 * its vector changes: no hook runs, and no `autoNow` field moves.
 */
export async function embedAll(runtime: ModelRuntime, using: Using, options: EmbedAllOptions): Promise<EmbedProgress> {
  const { batchSize = MOST_TEXTS, concurrency = 1, signal, onProgress } = options
  const fields = requireEmbeddings(runtime.meta, 'embedAll()')
  const progress = { total: 0, embedded: 0, failed: 0 }
  for (const each of fields) progress.total += await staleRows(runtime.query(using), [each]).count()
  for (const each of fields) {
    const run = { runtime, using, each, progress, signal }
    const names = [...runtime.meta.primaryKey, ...each.from].map(({ name }) => name)
    const batches = staleRows(runtime.query(using), [each])
      .select(...names)
      .idBatches(batchSize)
    await sideBySide(batches, concurrency, signal, async (rows) => {
      await embedBatch(run, rows)
      onProgress?.({ ...progress })
    })
  }
  return { ...progress }
}

/** Works on at most so many batches at once. After a failure the others are waited for, and no more begin. */
async function sideBySide(
  batches: AsyncIterable<object[]>,
  most: number,
  signal: Signal | undefined,
  work: (rows: object[]) => Promise<void>,
): Promise<void> {
  const running = new Set<Promise<void>>()
  // a batch may fail while the next one is read
  const failures: { readonly error: unknown }[] = []
  try {
    for await (const rows of batches) {
      if (signal?.aborted === true) throw new AbortedError(signal.reason)
      if (failures.length > 0) break
      const task: Promise<void> = work(rows)
        .catch((error: unknown) => void failures.push({ error }))
        .finally(() => running.delete(task))
      running.add(task)
      if (running.size >= most) await Promise.race(running)
    }
  } finally {
    await Promise.all(running)
  }
  const [failure] = failures
  if (failure !== undefined) throw failure.error
}

/** Waits for the function of the application until the signal is aborted: it may never return. */
async function unlessAborted<T>(work: Promise<T>, signal: Signal | undefined): Promise<T> {
  if (signal === undefined) return work
  let stop = () => {}
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new AbortedError(signal.reason))
  })
  signal.addEventListener('abort', stop)
  if (signal.aborted) stop()
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

async function embedBatch(
  { runtime, using, each, progress, signal }: EmbedRun,
  rows: readonly object[],
): Promise<void> {
  const sources = rows.flatMap((row) => {
    const source = sourceTextOf(each, row)
    return source === null ? [] : [{ ...source, key: storedKey(runtime, row) }]
  })
  const texts = sources.filter(({ isBlank }) => !isBlank).map(({ text }) => text)
  const vectors = texts.length === 0 ? [] : await unlessAborted(embedOnce(each, texts), signal)
  if (vectors === null) {
    progress.failed += rows.length
    return
  }
  let next = 0
  const embedded = sources.map(({ key, hash, isBlank }): EmbeddedRow => {
    const vector = isBlank ? null : (vectors[next++] as Float32Array)
    return { key, hash, vector }
  })
  progress.embedded += await persistEmbeddings(runtime, each, embedded, using)
  progress.failed += rows.length - embedded.length
}
