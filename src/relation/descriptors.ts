import { DefinitionError } from '../errors.js'
import {
  type CustomRelation,
  RelationDescriptor,
  type RelationOptions,
  type RelationType,
} from '../metadata/descriptor.js'
import { optionsOf } from '../metadata/relation/kinds.js'
import type { RelationMakers } from '../types/relation.js'
import { readable } from '../util/arguments.js'
import { memo } from '../util/memo.js'
import {
  anything,
  callback,
  choiceOf,
  either,
  flag,
  nameList,
  type OptionsReader,
  type OptionTypes,
  object,
  optionReader,
  text,
} from '../util/options.js'
import { own } from '../util/own.js'

function checkTarget(type: string, target: unknown): asserts target is () => unknown {
  // a model is a class that extends another one
  const isModel = typeof target === 'function' && Object.getPrototypeOf(target) !== Function.prototype
  if (typeof target === 'function' && !isModel) return
  const name = typeof target === 'function' ? target.name : 'Book'
  throw new DefinitionError(
    `Relation.${type}() needs a function that returns the model: ${type === 'morphTo' ? `Relation.morphTo([() => ${name}])` : `Relation.${type}(() => ${name})`}.`,
  )
}

const key = either(text, nameList)
const TYPES: OptionTypes = own({
  foreignKey: key,
  localKey: key,
  otherKey: key,
  through: either(text, callback()),
  pivot: object,
  symmetrical: flag,
  onSoftDelete: choiceOf('cascade'),
  typeKey: text,
})

const readers = new Map<RelationType, OptionsReader<Record<string, unknown>>>()

function readerOf(type: RelationType): OptionsReader<Record<string, unknown>> {
  const types: OptionTypes = Object.fromEntries(optionsOf(type).map((name) => [name, TYPES[name] ?? anything]))
  return optionReader<Record<string, unknown>>(`Relation.${type}()`, types, DefinitionError)
}

/** The options of a maker, of those that its kind of relation has. */
const checkOptions = (type: RelationType, options: unknown): RelationOptions => memo(readers, type, readerOf)(options)

const customDefinition = optionReader<CustomRelation>(
  'Relation.custom()',
  { many: flag, link: callback() },
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
  const thunks = targets.map((target: unknown) => {
    checkTarget('morphTo', target)
    return target
  })
  return new RelationDescriptor('morphTo', thunks, checkOptions('morphTo', options))
}

/** A maker of relations of a user's own kind. */
function custom(given: unknown) {
  const { many, link } = customDefinition(given)
  if (link === undefined || many === undefined)
    throw new DefinitionError(
      'Relation.custom() needs { many, link }: whether it leads to many rows, and a function that names the fields that belong together.',
    )
  const definition = { many, link }
  return (target: unknown, options?: unknown) => {
    checkTarget('custom', target)
    return new RelationDescriptor('custom', [target], { definition, given: options })
  }
}

/** The public types of the makers are more exact: each knows its options and its target. */
const makers: Readonly<Record<string, (...args: never[]) => unknown>> = {
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
export const Relation: RelationMakers = Object.fromEntries(
  Object.entries(makers).map(([name, make]): readonly unknown[] => [name, readable(make)]),
)
