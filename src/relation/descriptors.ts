import { DefinitionError } from '../errors.js'
import { RelationDescriptor, type RelationOptions, type RelationType } from '../metadata/relation/descriptor.js'
import { type CustomRelation, optionsOf } from '../metadata/relation/kinds.js'
import type { RelationMakers } from '../types/model.js'
import { own } from '../util/own.js'

function checkTarget(type: string, target: unknown): asserts target is () => unknown {
  // a model is a class that extends another one
  const isModel = typeof target === 'function' && Object.getPrototypeOf(target) !== Function.prototype
  if (typeof target === 'function' && !isModel) return
  const name = isModel ? (target as { name: string }).name : 'Book'
  throw new DefinitionError(
    `Relation.${type}() needs a function that returns the model: ${type === 'morphTo' ? `Relation.morphTo([() => ${name}])` : `Relation.${type}(() => ${name})`}.`,
  )
}

function checkOptions(type: RelationType, options: object): RelationOptions {
  const known = optionsOf(type)
  for (const option of Object.keys(options))
    if (!known.includes(option)) {
      const list = known.length < 2 ? known.join('') : `${known.slice(0, -1).join(', ')} and ${known.at(-1)}`
      throw new DefinitionError(`Relation.${type}() does not know the option "${option}". It takes ${list}.`)
    }
  return own(options)
}

const maker =
  (type: RelationType) =>
  (target: unknown, options: object = {}) => {
    checkTarget(type, target)
    return new RelationDescriptor(type, [target], checkOptions(type, options))
  }

/** Of relations over a pair of morph fields, which are named. */
const morphMaker =
  (type: RelationType) =>
  (target: unknown, morph: unknown, options: object = {}) => {
    checkTarget(type, target)
    if (typeof morph !== 'string' || morph === '')
      throw new DefinitionError(
        `Relation.${type}() needs the name of its morph fields: Relation.${type}(() => Comment, 'commentable').`,
      )
    return new RelationDescriptor(type, [target], { ...checkOptions(type, options), morph })
  }

function morphTo(targets: unknown, options: object = {}): RelationDescriptor {
  if (!Array.isArray(targets))
    throw new DefinitionError(
      'Relation.morphTo() needs a list of functions that return models: Relation.morphTo([() => Post, () => Photo]).',
    )
  for (const target of targets) checkTarget('morphTo', target)
  return new RelationDescriptor('morphTo', [...(targets as (() => unknown)[])], checkOptions('morphTo', options))
}

/** A maker of relations of a user's own kind. */
function custom(given: CustomRelation) {
  const definition = own({ ...given }) as CustomRelation
  if (typeof definition.link !== 'function' || typeof definition.many !== 'boolean')
    throw new DefinitionError(
      'Relation.custom() needs { many, link }: whether it leads to many rows, and a function that names the fields that belong together.',
    )
  return (target: unknown, options?: unknown) => {
    checkTarget('custom', target)
    return new RelationDescriptor('custom', [target], { definition, given: options })
  }
}

/** Makes the relations of a model, as statics of its class. */
export const Relation = {
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
} as unknown as RelationMakers
