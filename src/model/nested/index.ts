import { UsageError } from '../../errors.js'
import type { Using } from '../../execution/executor.js'
import { originOf } from '../../hydrate/state.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import { executorFor } from '../runtime/run.js'
import { type ModelRuntime, runtimeOf } from '../runtime/runtime.js'
import { callInTurn } from '../write/turns.js'
import { Memory } from './memory.js'
import { NestedReader } from './read.js'
import type { RowDraft } from './tree.js'
import { NestedWriter } from './writer.js'

/** Inserts a row with its related rows, all or nothing. */
export function createWithRelations(
  { meta }: ModelRuntime,
  data: unknown,
  guarded: boolean,
  using: Using,
): Promise<object> {
  return write(meta, using, (memory) => new NestedReader(guarded, memory).create(meta, data))
}

/** Saves an instance with new values and changes of its relations, all or nothing. */
export function saveWithRelations(instance: object, data: unknown, guarded: boolean, using: Using): Promise<object> {
  const runtime = runtimeOf(originOf(instance)?.meta.model ?? instance.constructor)
  const { meta } = runtime
  return callInTurn(runtime, instance, using, () => {
    if (originOf(instance)?.deleted === true)
      throw new UsageError(`This "${meta.name}" was deleted. Save a clone() of it instead.`)
    return write(meta, using, (memory) => new NestedReader(guarded, memory).change(meta, instance, data))
  })
}

async function write(meta: ModelMetadata, using: Using, read: (memory: Memory) => RowDraft): Promise<object> {
  const memory = new Memory()
  try {
    const draft = read(memory)
    const executor = await executorFor(meta, using)
    await executor.transaction(async (trx) => {
      memory.begin(trx.undo)
      // by way of the database, so that statements find the transaction that was just begun
      const writer = new NestedWriter(meta, executor.database, using?.database ?? null)
      await writer.write([draft])
      await writer.load(draft)
    })
    return draft.instance
  } catch (error) {
    memory.restore()
    throw error
  }
}
