import { DefinitionError } from '../errors.js'
import { isLocale, plainLocale } from '../util/locale.js'
import { choiceOf, flag, list, optionReader } from '../util/options.js'
import { AttributeDescriptor } from './attribute.js'
import { FieldDescriptor } from './kind.js'

interface TranslatedOptions {
  readonly locales: readonly unknown[]
  readonly base: boolean
  readonly index: 'shown'
}

const translatedOptions = optionReader<TranslatedOptions>(
  'Field.translated()',
  { locales: list, base: flag, index: choiceOf('shown') },
  DefinitionError,
)

type TranslationFacts = Pick<TranslatedDescriptor, 'field' | 'locales' | 'base' | 'nullable' | 'indexed'>

/** A translated field, as it is written: a field, and the languages that it has a column for. */
export class TranslatedDescriptor extends AttributeDescriptor {
  /** The field of one language, which may be null: any other may be filled. */
  readonly field: FieldDescriptor
  readonly locales: readonly string[]
  /** The first language has the column without a suffix. */
  readonly base: boolean
  /** No language need be filled. */
  readonly nullable: boolean
  /** What is shown has an index. */
  readonly indexed: boolean

  constructor({ field, locales, base, nullable, indexed }: TranslationFacts) {
    super({ compute: null, dependsOn: [], hidden: field.options.hidden === true })
    this.field = field
    this.locales = locales
    this.base = base
    this.nullable = nullable
    this.indexed = indexed
    Object.freeze(this)
  }

  override get type(): 'translated' {
    return 'translated'
  }

  /** The fields of the languages, by name. */
  partsOf(name: string): [string, FieldDescriptor][] {
    return this.locales.map((locale, i) => [partName(name, locale), this.#part(name, locale, i)])
  }

  #part(name: string, locale: string, place: number): FieldDescriptor {
    const { column, ...options } = this.field.options
    const isBase = this.base && place === 0
    const suffix = isBase ? '' : `_${plainLocale(locale).replaceAll('-', '_')}`
    return new FieldDescriptor({
      ...this.field,
      options: column === undefined ? options : { ...options, column: `${column}${suffix}` },
      part: { of: name, locale, isBase },
    })
  }
}

/** `title` and `pt-BR` → `titlePtBR`. */
const partName = (name: string, locale: string) => {
  const [language = '', ...rest] = locale.split(/[-_]/)
  return `${name}${language.slice(0, 1).toUpperCase()}${language.slice(1)}${rest.join('')}`
}

/** What a field of one language can't have, since it says something of the row or of all languages. */
const REFUSED = ['primaryKey', 'default', 'dbDefault', 'generated'] as const
const TEXTS: ReadonlySet<string> = new Set(['string', 'text', 'char'])

/** Its values are texts as they are stored, and given by the user. */
function isPlainText({ type, kind, slug }: FieldDescriptor): boolean {
  if (typeof kind === 'function' || type === 'password' || slug !== null) return false
  return TEXTS.has(kind.dataType.name) && kind.load === null
}

export function translatedField(field: unknown, given: unknown): TranslatedDescriptor {
  const { locales = [], base = false, index } = translatedOptions(given)
  if (!(field instanceof FieldDescriptor))
    throw new DefinitionError(
      "Field.translated() takes a field and its languages: Field.translated(Field.string(), { locales: ['en', 'fr'] }).",
    )
  if (!isPlainText(field))
    throw new DefinitionError(
      `Field.translated() takes a field of text, such as Field.string() or Field.text(), not Field.${field.type}().`,
    )
  for (const option of REFUSED)
    if (Object.hasOwn(field.options, option))
      throw new DefinitionError(`The field of Field.translated() can't have the option "${option}". Remove it.`)
  const names = locales.filter((locale): locale is string => typeof locale === 'string' && isLocale(locale))
  if (names.length === 0 || names.length < locales.length)
    throw new DefinitionError("Field.translated() needs { locales }: the names of languages, such as ['en', 'pt-BR'].")
  if (new Set(names.map(plainLocale)).size < names.length)
    throw new DefinitionError('Field.translated() names a language twice in { locales }.')
  const nullable = field.options.nullable === true
  const part = new FieldDescriptor({ ...field, options: { ...field.options, nullable: true } })
  return new TranslatedDescriptor({ field: part, locales: names, base, nullable, indexed: index === 'shown' })
}
