import { DefinitionError, UniqueViolationError } from '../../errors.js'
import type { Executor } from '../../execution/executor.js'
import type { Slugify, SlugSource } from '../../field/kind.js'
import { loadSlugify } from '../../field/slug.js'
import { isSlug } from '../../field/text-formats.js'
import { isHeld, originOf } from '../../hydrate/state.js'
import { Key } from '../../metadata/key/key.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { columnOf } from '../../query/columns/columns.js'
import { Expr } from '../../query/expression/expression.js'
import { defaultLocale, withLocale } from '../../util/locale.js'
import { memo } from '../../util/memo.js'
import { asRecord } from '../../util/record.js'
import { within } from '../runtime/run.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import { changedFields } from './change.js'

// Makes slugs from other fields. A slug of a unique field gets a number if another row has it already.

type SlugText = (instance: object) => unknown

interface SlugField {
  readonly field: ModelField
  readonly settings: SlugSource
  /** The columns that the slug is made from. */
  readonly from: readonly ModelField[]
  readonly texts: readonly SlugText[]
  /** The most characters of a slug without its number. */
  readonly most: number
}

const known = new WeakMap<ModelMetadata, readonly SlugField[]>()

/** The slug fields of a model that are made from other fields. */
export const slugFields = (meta: ModelMetadata): readonly SlugField[] =>
  memo(known, meta, ({ fields }) => fields.flatMap((field) => slugField(meta, field)))

const SOURCES: readonly string[] = ['string', 'text', 'char', 'enum', 'smallInteger', 'integer', 'bigInteger', 'date']

/** Characters kept free for a number. */
const ROOM = 6

function slugField(meta: ModelMetadata, field: ModelField): SlugField[] {
  const settings = field.descriptor.slug
  if (settings === null) return []
  const sources = settings.from.map((name) => sourceOf(meta, name))
  const from = sources.flatMap(({ fields }) => fields)
  for (const source of from)
    if (!SOURCES.includes(source.dataType.name) || source.dataType.secret !== undefined || source === field)
      throw new DefinitionError(`${field} is made of ${source}, which is no text. List fields of texts in "from".`)
  const max = field.dataType.length ?? 0
  const texts = sources.map(({ text }) => text)
  return [{ field, settings, from, texts, most: field.unique ? max - Math.min(ROOM, max >> 1) : max }]
}

/**
 * Reads the source text of a slug. A translated field gives its text in the default language if it has one, so that links do
 * not depend on the language of the writer.
 */
function sourceOf(meta: ModelMetadata, name: string): { fields: readonly ModelField[]; text: SlugText } {
  const translation = meta.attributes.get(name)?.translation ?? null
  if (translation !== null)
    return {
      fields: translation.fields,
      text: (instance) => withLocale(defaultLocale(), () => translation.read(instance)),
    }
  const field = meta.field(name)
  return { fields: [field], text: (instance) => asRecord(instance)[field.name] }
}

/** The write that slugs are made for. */
interface SlugBatch {
  readonly runtime: ModelRuntime
  readonly instances: readonly object[]
  readonly only: ReadonlySet<string> | null
}

/** How often a write is tried if other writes keep taking its slugs. */
const TRIES = 12
/**
 * In this many tries a write takes the next number. After that it picks from a growing range of numbers, so that competing
 * writes spread out.
 */
const IN_ORDER = 5

/**
 * Runs a write of instances with their slugs. If slugs were made, it runs in a separate transaction (a savepoint inside another
 * one), and runs again with other slugs if another write has taken one.
 */
export async function withSlugs<T>(
  given: SlugBatch,
  executor: Executor,
  work: (on: Executor, only: ReadonlySet<string> | null) => Promise<T>,
): Promise<T> {
  const maker = new SlugMaker(given)
  for (let left = TRIES; ; left--) {
    const only = await maker.make(executor)
    if (!maker.hasMade) return work(executor, only)
    try {
      return await executor.transaction((trx) => {
        trx.undo.push({ undo: () => maker.takeBack() })
        return work(within(trx), only)
      })
    } catch (error) {
      const isTaken = maker.isTaken(error)
      maker.takeBack()
      if (!isTaken || left === 1) throw error
    }
  }
}

/** Makes the slugs of instances, for a write that is not repeated. */
export const makeSlugs = (given: SlugBatch, executor: Executor) => new SlugMaker(given).make(executor)

interface PendingSlug {
  readonly instance: object
  /** Null: there is no text for the slug, and the field is nullable. */
  readonly base: string | null
}

/** A slug that was set, and the value that the field had before. */
interface SlugSet {
  readonly instance: object
  readonly name: string
  readonly value: unknown
  readonly slug: string | null
}

class SlugMaker {
  readonly #before: SlugSet[] = []
  readonly #fields = new Set<ModelField>()
  /** The highest number used so far, by field and slug. */
  readonly #highest = new Map<string, number>()
  #tries = 0

  constructor(private readonly given: SlugBatch) {}

  get hasMade(): boolean {
    return this.#before.length > 0
  }

  /** Sets missing slugs. Returns the fields to write if the call names them. */
  async make(executor: Executor): Promise<ReadonlySet<string> | null> {
    const { runtime, instances, only } = this.given
    const names = new Set(only)
    for (const each of slugFields(runtime.meta)) {
      const slugify = each.settings.slugify ?? (await loadSlugify())
      const pending = instances.flatMap((instance) => this.#pending(each, instance, slugify) ?? [])
      if (pending.length === 0) continue
      names.add(each.field.name)
      if (each.field.unique) await this.#number(each, pending, executor)
      for (const { instance, base } of pending) if (!each.field.unique || base === null) this.#set(each, instance, base)
    }
    this.#tries++
    return only === null ? null : names
  }

  /** Whether the error says that another row has one of the slugs. */
  isTaken(error: unknown): boolean {
    if (!(error instanceof UniqueViolationError)) return false
    return [...this.#fields].some(({ name, column }) => error.fields?.includes(name) || error.columns?.includes(column))
  }

  /** The fields as they were, unless the code has given them another slug since. A slug that stayed would count as given. */
  takeBack(): void {
    for (const { instance, name, value, slug } of this.#before.splice(0))
      if (asRecord(instance)[name] === slug) asRecord(instance)[name] = value
  }

  #pending(each: SlugField, instance: object, slugify: Slugify): PendingSlug | null {
    const { field, texts: sources, settings } = each
    const isSaved = originOf(instance) !== null
    const now = isSaved ? null : asRecord(instance)[field.name]
    if (isSaved ? !this.#follows(each, instance) : now !== undefined && now !== null) return null
    const texts = sources.map((text) => text(instance)).filter((text) => text !== null && text !== undefined)
    if (texts.length === 0 && field.nullable) return isSaved ? { instance, base: null } : null
    const base = baseOf(each, slugify(texts.map(String).join(' ')), this.given.runtime.meta)
    if (isSaved && settings.onUpdate && isNumbered(asRecord(instance)[field.name], base)) return null
    return { instance, base }
  }

  /** Whether a saved row needs another slug. */
  #follows({ field, from, settings }: SlugField, instance: object): boolean {
    if (!settings.onUpdate) return false
    const { runtime, only } = this.given
    const changed = changedFields(runtime, instance, only ?? undefined)
    if (changed.includes(field) || !from.some((source) => changed.includes(source))) return false
    const { positions } = originOf(instance) ?? {}
    return [field, ...from].every(({ index, name }) => (positions?.[index] ?? -1) >= 0 || Object.hasOwn(instance, name))
  }

  /** Sets the slugs, with numbers if they are taken. */
  async #number(each: SlugField, pending: readonly PendingSlug[], executor: Executor): Promise<void> {
    const groups = new Map<string, object[]>()
    for (const { instance, base } of pending)
      if (base !== null) groups.set(base, [...(groups.get(base) ?? []), instance])
    if (groups.size === 0) return
    const taken = await this.#taken(each, [...groups.keys()], executor)
    const { name } = each.field
    const used = new Set<unknown>(
      this.given.instances.map((one) => (isHeld(one, each.field) ? asRecord(one)[name] : undefined)),
    )
    for (const [base, instances] of groups) {
      const isFree = !taken.has(base) && !used.has(base) && !this.#isBlind
      if (isFree) {
        used.add(base)
        this.#set(each, instances[0] as object, base)
      }
      const rest = isFree ? instances.slice(1) : instances
      if (rest.length === 0) continue
      let number = (await this.#highestOf(each, base, executor)) + this.#skipped
      for (const instance of rest) {
        do number++
        while (used.has(numbered(each, base, number)))
        used.add(numbered(each, base, number))
        this.#set(each, instance, numbered(each, base, number))
      }
      this.#highest.set(`${each.field.name} ${base}`, number)
    }
  }

  /**
   * Whether there may be rows that this transaction can't see, which two failed tries show. Each further try then takes higher
   * numbers.
   */
  get #isBlind(): boolean {
    return this.#tries > 1
  }

  /** The number of values to skip, so that writes at the same time do not take the same one again. */
  get #skipped(): number {
    return this.#tries < IN_ORDER ? 0 : Math.floor(Math.random() * 2 ** (this.#tries - IN_ORDER + 3))
  }

  async #taken({ field }: SlugField, bases: readonly string[], executor: Executor): Promise<ReadonlySet<unknown>> {
    const found = new Set<unknown>()
    for (const some of new Key([field]).chunks(bases, executor.dialect.capabilities))
      for (const slug of await this.#rows(executor).where(field.name, 'in', some).pluck(field.name)) found.add(slug)
    return found
  }

  /** The highest number that an existing row has after this slug. */
  async #highestOf(each: SlugField, base: string, executor: Executor): Promise<number> {
    const { name } = each.field
    const before = this.#isBlind ? (this.#highest.get(`${name} ${base}`) ?? 1) : 1
    if (!isSlug(base)) return before
    const [slug] = await this.#rows(executor)
      .where(name, 'startsWith', `${base}-`)
      .where(name, 'regex', `^${base}-[1-9][0-9]{0,8}$`)
      .orderBy(new Expr(columnOf(each.field)).length().desc())
      .orderBy(`-${name}`)
      .limit(1)
      .pluck(name)
    return Math.max(before, slug === undefined ? 1 : Number(String(slug).slice(base.length + 1)))
  }

  /** Queries all rows, including those that scopes hide, because the unique index contains them too. */
  #rows(executor: Executor) {
    return this.given.runtime.query(executor, 'own').anyRow()
  }

  #set({ field }: SlugField, instance: object, slug: string | null): void {
    const values = asRecord(instance)
    this.#before.push({ instance, name: field.name, value: values[field.name], slug })
    this.#fields.add(field)
    values[field.name] = slug
  }
}

/** The slug of a text, shortened. A text without letters and digits gets the name of the table. */
function baseOf({ most }: SlugField, slug: unknown, { table }: ModelMetadata): string {
  const cut = String(slug).slice(0, most).replace(/-+$/, '')
  return cut === '' ? table.replace(/[^A-Za-z0-9_]+/g, '-').slice(0, most) : cut
}

function numbered({ field }: SlugField, base: string, number: number): string {
  const suffix = `-${number}`
  return base.slice(0, (field.dataType.length ?? 0) - suffix.length) + suffix
}

/** Whether a slug is this one, with or without a number. */
const isNumbered = (slug: unknown, base: string): boolean =>
  typeof slug === 'string' &&
  (slug === base || (slug.startsWith(`${base}-`) && /^[0-9]+$/.test(slug.slice(base.length + 1))))
