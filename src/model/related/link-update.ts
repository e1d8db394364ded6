import type { ModelMetadata } from '../../metadata/metadata.js'
import type { Query } from '../../query/builder/query-builder.js'
import { at } from '../../util/list.js'
import { executorOf } from '../runtime/run.js'
import { runtimeOf } from '../runtime/runtime.js'
import { makeAutomatic } from '../write/prepare.js'
import type { Attributes } from '../write/values.js'
import { lockVersions, refuseStale, type Versions } from '../write/versions.js'
import { writeMetadataOf } from '../write/write-metadata.js'

/** What a write has set, and in how many rows. */
export interface LinkUpdate {
  readonly count: number
  readonly values: Attributes
  /** The versions of the rows before it; null: their model has none. */
  readonly versions: Versions | null
}

export type LinkWrite = Omit<LinkUpdate, 'count'>

/** Which of the known rows a write has changed, and which no longer belong to the owner. */
export interface DetachedRows {
  isWritten(row: object): boolean
  isGone(row: object): boolean
  /** The instances that the caller gave; null for a row given by its key. */
  readonly given: readonly (object | null)[]
}

export const NOTHING: LinkWrite = { values: {}, versions: null }

/** Anything but a list is refused later, by the code that writes the rows. */
export const isFilledList = (rows: unknown): boolean => Array.isArray(rows) && rows.length > 0

/** Updates the rows of these queries, all or none. Of rows with a version, it refuses given instances that are stale. */
export async function updateLinks(
  meta: ModelMetadata,
  rows: readonly Query[],
  links: Attributes,
  given: readonly { readonly instance: object | null }[],
): Promise<LinkUpdate> {
  const values = withTouched(meta, links)
  const send = (query: Query) => query.update(values, { guarded: true, hooks: false })
  const first = at(rows, 0)
  if (meta.version === null && rows.length === 1) return { count: await send(first), values, versions: null }
  const runtime = runtimeOf(meta.model)
  return (await executorOf(first)).transaction(async (trx) => {
    const here = rows.map((query) => query.using(trx))
    const versions = meta.version === null ? null : await lockVersions(runtime, here)
    const instances = given.flatMap(({ instance }) => instance ?? [])
    if (versions !== null) refuseStale(runtime, instances, versions)
    let count = 0
    for (const query of here) count += await send(query)
    return { count, values, versions }
  })
}

/** Values of a write, with those of the fields that every write sets. */
function withTouched(meta: ModelMetadata, values: Attributes): Attributes {
  const moment = { now: undefined }
  const { touched } = writeMetadataOf(meta)
  return { ...values, ...Object.fromEntries(touched.map((field) => [field.name, makeAutomatic(field, moment)])) }
}
