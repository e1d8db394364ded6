/** A currency of ISO 4217. */
export interface CountryCurrency {
  /** The code: `EUR`. */
  readonly code: string
  /** The name in English: `Euro`. */
  readonly name: string
  /** The symbol: `€`. */
  readonly symbol: string
}

/**
 * A country of ISO 3166-1: the value of a `Field.country`. There is one frozen object for each country, so `===` compares them.
 * As a text and in JSON it is its code.
 */
export interface Country {
  /** The alpha-2 code: `DE`. */
  readonly code: string
  /** The name in English. */
  readonly name: string
  /** The alpha-3 code: `DEU`. Null for a country of `extra` without one. */
  readonly alpha3: string | null
  /** The three digits of the numeric code: `276`. Null if ISO has assigned none. */
  readonly numeric: string | null
  /** The code for calls to the country: `+49`. The first one if it has several. */
  readonly dialCode: string | null
  /** The continent in English: `Europe`. */
  readonly continent: string | null
  /** The region of the United Nations (M49): `Western Europe`. */
  readonly region: string | null
  /** The capital in English. */
  readonly capital: string | null
  /** The currency. The first one if it has several. */
  readonly currency: CountryCurrency | null
  /** The ISO 639-1 codes of the official languages: `['de']`. */
  readonly languages: readonly string[]
  /** The top-level domain: `.de`. */
  readonly tld: string | null
  /** The flag as an emoji. */
  readonly flag: string
  /** Whether it is a member of the European Union. */
  readonly isEU: boolean
  /** Whether it is a member of the European Economic Area. */
  readonly isEEA: boolean
  /** The IANA names of the time zones: `['Europe/Berlin', 'Europe/Zurich']`. */
  readonly timezones: readonly string[]
  /** Whether the code is part of ISO 3166-1. False for `XK` (Kosovo) and for countries of `extra`. */
  readonly official: boolean
  valueOf(): string
  toJSON(): string
  toString(): string
}

/** A country that `Field.country({ extra })` accepts in addition to those of ISO 3166-1. */
export type ExtraCountry = Pick<Country, 'code' | 'name'> &
  Partial<Omit<Country, 'flag' | 'official' | 'valueOf' | 'toJSON' | 'toString'>>

/** The additional options of `Field.country`. */
export interface CountryRules {
  /** Countries that are not in ISO 3166-1. Their codes have two letters. */
  extra?: readonly ExtraCountry[]
}
