import { DefinitionError } from '../errors.js'
import { Field } from '../field/index.js'
import { type ModelConstructor, type ModelMetadata, metadataOf } from '../metadata/metadata.js'
import { relationOf } from '../metadata/relation/resolve.js'
import { Model } from '../model/face/define.js'
import { sql } from '../query/expression/sql.js'
import { Relation } from '../relation/descriptors.js'
import { type DraftValue, type FieldDraft, type ModelDraft, ModelRef, SqlText } from './draft.js'
import { ElementDraft } from './field-draft.js'

// Creates the classes that the files of drafts will define.

type ClassFactory = (...args: readonly unknown[]) => unknown
const makers: Readonly<Record<string, ClassFactory>> = Field as never
const relations: Readonly<Record<string, ClassFactory>> = Relation as never
const defineModel = Model as unknown as (fields: object, options: object) => new () => object

class Evaluation {
  readonly #classes = new Map<string, ModelConstructor>()

  define(draft: ModelDraft): void {
    const fields = Object.fromEntries(draft.fields.map((field) => [field.name, this.#field(field)]))
    const { options, indexes, foreignKeys, checks } = draft
    const more = {
      ...options,
      ...(indexes.length > 0 && { indexes }),
      ...(foreignKeys.length > 0 && { foreignKeys }),
      ...(checks.size > 0 && { checks: Object.fromEntries(checks) }),
    }
    const Base = defineModel(fields, this.#value(more) as object)
    const made = { [draft.className]: class extends Base {} }[draft.className] as ModelConstructor
    for (const { name, kind, target, options: given } of draft.relations)
      Object.defineProperty(made, name, {
        value: relations[kind]?.(this.#value(new ModelRef(target)), this.#value(given)),
        enumerable: true,
      })
    this.#classes.set(draft.className, made)
  }

  meta({ className }: ModelDraft): ModelMetadata {
    return metadataOf(this.#classes.get(className))
  }

  #field({ maker, first, options }: FieldDraft): unknown {
    if (maker === 'custom') {
      const { sql: text, ...rest } = options
      const same = (value: unknown) => value
      const custom = makers.custom?.({ type: 'text', sql: text, encode: same, decode: same }) as ClassFactory
      return custom(this.#value(rest))
    }
    return makers[maker]?.(...first.map((each) => this.#value(each)), this.#value(options))
  }

  #value(value: DraftValue): unknown {
    if (value instanceof SqlText) return sql.raw(value.text)
    if (value instanceof ModelRef) return () => this.#classes.get(value.className)
    if (value instanceof ElementDraft) {
      const { maker, first = [], options = {} } = value.made
      return makers[maker]?.(...first, options)
    }
    if (Array.isArray(value)) return value.map((each) => this.#value(each))
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, this.#value(each)]))
    return value
  }
}

/** Evaluates drafts. Relations that corm refuses are removed from the drafts. */
export function evaluate(drafts: readonly ModelDraft[]): readonly ModelMetadata[] {
  for (;;) {
    const evaluation = new Evaluation()
    for (const draft of drafts) evaluation.define(draft)
    if (drafts.every((draft) => hasSoundRelations(draft, evaluation)))
      return drafts.map((each) => evaluation.meta(each))
  }
}

function hasSoundRelations(draft: ModelDraft, evaluation: Evaluation): boolean {
  const meta = evaluation.meta(draft)
  for (const [i, { name }] of draft.relations.entries()) {
    try {
      relationOf(meta, name)
    } catch (error) {
      if (!(error instanceof DefinitionError)) throw error
      draft.relations.splice(i, 1)
      draft.notes.push(`No relation ${name}: ${error.message}`)
      return false
    }
  }
  return true
}
