import { DefinitionError } from '../errors.js'
import { type IdentifierLimit, isLongName } from '../util/identifier.js'

/** Creates the function that quotes names. It refuses a name that the database would silently cut or not accept. */
export function quoter(mark: string, limit: IdentifierLimit): (name: string) => string {
  return (name) => {
    if (isLongName(name, limit))
      throw new DefinitionError(
        `The name "${name.slice(0, 80)}" is longer than the ${limit.longest} ${limit.unit} that the database takes. Choose a shorter one.`,
      )
    return mark + name.replaceAll(mark, mark + mark) + mark
  }
}
