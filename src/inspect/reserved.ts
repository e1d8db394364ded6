import { DEFINITION, type Definition } from '../metadata/metadata.js'
import { Model, RESERVED } from '../model/face/define.js'
import type { ReservedNames } from './build.js'

/** Properties that every class has. */
const OF_CLASSES = ['name', 'length', 'caller', 'arguments', 'apply', 'call', 'bind']

/** Names that no field may have, and names that no relation may have. */
export function reservedNames(): ReservedNames {
  const { reserved } = (Model({}) as unknown as { readonly [DEFINITION]: Definition })[DEFINITION]
  return { fields: RESERVED, relations: new Set([...reserved, ...OF_CLASSES]) }
}
