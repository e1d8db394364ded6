import { UsageError } from '../../errors.js'
import { type ModelMetadata, metadataOf } from '../../metadata/metadata.js'
import type { HasFields } from '../../types/field.js'
import { isWhole } from '../../util/number.js'
import { object, optionReader, whole } from '../../util/options.js'
import { emptyRecord, isRecord } from '../../util/record.js'
import { foreignParents, madeData } from './data.js'
import { Random } from './random.js'
import { type Data, type FactoryInput, makePlainRowsBy, RowMaker, registerMaker } from './registry.js'
import { type RelatedRequest, readRelated, relatedData } from './related.js'
import { nextNumber } from './sequences.js'
import type { ExactData, Factory, FactoryOptions, FactoryRandom } from './types.js'

interface FactorySettings {
  readonly states: Readonly<Record<string, unknown>>
  readonly seed: number
}

const optionsOf = optionReader<FactorySettings>('factory()', { states: object, seed: whole(0) })

/** The statics of a model that a factory calls. */
interface Model {
  make(data: Data, options: { guarded: true }): object
  create(data: Data, options: { guarded: true }): Promise<object>
  createMany(rows: readonly Data[], options: { guarded: true }): Promise<object[]>
  createWithRelations(data: Data, options: { guarded: true }): Promise<object>
}

const GUARDED = { guarded: true } as const

class FactoryOf extends RowMaker {
  readonly model: unknown
  readonly meta: ModelMetadata
  readonly #settings: FactorySettings
  /** Values, the later ones first. */
  readonly #layers: readonly FactoryInput[]
  readonly #related: ReadonlyMap<string, RelatedRequest>

  constructor(
    model: unknown,
    layers: readonly FactoryInput[],
    settings: FactorySettings,
    related: ReadonlyMap<string, RelatedRequest> = new Map(),
  ) {
    super()
    this.model = model
    this.meta = metadataOf(model)
    this.#layers = layers
    this.#settings = settings
    this.#related = related
  }

  state(...names: readonly string[]): FactoryOf {
    const { states } = this.#settings
    const layers = names.map((name): FactoryInput => {
      if (Object.hasOwn(states, name)) return states[name] as FactoryInput
      const known = Object.keys(states).map((each) => `"${each}"`)
      throw new UsageError(
        `The factory of "${this.meta.name}" has no state "${String(name)}". ${known.length === 0 ? 'It has none: give it { states }.' : `It has ${known.join(', ')}.`}`,
      )
    })
    return this.#derived([...layers.reverse(), ...this.#layers], this.#related)
  }

  with(relation: string, ...rows: readonly unknown[]): FactoryOf {
    return this.#derived(this.#layers, new Map(this.#related).set(relation, readRelated(this.meta, relation, rows)))
  }

  make(values?: FactoryInput): object {
    this.#refuseRelated('make()')
    return this.#model.make(this.#next(values, true), GUARDED)
  }

  makeMany(count: number, values?: FactoryInput): object[] {
    requireCount(count, 'makeMany()')
    return Array.from({ length: count }, () => this.make(values))
  }

  create(values?: FactoryInput): Promise<object> {
    return this.createFor([], values)
  }

  async createFor(chain: readonly ModelMetadata[], values?: FactoryInput): Promise<object> {
    const data = await this.row(values, chain)
    return this.#related.size === 0 ? this.#model.create(data, GUARDED) : this.#model.createWithRelations(data, GUARDED)
  }

  async createMany(count: number, values?: FactoryInput): Promise<object[]> {
    requireCount(count, 'createMany()')
    const rows: Data[] = []
    for (let i = 0; i < count; i++) rows.push(await this.row(values, []))
    if (this.#related.size === 0) return this.#model.createMany(rows, GUARDED)
    const made: object[] = []
    for (const row of rows) made.push(await this.#model.createWithRelations(row, GUARDED))
    return made
  }

  async row(
    values: FactoryInput,
    chain: readonly ModelMetadata[],
    set: ReadonlySet<string> = new Set(),
  ): Promise<Data> {
    const data = this.#next(values, false, set)
    const related = await relatedData(this.meta, this.#related, chain)
    const parents = await foreignParents(this.meta, Object.assign(emptyRecord(), data, related), set, chain)
    return { ...data, ...parents, ...related }
  }

  get #model(): Model {
    return this.model as Model
  }

  #next(values: FactoryInput, isUnsaved: boolean, set: ReadonlySet<string> = new Set()): Data {
    const n = nextNumber(this.meta)
    const { seed } = this.#settings
    const given: Data = emptyRecord()
    for (const layer of [values, ...this.#layers])
      for (const [name, value] of Object.entries(this.#valuesOf(layer, n)))
        if (given[name] === undefined && value !== undefined) given[name] = value
    const without = new Set([...set, ...this.#related.keys()])
    return madeData(this.meta, given, { n, seed }, { isUnsaved, without })
  }

  #valuesOf(layer: FactoryInput, n: number): Data {
    const random = new Random(this.#settings.seed, this.meta.name, n)
    const values = typeof layer === 'function' ? layer(n, random) : layer
    if (values === undefined) return {}
    if (isRecord(values) && typeof values.then !== 'function') return values
    throw new UsageError(
      `The factory of "${this.meta.name}" needs an object of values. A function that returns one is called with the number of the row, and must not be async.`,
    )
  }

  #refuseRelated(call: string): void {
    const [name] = this.#related.keys()
    if (name !== undefined)
      throw new UsageError(
        `${call} saves nothing, so it can not make the rows of "${this.meta.name}.${name}". Use create(), or a factory without with('${name}').`,
      )
  }

  #derived(layers: readonly FactoryInput[], related: ReadonlyMap<string, RelatedRequest>): FactoryOf {
    return new FactoryOf(this.model, layers, this.#settings, related)
  }
}

function requireCount(count: unknown, call: string): void {
  if (!isWhole(count) || count < 0)
    throw new UsageError(`${call} of a factory takes a number of rows: ${call.replace('()', '(3)')}.`)
}

const PLAIN: FactorySettings = { states: {}, seed: 1 }
makePlainRowsBy((meta) => new FactoryOf(meta.model, [], PLAIN))

/**
 * Returns a factory for rows of a model. corm makes valid values for the required fields that `values` leaves out. It also makes
 * the rows that other factories need of this model.
 *
 *     const users = factory(User, (n) => ({ email: `user${n}@example.org` }), { states: { admin: { role: 'admin' } } })
 *     const admin = await users.state('admin').create({ name: 'Ada' })
 */
export function factory<C extends HasFields, const D = object, S extends string = never>(
  model: C,
  values?: (n: number, random: FactoryRandom) => ExactData<C, D>,
  options?: FactoryOptions<C, S>,
): Factory<C, S>
export function factory(model: unknown, values?: unknown, options?: object): object {
  const { states = {}, seed = 1 } = optionsOf(options)
  if (values !== undefined && typeof values !== 'function')
    throw new UsageError(
      'factory() takes a function of the number of the row: factory(User, (n) => ({ name: `User ${n}` })).',
    )
  const made = new FactoryOf(model, values === undefined ? [] : [values as FactoryInput], { states, seed })
  if (values !== undefined) registerMaker(made)
  return made
}
