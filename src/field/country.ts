import { DefinitionError, StoredValueError } from '../errors.js'
import type { Country, ExtraCountry } from '../types/country.js'
import { list, ownEntries } from '../util/options.js'
import { own } from '../util/own.js'
import { describe, FieldDescriptor, type FieldKind } from './kind.js'
import { readFieldOptions } from './options.js'

/** What the entry point `corm/country` knows. */
interface Countries {
  find(code: string): Country | undefined
  /** A country that is in no standard. */
  make(code: string, facts: ExtraCountry): Country
}

let countries: Countries | undefined

export function registerCountries(known: Countries): void {
  countries = known
}

type Find = (code: string) => Country | undefined

const CODE = /^[A-Z]{2}$/

/** The facts that a further country may have. */
const FACTS = new Set(
  'code name alpha3 numeric dialCode continent region capital currency languages tld isEU isEEA timezones'.split(' '),
)

function withExtra(known: Countries, extra: readonly unknown[]): Find {
  const more = new Map<string, Country>()
  for (const each of extra) {
    const wrong = () =>
      new DefinitionError(
        'Field.country() takes further countries as objects: { extra: [{ code: "XA", name: "Nowhere" }] }. The code has two capital letters, and is none of ISO 3166-1.',
      )
    const facts = own(Object.fromEntries(ownEntries(each, wrong)))
    const { code, name } = facts
    if (typeof code !== 'string' || !CODE.test(code) || typeof name !== 'string' || name === '') throw wrong()
    if (known.find(code) !== undefined || Object.keys(facts).some((fact) => !FACTS.has(fact))) throw wrong()
    more.set(code, known.make(code, facts as unknown as ExtraCountry))
  }
  return more.size === 0 ? known.find : (code) => more.get(code) ?? known.find(code)
}

function countryKind(find: Find): FieldKind {
  const codeOf = (value: unknown): string | null => {
    const code = typeof value === 'string' ? value : (value as Partial<Country> | null)?.code
    return typeof code === 'string' ? code.toUpperCase() : null
  }
  const found = (value: unknown) => {
    const code = codeOf(value)
    return code === null ? undefined : find(code)
  }
  return {
    dataType: { name: 'string', length: 2 },
    cast: (value) => found(value) ?? value,
    check: (value, refuse) => {
      if (codeOf(value) === null) return refuse('type', `expects the code of a country, not ${describe(value)}`)
      return found(value)?.code ?? refuse('country', 'must be the code of a country in ISO 3166-1, such as DE')
    },
    load: (code) => {
      const country = find(code as string)
      if (country !== undefined) return country
      throw new StoredValueError(
        'holds a code that is no country',
        'Correct the stored value, or add the country: Field.country({ extra: [{ code, name }] }).',
      )
    },
    jsonSchema: () => ({ type: 'string', pattern: '^[A-Z]{2}$' }),
    snapshot: 'value',
  }
}

export function countryField(given: unknown): FieldDescriptor {
  if (countries === undefined)
    throw new DefinitionError('Field.country() needs the data of countries. Add the import: import "corm/country".')
  const read = readFieldOptions('Field.country()', given, own({ extra: list }))
  const { extra = [], ...options }: typeof read & { readonly extra?: readonly unknown[] } = own(read)
  return new FieldDescriptor({ type: 'country', options: own(options), kind: countryKind(withExtra(countries, extra)) })
}
