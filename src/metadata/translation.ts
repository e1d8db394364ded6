import type { Languages } from '../ast/data-type.js'
import { UsageError } from '../errors.js'
import { FieldDescriptor } from '../field/kind.js'
import type { TranslatedDescriptor } from '../field/translated.js'
import { at } from '../util/list.js'
import { currentLocale, defaultLocale, plainLocale } from '../util/locale.js'
import { memo } from '../util/memo.js'
import { asRecord } from '../util/record.js'
import { ModelField } from './model-field.js'

/** The fields of a translation in the order in which they are looked at. */
interface Chain {
  readonly key: string
  readonly order: readonly number[]
  readonly fields: readonly ModelField[]
}

/** Looked at after the current and the default language. */
const NEXT = ['en', 'fr']

/** A translated field of a model: the columns of its languages, and the order in which they stand in for each other. */
export class Translation implements Languages {
  readonly name: string
  readonly nullable: boolean
  readonly hidden: boolean
  /** What is shown has an index. */
  readonly indexed: boolean
  /** What its values are. It has no column of its own. */
  readonly type: ModelField
  readonly #base: number
  readonly #places: ReadonlyMap<string, number>
  /** By the current language; '': one without a column. */
  readonly #chains = new Map<string, Chain>()
  #default = ''

  constructor(
    name: string,
    { locales, nullable, hidden, base, indexed }: TranslatedDescriptor,
    /** The columns, in the order of its languages. */
    readonly fields: readonly ModelField[],
  ) {
    this.name = name
    this.nullable = nullable
    this.hidden = hidden
    this.indexed = indexed
    this.#base = base ? 0 : -1
    this.#places = new Map(locales.map((locale, i) => [plainLocale(locale), i]))
    this.type = new TranslatedType(name, this)
  }

  key(): string {
    return this.#chain().key
  }

  order(): readonly number[] {
    return this.#chain().order
  }

  /** The names of its languages, in the order of its fields. */
  get locales(): readonly string[] {
    return [...this.#places.keys()]
  }

  /** The field that is looked at first: that of the current language, or of the one that stands in for it. */
  get first(): ModelField {
    return at(this.#chain().fields, 0)
  }

  /** The orders that there are, each by the name of a language that has it. */
  orders(): ReadonlyMap<string, readonly number[]> {
    this.#chain()
    const byKey = new Map<string, readonly [string, readonly number[]]>()
    for (const [locale, place] of this.#places) {
      const { key, order } = this.#chainFrom(place)
      if (!byKey.has(key)) byKey.set(key, [locale.replaceAll('-', '_'), order])
    }
    return new Map(byKey.values())
  }

  /** The value of an instance in the current language, or in the first one that has a value. */
  read(instance: object): unknown {
    for (const { name } of this.#chain().fields) {
      const value = asRecord(instance)[name]
      if (isFilled(value)) return value
    }
    return null
  }

  /** The same from any values; undefined where one that comes first is not known. */
  readBy(known: (field: ModelField) => unknown): unknown {
    for (const field of this.#chain().fields) {
      const value = known(field)
      if (value === undefined || isFilled(value)) return value
    }
    return null
  }

  /** The field that a value of the current language is written to. */
  get target(): ModelField {
    const field = this.targetOrNull
    if (field !== null) return field
    throw new UsageError(
      `${this.type} has no column for the language "${currentLocale()}", nor one without a language. Add the language to { locales }, or set ${this.fields[0]}.`,
    )
  }

  /** The same; null: there is none. */
  get targetOrNull(): ModelField | null {
    return this.fields[this.#placeOf(currentLocale()) ?? this.#base] ?? null
  }

  /** The field of a language; null: there is none. */
  fieldIn(locale: string): ModelField | null {
    const place = this.#placeOf(plainLocale(locale))
    return place === undefined ? null : at(this.fields, place)
  }

  /** `fr-CA` is `fr` where it has no column of its own. */
  #placeOf(locale: string): number | undefined {
    return this.#places.get(locale) ?? this.#places.get(at(locale.split('-', 1), 0))
  }

  #chain(): Chain {
    const first = defaultLocale()
    if (first !== this.#default) this.#chains.clear()
    this.#default = first
    const locale = currentLocale()
    const known = this.#chains.get(locale)
    if (known !== undefined) return known
    // languages that requests make up are all the same
    const place = this.#placeOf(locale)
    return memo(this.#chains, this.#places.has(locale) ? locale : `:${place ?? ''}`, () => this.#chainFrom(place))
  }

  #chainFrom(current: number | undefined): Chain {
    const preferred = [current, ...[this.#default, ...NEXT].map((locale) => this.#placeOf(locale))]
    const others = this.fields.map((_, i) => i).filter((i) => i !== this.#base)
    const all = [...preferred, ...others, this.#base].filter((i): i is number => i !== undefined && i >= 0)
    const order = [...new Set(all)]
    return { key: order.join(), order, fields: order.map((i) => at(this.fields, i)) }
  }
}

/** Null and the empty text count as missing. */
export const isFilled = (value: unknown): boolean => value !== null && value !== undefined && value !== ''

/** The type of the values of a translated field. */
class TranslatedType extends ModelField {
  constructor(
    name: string,
    override readonly languages: Translation,
  ) {
    const { modelName, table, descriptor } = at(languages.fields, 0)
    // each of its columns can be null, but one of them has a text
    const options = { ...descriptor.options, nullable: languages.nullable }
    super(
      { modelName, table, name, column: name, index: -1, keyless: false },
      new FieldDescriptor({ ...descriptor, options }),
    )
  }
}
