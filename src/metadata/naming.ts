import pluralize from 'pluralize'
import { DefinitionError } from '../errors.js'
import { lowerFirst, toSnakeCase } from '../util/names.js'

export type Naming = (name: string) => string

export function namingOf(option: unknown, model: string): Naming {
  if (option === undefined || option === 'snake_case') return toSnakeCase
  if (option === 'camelCase') return (name) => name
  if (typeof option === 'function') return option as Naming
  throw new DefinitionError(`"${model}" has an unknown naming. Choose 'snake_case', 'camelCase' or a function.`)
}

/** `OrderItem` → `order_items`. */
export function tableName(model: string, naming: Naming): string {
  const name = naming(lowerFirst(model))
  const head = name.slice(0, name.length - lastWord(name).length)
  return head + pluralize(lastWord(name))
}

/** pluralize looks at whole words: `order_person` would not become `order_people`. */
function lastWord(name: string): string {
  return /[A-Z]?[a-z0-9]+$/.exec(name)?.[0] ?? name
}
