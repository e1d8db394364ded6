import { DefinitionError } from '../errors.js'
import { RelationDescriptor, type RelationOptions, type RelationType } from '../metadata/relation.js'
import type { RelationMakers } from '../types/model.js'
import { own } from '../util/own.js'

const OPTIONS = new Set(['foreignKey', 'localKey'])

const maker =
  (type: RelationType) =>
  (target: () => unknown, options: RelationOptions = {}) => {
    if (typeof target !== 'function')
      throw new DefinitionError(
        `Relation.${type}() needs a function that returns the model: Relation.${type}(() => Book).`,
      )
    for (const option of Object.keys(options))
      if (!OPTIONS.has(option))
        throw new DefinitionError(
          `Relation.${type}() does not know the option "${option}". It takes foreignKey and localKey.`,
        )
    return new RelationDescriptor(type, target, own(options))
  }

/** Makes the relations of a model, as statics of its class. */
export const Relation = {
  belongsTo: maker('belongsTo'),
  hasOne: maker('hasOne'),
  hasMany: maker('hasMany'),
} as unknown as RelationMakers
