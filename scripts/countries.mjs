// Writes src/country/data.ts: the countries of ISO 3166-1 with facts from packages and from ICU. Run it with the newest Node.
import { writeFileSync } from 'node:fs'
import timezones from 'countries-and-timezones'
import { countries as listed } from 'countries-list'
import iso from 'i18n-iso-countries'

/** Regions of the United Nations (M49), which no package with a permissive license has. As of November 2026. */
const REGIONS = {
  'Northern Africa': 'DZ EG EH LY MA SD TN',
  'Eastern Africa': 'BI DJ ER ET IO KE KM MG MU MW MZ RE RW SC SO SS TF TZ UG YT ZM ZW',
  'Middle Africa': 'AO CD CF CG CM GA GQ ST TD',
  'Southern Africa': 'BW LS NA SZ ZA',
  'Western Africa': 'BF BJ CI CV GH GM GN GW LR ML MR NE NG SH SL SN TG',
  Caribbean: 'AG AI AW BB BL BQ BS CU CW DM DO GD GP HT JM KN KY LC MF MQ MS PR SX TC TT VC VG VI',
  'Central America': 'BZ CR GT HN MX NI PA SV',
  'South America': 'AR BO BR BV CL CO EC FK GF GS GY PE PY SR UY VE',
  'Northern America': 'BM CA GL PM US',
  'Central Asia': 'KG KZ TJ TM UZ',
  'Eastern Asia': 'CN HK JP KP KR MN MO TW',
  'South-eastern Asia': 'BN ID KH LA MM MY PH SG TH TL VN',
  'Southern Asia': 'AF BD BT IN IR LK MV NP PK',
  'Western Asia': 'AE AM AZ BH CY GE IL IQ JO KW LB OM PS QA SA SY TR YE',
  'Eastern Europe': 'BG BY CZ HU MD PL RO RU SK UA',
  'Northern Europe': 'AX DK EE FI FO GB GG IE IM IS JE LT LV NO SE SJ',
  'Southern Europe': 'AD AL BA ES GI GR HR IT ME MK MT PT RS SI SM VA XK',
  'Western Europe': 'AT BE CH DE FR LI LU MC NL',
  'Australia and New Zealand': 'AU CC CX HM NF NZ',
  Melanesia: 'FJ NC PG SB VU',
  Micronesia: 'FM GU KI MH MP NR PW UM',
  Polynesia: 'AS CK NU PF PN TK TO TV WF WS',
  Antarctica: 'AQ',
}
const CONTINENTS = {
  AF: 'Africa',
  AN: 'Antarctica',
  AS: 'Asia',
  EU: 'Europe',
  NA: 'North America',
  OC: 'Oceania',
  SA: 'South America',
}
const regionOf = Object.fromEntries(
  Object.entries(REGIONS).flatMap(([region, codes]) => codes.split(' ').map((code) => [code, region])),
)
/** Reserved codes that are no countries. */
const NONE = new Set(['AC', 'TA'])
/** Kosovo's codes are assigned by users, not by ISO. */
const KOSOVO = { alpha3: 'XKX', numeric: '' }

const currencyNames = new Intl.DisplayNames('en', { type: 'currency' })
const symbolOf = (currency) =>
  new Intl.NumberFormat('en', { style: 'currency', currency, currencyDisplay: 'narrowSymbol' })
    .formatToParts(1)
    .find(({ type }) => type === 'currency').value

const rows = Object.entries(listed)
  .filter(([code]) => !NONE.has(code))
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([code, country]) => {
    const region = regionOf[code]
    if (region === undefined) throw new Error(`${code} has no region`)
    const alpha3 = iso.alpha2ToAlpha3(code) ?? KOSOVO.alpha3
    const numeric = iso.alpha2ToNumeric(code)?.padStart(3, '0') ?? KOSOVO.numeric
    const zones = timezones.getCountry(code)?.timezones ?? (code === 'XK' ? ['Europe/Belgrade'] : [])
    return [
      code,
      country.name,
      code === 'XK' ? KOSOVO.alpha3 : alpha3,
      code === 'XK' ? KOSOVO.numeric : numeric,
      code === 'XK' ? '383' : String(country.phone[0] ?? ''),
      CONTINENTS[country.continent],
      region,
      country.capital,
      country.currency[0] ?? '',
      country.languages.join(' '),
      zones.join(' '),
    ]
  })
const used = [...new Set(rows.map((row) => row[8]))].filter((code) => code !== '').sort()
const currencies = used.map((code) => [code, currencyNames.of(code), symbolOf(code)])

const lines = (list) => list.map((row) => `  ${JSON.stringify(row.join('|'))},`).join('\n')
for (const row of [...rows, ...currencies])
  if (row.some((value) => String(value).includes('|'))) throw new Error(`${row[0]} contains the separator`)

writeFileSync(
  new URL('../src/country/data.ts', import.meta.url),
  `// Written by scripts/countries.mjs. Do not edit.

/** Code, name, alpha-3, numeric, dial code, continent, region, capital, currency, languages and time zones. */
export const COUNTRIES: readonly string[] = [
${lines(rows)}
]

/** Code, name and symbol. */
export const CURRENCIES: readonly string[] = [
${lines(currencies)}
]
`,
)
console.log(`${rows.length} countries, ${currencies.length} currencies`)
