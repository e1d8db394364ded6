import { DefinitionError } from '../errors.js'
import { callback, flag, nameList, optionReader, textOrNone } from '../util/options.js'

/** Computes the value of an instance. */
export type Compute = (instance: object) => unknown

/** An attribute without a column, as it is written. The model binds it to a name. */
export class AttributeDescriptor {
  /** Null: the value is assigned, not computed. */
  readonly compute: Compute | null
  /** The names that `compute` reads; null: any. */
  readonly dependsOn: readonly string[] | null
  readonly hidden: boolean

  constructor({ compute, dependsOn, hidden }: Pick<AttributeDescriptor, 'compute' | 'dependsOn' | 'hidden'>) {
    this.compute = compute
    this.dependsOn = dependsOn
    this.hidden = hidden
  }

  get type(): 'computed' | 'virtual' | 'translated' {
    return this.compute === null ? 'virtual' : 'computed'
  }
}

interface ComputedOptions {
  readonly dependsOn: readonly string[]
  readonly hidden: boolean
  readonly description: string
}

const computedOptions = optionReader<ComputedOptions>(
  'Field.computed()',
  { dependsOn: nameList, hidden: flag, description: textOrNone },
  DefinitionError,
)

export function computedField(compute: unknown, given: unknown): AttributeDescriptor {
  if (!callback<Compute>().accepts(compute))
    throw new DefinitionError(
      "Field.computed() needs a function of an instance: Field.computed((user: { name: string }) => …, { dependsOn: ['name'] }).",
    )
  const { dependsOn, hidden = false } = computedOptions(given)
  return Object.freeze(
    new AttributeDescriptor({ compute, dependsOn: dependsOn === undefined ? null : [...dependsOn], hidden }),
  )
}

const virtualOptions = optionReader<Omit<ComputedOptions, 'dependsOn'>>(
  'Field.virtual()',
  { hidden: flag, description: textOrNone },
  DefinitionError,
)

export function virtualField(given: unknown): AttributeDescriptor {
  const { hidden = false } = virtualOptions(given)
  return Object.freeze(new AttributeDescriptor({ compute: null, dependsOn: null, hidden }))
}
