import type * as Phone from 'libphonenumber-js/min'
import { DefinitionError } from '../errors.js'
import { requirePackage } from '../util/optional-package.js'
import { describe, type FieldKind } from './kind.js'

/** A plus sign and at most 15 digits (ITU-T E.164). */
const LONGEST = 16

type Parse = (text: string) => string | null

/** Makes the function that reads numbers of a country. The package is loaded when the first number is read. */
function parserFor(country: string | undefined): Parse {
  let read: Parse | undefined
  return (text) => (read ??= loadParser(country))(text)
}

function loadParser(country: string | undefined): Parse {
  const phone = requirePackage<typeof Phone>('libphonenumber-js/min', 'Field.tel()')
  if (country !== undefined && !phone.isSupportedCountry(country))
    throw new DefinitionError(`Field.tel() has the country "${country}", whose phone numbers are not known.`)
  const options = { extract: false, ...(country !== undefined && { defaultCountry: country }) }
  return (text) => {
    const number = phone.parsePhoneNumberFromString(text, options)
    return number?.isPossible() === true && number.ext === undefined ? number.number : null
  }
}

/** Phone numbers in the form E.164, so that equal numbers are equal texts. */
export function telKind(country: string | undefined): FieldKind {
  if (country !== undefined && !/^[A-Z]{2}$/.test(country))
    throw new DefinitionError('Field.tel() takes the code of a country: Field.tel({ country: "DE" }).')
  const parse = parserFor(country)
  const canonical = (value: unknown) => (typeof value === 'string' ? parse(value) : null)
  const message =
    country === undefined
      ? 'must be a phone number with a country code, such as +49 30 123456'
      : 'must be a phone number'
  return {
    dataType: { name: 'string', length: LONGEST },
    acceptsValue: (value) => canonical(value) === value,
    cast: (value) => canonical(value) ?? value,
    check: (value, refuse) => {
      if (typeof value !== 'string') return refuse('type', `expects a phone number, not ${describe(value)}`)
      return parse(value) ?? refuse('tel', message)
    },
    jsonSchema: (io) => (io === 'input' ? { type: 'string' } : { type: 'string', pattern: '^\\+[1-9]\\d{1,14}$' }),
    load: null,
    snapshot: 'value',
  }
}
