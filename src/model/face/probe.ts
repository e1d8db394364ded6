import { DefinitionError } from '../../errors.js'
import { refuseHookFields } from '../runtime/hooked.js'
import { HYDRATE, type ModelRuntime } from '../runtime/runtime.js'

/**
 * A class field that redeclares a column (`name: string` without `declare`) would overwrite the value with undefined after
 * the base constructor ran. Reported once per class, by a look at an empty instance.
 */
export function checkClass(model: new (mark: symbol) => object, runtime: ModelRuntime): void {
  if (runtime.probed) return
  runtime.probed = true
  const { meta } = runtime
  const probe = new model(HYDRATE)
  refuseHookFields(probe, meta)
  for (const name of Object.keys(probe)) {
    if (meta.hasAttribute(name) || meta.relations.has(name)) {
      const what = meta.hasAttribute(name) ? 'field' : 'relation'
      throw new DefinitionError(
        `"${meta.name}" redeclares its ${what} "${name}" as a class field, which would overwrite it. Write: declare ${name}: …`,
      )
    }
  }
}
