import type { Using } from '../../execution/executor.js'
import { executorFor } from '../runtime/run.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import type { Batch } from './batch.js'
import type { CanonicalRow } from './prepare.js'
import { prepareAll } from './prepare-batch.js'
import { makeSlugs } from './slugs.js'

/** The rows of new instances that may turn out to be there already, with their slugs. */
export async function prepareNew(
  runtime: ModelRuntime,
  instances: readonly object[],
  using: Using,
  list: Batch['list'] = null,
): Promise<CanonicalRow[]> {
  const { meta } = runtime
  if (meta.needs.slugs) await makeSlugs({ runtime, instances, only: null }, await executorFor(meta, using))
  return prepareAll(runtime, instances, { issues: null, list })
}
