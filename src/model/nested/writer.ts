import { UsageError, ValidationError } from '../../errors.js'
import type { Executor, Using } from '../../execution/executor.js'
import { originOf } from '../../hydrate/state.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import { type RelationMetadata, variantsOf } from '../../metadata/relation/resolve.js'
import { plainPreload } from '../../query/runner/preload.js'
import { foundIssues } from '../../util/issues.js'
import { at } from '../../util/list.js'
import { preload } from '../read/fetch.js'
import { currentValue } from '../related/lazy.js'
import { requireVisible } from '../related/visible.js'
import { callSave } from '../runtime/own-methods.js'
import { executorFor } from '../runtime/run.js'
import { type ModelRuntime, runtimeOf } from '../runtime/runtime.js'
import { persistAllNew } from '../write/persist.js'
import { placed } from '../write/prepare-batch.js'
import { LinkPart } from './links.js'
import { point } from './owners.js'
import { RowPart } from './rows.js'
import { assignKeys, type Holder, type PartWriter, type RowDraft } from './tree.js'

/** Writes drafts level by level. The rows of one relation are inserted together, even if they have different owners. */
export class NestedWriter {
  readonly #checked = new Set<ModelMetadata>()

  constructor(
    readonly root: ModelMetadata,
    /** The one database of all rows. */
    readonly database: Executor,
    /** Where rows live when their model doesn't say; null: where their models do. */
    readonly using: Using,
  ) {}

  async write(drafts: readonly RowDraft[]): Promise<void> {
    if (drafts.length === 0) return
    const later: (() => Promise<void>)[] = []
    for (const [relation, holders] of byRelation(drafts))
      if (relation.ownsKey) later.push(...(await this.#owners(relation, holders)))
    await this.#rows(drafts)
    for (const finish of later) await finish()
    for (const [relation, holders] of byRelation(drafts)) if (!relation.ownsKey) await this.#related(relation, holders)
  }

  /** Loads what was named in the data of a row and is not known from the writes. */
  async load({ instance, parts }: RowDraft): Promise<void> {
    for (const { relation } of parts)
      if (currentValue(instance, relation) === undefined)
        await preload([instance], new Map([[relation.name, plainPreload(relation)]]), await this.#executor(this.root))
  }

  async #owners(relation: RelationMetadata, holders: readonly Holder[]): Promise<(() => Promise<void>)[]> {
    for (const each of variantsOf(relation)) await this.#check(each.target)
    await this.write(holders.flatMap(({ part }) => part.create.map(({ draft }) => draft)))
    const known = holders.flatMap(({ part }) => [...(part.set ?? []), ...part.connect])
    if (known.length > 0) await requireVisible(relation, known, await this.#executor(this.root))
    return holders.flatMap(({ draft, part }) => point(draft, part, this.using))
  }

  async #related(relation: RelationMetadata, holders: readonly Holder[]): Promise<void> {
    await this.#check(relation.target)
    if (relation.through !== null) await this.#check(relation.through.meta)
    const writers = holders.map(
      (holder): PartWriter =>
        relation.through === null
          ? new RowPart(holder, this.using)
          : new LinkPart(holder, this.using, (path, work) => this.#withPath(path, work)),
    )
    for (const writer of writers) await writer.before()
    const drafts = writers.flatMap((writer, i) =>
      at(holders, i).part.create.map(({ draft }) => {
        assignKeys(draft, writer.tie, relation)
        return draft
      }),
    )
    await this.write(drafts)
    for (const writer of writers) await writer.after()
  }

  /** Inserts new rows, with one batch for each model, and saves the changes of existing ones. */
  async #rows(drafts: readonly RowDraft[]): Promise<void> {
    const fresh = new Map<ModelRuntime, Map<object, RowDraft>>()
    for (const draft of drafts) {
      const { instance, path } = draft
      const runtime = runtimeOf(originOf(instance)?.meta.model ?? instance.constructor)
      await this.#check(runtime.meta)
      if (originOf(instance) !== null) await this.#withPath(path, () => callSave(instance))
      else fresh.set(runtime, (fresh.get(runtime) ?? new Map<object, RowDraft>()).set(instance, draft))
    }
    for (const [runtime, group] of fresh) {
      const pathOf = (instance: object) => group.get(instance)?.path ?? ''
      await persistAllNew(runtime, [...group.keys()], this.using, {
        most: undefined,
        list: null,
        places: { model: this.root.name, pathOf },
      })
    }
  }

  /** Runs work whose problems are reported at a path of the nested data. */
  async #withPath(path: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (path === '' || !(error instanceof ValidationError)) throw error
      throw new ValidationError(this.root.name, placed(foundIssues(error), path))
    }
  }

  /** Requires that all rows are in one database: otherwise the write could not be all or nothing. */
  async #check(meta: ModelMetadata): Promise<void> {
    if (this.using !== null || this.#checked.has(meta)) return
    if ((await this.#executor(meta)).database !== this.database)
      throw new UsageError(
        `"${meta.name}" is in another database than "${this.root.name}": one transaction can't write both.`,
      )
    this.#checked.add(meta)
  }

  async #executor(meta: ModelMetadata) {
    return executorFor(meta, this.using)
  }
}

function byRelation(drafts: readonly RowDraft[]): Map<RelationMetadata, Holder[]> {
  const groups = new Map<RelationMetadata, Holder[]>()
  for (const draft of drafts)
    for (const part of draft.parts) {
      const group = groups.get(part.relation)
      if (group === undefined) groups.set(part.relation, [{ draft, part }])
      else group.push({ draft, part })
    }
  return groups
}
