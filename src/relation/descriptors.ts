import { DefinitionError } from '../errors.js'
import { RelationDescriptor, type RelationOptions, type RelationType } from '../metadata/descriptor.js'
import { type CustomRelation, optionsOf } from '../metadata/relation/kinds.js'
import type { RelationMakers } from '../types/model.js'
import { readable } from '../util/arguments.js'
import {
  callback,
  either,
  flag,
  nameList,
  type OptionType,
  type OptionTypes,
  object,
  oneOf,
  optionReader,
  type ReadOptions,
  text,
} from '../util/options.js'

function checkTarget(type: string, target: unknown): asserts target is () => unknown {
  // a model is a class that extends another one
  const isModel = typeof target === 'function' && Object.getPrototypeOf(target) !== Function.prototype
  if (typeof target === 'function' && !isModel) return
  const name = isModel ? (target as { name: string }).name : 'Book'
  throw new DefinitionError(
    `Relation.${type}() needs a function that returns the model: ${type === 'morphTo' ? `Relation.morphTo([() => ${name}])` : `Relation.${type}(() => ${name})`}.`,
  )
}

const key = either(text, nameList)
const TYPES: OptionTypes = {
  foreignKey: key,
  localKey: key,
  otherKey: key,
  through: either(text, callback),
  pivot: object,
  symmetrical: flag,
  onSoftDelete: oneOf('cascade'),
  typeKey: text,
}

const readers = new Map<RelationType, ReadOptions<RelationOptions>>()

/** The options of a maker, of those that its kind of relation has. */
function checkOptions(type: RelationType, options: unknown): RelationOptions {
  let read = readers.get(type)
  if (read === undefined) {
    const types = Object.fromEntries(optionsOf(type).map((name) => [name, TYPES[name] as OptionType]))
    read = optionReader<RelationOptions>(`Relation.${type}()`, types, DefinitionError)
    readers.set(type, read)
  }
  return read(options)
}

const customDefinition = optionReader<CustomRelation>(
  'Relation.custom()',
  { many: flag, link: callback },
  DefinitionError,
)

const maker = (type: RelationType) => (target: unknown, options?: unknown) => {
  checkTarget(type, target)
  return new RelationDescriptor(type, [target], checkOptions(type, options))
}

/** Of relations over a pair of morph fields, which are named. */
const morphMaker = (type: RelationType) => (target: unknown, morph: unknown, options?: unknown) => {
  checkTarget(type, target)
  if (typeof morph !== 'string' || morph === '')
    throw new DefinitionError(
      `Relation.${type}() needs the name of its morph fields: Relation.${type}(() => Comment, 'commentable').`,
    )
  return new RelationDescriptor(type, [target], { ...checkOptions(type, options), morph })
}

function morphTo(targets: unknown, options?: unknown): RelationDescriptor {
  if (!Array.isArray(targets))
    throw new DefinitionError(
      'Relation.morphTo() needs a list of functions that return models: Relation.morphTo([() => Post, () => Photo]).',
    )
  for (const target of targets) checkTarget('morphTo', target)
  return new RelationDescriptor('morphTo', [...(targets as (() => unknown)[])], checkOptions('morphTo', options))
}

/** A maker of relations of a user's own kind. */
function custom(given: CustomRelation) {
  const definition = customDefinition(given) as CustomRelation
  if (definition.link === undefined || definition.many === undefined)
    throw new DefinitionError(
      'Relation.custom() needs { many, link }: whether it leads to many rows, and a function that names the fields that belong together.',
    )
  return (target: unknown, options?: unknown) => {
    checkTarget('custom', target)
    return new RelationDescriptor('custom', [target], { definition, given: options })
  }
}

const makers = {
  belongsTo: maker('belongsTo'),
  hasOne: maker('hasOne'),
  hasMany: maker('hasMany'),
  manyToMany: maker('manyToMany'),
  hasOneThrough: maker('hasOneThrough'),
  hasManyThrough: maker('hasManyThrough'),
  morphTo,
  morphOne: morphMaker('morphOne'),
  morphMany: morphMaker('morphMany'),
  morphToMany: morphMaker('morphToMany'),
  morphedByMany: morphMaker('morphedByMany'),
  custom,
}

/** Makes the relations of a model, as statics of its class. */
export const Relation = Object.fromEntries(
  Object.entries(makers).map(([name, make]) => [name, readable(make as () => unknown)]),
) as unknown as RelationMakers
