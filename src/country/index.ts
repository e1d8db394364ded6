import { inspect } from 'node:util'
import { registerCountries } from '../field/country.js'
import type { Country, CountryCurrency } from '../types/country.js'
import { COUNTRIES, CURRENCIES } from './data.js'

// The entry point `corm/country`: the countries of ISO 3166-1. Importing it makes Field.country() work.

export type { Country, CountryCurrency } from '../types/country.js'

/** The members of the European Union, as of November 2026. */
const EU = new Set('AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK'.split(' '))
/** Further members of the European Economic Area. */
const EEA = new Set('IS LI NO'.split(' '))
/** Countries without a top-level domain of their own. */
const WITHOUT_DOMAIN = new Set('BL BQ EH MF UM XK'.split(' '))
/** Codes that users have assigned, and not ISO. */
const UNOFFICIAL = new Set(['XK'])
/** Where the domain is not the code. */
const DOMAINS: ReadonlyMap<string, string> = new Map([['GB', '.uk']])

const wordsOf = (text: string): readonly string[] => Object.freeze(text === '' ? [] : text.split(' '))
const orNull = (text: string): string | null => (text === '' ? null : text)

const currencies: ReadonlyMap<string, CountryCurrency> = new Map(
  CURRENCIES.map((line) => {
    const [code = '', name = '', symbol = ''] = line.split('|')
    return [code, Object.freeze({ code, name, symbol })]
  }),
)

/** The regional indicators of a code, which are shown as a flag. */
const flagOf = (code: string) =>
  String.fromCodePoint(...[...code].map((letter) => 0x1f1e6 + letter.charCodeAt(0) - 'A'.charCodeAt(0)))

/** A country that compares and prints as its code. */
class CountryValue {
  constructor(facts: object) {
    Object.assign(this, facts)
    Object.freeze(this)
  }
  declare readonly code: string
  valueOf(): string {
    return this.code
  }
  toJSON(): string {
    return this.code
  }
  toString(): string {
    return this.code
  }
  [inspect.custom](): string {
    return `Country(${this.code})`
  }
}

type Facts = Omit<Country, 'valueOf' | 'toJSON' | 'toString'>

const countryOf = (facts: Facts): Country => new CountryValue(facts) as object as Country

function read(line: string): Country {
  const [code = '', name = '', alpha3 = '', numeric = '', dial = '', ...rest] = line.split('|')
  const [continent = '', region = '', capital = '', currency = '', languages = '', timezones = ''] = rest
  return countryOf({
    code,
    name,
    alpha3,
    numeric: orNull(numeric),
    dialCode: dial === '' ? null : `+${dial}`,
    continent,
    region,
    capital: orNull(capital),
    currency: currencies.get(currency) ?? null,
    languages: wordsOf(languages),
    tld: WITHOUT_DOMAIN.has(code) ? null : (DOMAINS.get(code) ?? `.${code.toLowerCase()}`),
    flag: flagOf(code),
    isEU: EU.has(code),
    isEEA: EU.has(code) || EEA.has(code),
    timezones: wordsOf(timezones),
    official: !UNOFFICIAL.has(code),
  })
}

/** All countries, sorted by code. */
export const countries: readonly Country[] = Object.freeze(COUNTRIES.map(read))

const byCode: ReadonlyMap<string, Country> = new Map(countries.map((country) => [country.code, country]))

/** Returns the country with this ISO 3166-1 alpha-2 code, in upper or lower case, or null. */
export function findCountry(code: string): Country | null {
  return byCode.get(String(code).toUpperCase()) ?? null
}

registerCountries({
  find: (code) => byCode.get(code),
  make: (code, facts) =>
    countryOf({
      alpha3: null,
      numeric: null,
      dialCode: null,
      continent: null,
      region: null,
      capital: null,
      currency: null,
      languages: wordsOf(''),
      tld: null,
      isEU: false,
      isEEA: false,
      timezones: wordsOf(''),
      official: false,
      ...facts,
      code,
      flag: flagOf(code),
    }),
})
