import pluralize from 'pluralize'
import { lowerFirst, toSnakeCase } from '../util/names.js'

export type Naming = (name: string) => string

/** How tables and columns are named that have no name of their own. */
export type NamingOption = 'snake_case' | 'camelCase' | Naming

export function namingOf(option: NamingOption | undefined): Naming {
  if (option === undefined || option === 'snake_case') return toSnakeCase
  return option === 'camelCase' ? (name) => name : option
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
