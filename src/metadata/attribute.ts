import { DefinitionError, UsageError } from '../errors.js'
import type { AttributeDescriptor, Compute } from '../field/attribute.js'
import { TranslatedDescriptor } from '../field/translated.js'
import { suggestion } from '../util/names.js'
import type { ModelField } from './model-field.js'
import { Translation } from './translation.js'

/** An attribute of a model without a column. */
export class ModelAttribute {
  readonly compute: Compute | null
  readonly hidden: boolean
  /** Nobody has said what it is computed from. */
  readonly readsAny: boolean
  /** Set for a translated field: its fields are the columns of the languages. */
  readonly translation: Translation | null

  constructor(
    readonly modelName: string,
    readonly name: string,
    descriptor: AttributeDescriptor,
    /** The fields that it is computed from. */
    readonly fields: readonly ModelField[],
  ) {
    const translation = descriptor instanceof TranslatedDescriptor ? new Translation(name, descriptor, fields) : null
    this.translation = translation
    this.compute = translation === null ? descriptor.compute : (instance) => translation.read(instance)
    this.hidden = descriptor.hidden
    this.readsAny = descriptor.dependsOn === null
  }

  toString(): string {
    return `"${this.modelName}.${this.name}"`
  }

  /** Says that it is not a column. */
  refuse(): never {
    if (this.translation !== null)
      throw new UsageError(
        `${this} is translated and has no column of its own, so it can't be used here. Name the field of a language: ${this.fields.map(({ name }) => name).join(', ')}.`,
      )
    if (this.compute === null)
      throw new UsageError(`${this} is virtual: it has no column, so queries and saves can't use it. Use it in code.`)
    throw new UsageError(
      `${this} is computed in code and has no column, so queries and saves can't use it. In a query, compute it with annotate(). To store it, make it a generated column, with the option "generated" of its field.`,
    )
  }

  /** Says that data can't have it. */
  refuseData(): never {
    throw new UsageError(
      `${this} is computed and can't be written. Leave it out, and write the fields that it is computed from.`,
    )
  }
}

type AttributeMap = ReadonlyMap<string, ModelAttribute>

const NONE: AttributeMap = new Map()

/** The attributes of a model that have no column, by name. */
export function attributesOf(
  modelName: string,
  descriptors: Readonly<Record<string, AttributeDescriptor>>,
  fields: readonly ModelField[],
): AttributeMap {
  const entries = Object.entries(descriptors)
  if (entries.length === 0) return NONE
  const byName = new Map(fields.map((field) => [field.name, field]))
  const known = [...byName.keys(), ...Object.keys(descriptors)]
  const read = (name: string, path: readonly string[]): ModelField[] => {
    const field = byName.get(name)
    if (field !== undefined) return [field]
    const descriptor = descriptors[name]
    if (descriptor === undefined)
      throw new DefinitionError(
        `"${modelName}.${path.at(-1)}" depends on "${name.slice(0, 100)}", which is not a field.${suggestion(name, known) || ' Name fields of the model in "dependsOn".'}`,
      )
    if (path.includes(name))
      throw new DefinitionError(
        `"${modelName}.${name}" depends on itself: ${[...path.slice(path.indexOf(name)), name].join(' → ')}. Remove one of these from "dependsOn".`,
      )
    if (descriptor instanceof TranslatedDescriptor)
      return descriptor.partsOf(name).flatMap(([part]) => read(part, [...path, name]))
    // without dependsOn it may read whatever rows are loaded with
    if (descriptor.compute !== null && descriptor.dependsOn === null) return fields.filter(({ lazy }) => !lazy)
    return (descriptor.dependsOn ?? []).flatMap((each) => read(each, [...path, name]))
  }
  return new Map(
    entries.map(([name, descriptor]) => {
      const needed = new Set(read(name, []))
      return [
        name,
        new ModelAttribute(
          modelName,
          name,
          descriptor,
          fields.filter((field) => needed.has(field)),
        ),
      ]
    }),
  )
}
