import { isIP } from 'node:net'
import type * as Zod from 'zod'
import { textIn } from '../util/expect.js'
import { own } from '../util/own.js'
import { describe, type FieldKind } from './kind.js'
import { type TextLimits, textKind } from './string.js'
import { loadZod } from './zod.js'

// Texts in a format: e-mail addresses, URLs, slugs, IP addresses.

/** The longest address that SMTP can transport (RFC 5321, 4.5.3.1.3, less the brackets). */
const LONGEST_EMAIL = 254
/** The default maximum of a URL: longer ones do not work everywhere. */
const LONGEST_URL = 2000
const LONGEST_SLUG = 255
/** Eight groups of an IPv6 address, of which the last two are an IPv4 address. */
const LONGEST_IP = 45

interface Format {
  readonly code: string
  readonly message: string
  /** Its keywords in JSON Schema. */
  readonly json: Readonly<Record<string, unknown>>
  has(text: string): boolean
}

/** A text of limited length. Its format is checked on writing, as its length is. */
function formatted(rules: TextLimits & { readonly max: number }, { code, message, json, has }: Format): FieldKind {
  const { max, min } = own(rules)
  const kind = textKind({ name: 'string', length: max }, rules)
  return {
    ...kind,
    acceptsRules: false,
    jsonSchema: () => ({ type: 'string', ...(min !== undefined && { minLength: min }), maxLength: max, ...json }),
    rules(value, addIssue) {
      kind.rules?.(value, addIssue)
      if (!has(textIn(value))) addIssue(code, message)
    },
  }
}

let email: Zod.ZodEmail | undefined

/** Addresses as browsers and mail servers accept them: the usual part of RFC 5322, without comments and quoted names. */
export const emailKind = (): FieldKind =>
  formatted(
    { max: LONGEST_EMAIL },
    {
      code: 'email',
      message: 'must be an e-mail address',
      json: { format: 'email' },
      has: (text) => (email ??= loadZod().email()).safeParse(text).success,
    },
  )

/** Absolute URLs of the web (RFC 3986). Others, such as `javascript:`, are dangerous as the target of a link. */
const WEB_URL = /^https?:\/\/[^\s\\]+$/i

export const urlKind = ({ max = LONGEST_URL }: TextLimits): FieldKind =>
  formatted(
    { max },
    {
      code: 'url',
      message: 'must be a URL that starts with http:// or https://',
      json: { format: 'uri' },
      has: (text) => WEB_URL.test(text) && URL.canParse(text),
    },
  )

const SLUG = /^[A-Za-z0-9_-]+$/

export const isSlug = (text: string): boolean => SLUG.test(text)

export const slugKind = ({ max = LONGEST_SLUG, min }: TextLimits): FieldKind =>
  formatted(
    { max, min },
    {
      code: 'slug',
      message: 'must consist of letters (a to z), digits, hyphens and underscores',
      json: { pattern: SLUG.source },
      has: isSlug,
    },
  )

/** The one form of an address, so that equal addresses are equal texts: IPv6 as in RFC 5952. Null: it is none. */
function canonicalIp(value: unknown): string | null {
  const version = typeof value === 'string' && !value.includes('%') ? isIP(value) : 0
  if (version === 0) return null
  return version === 4 ? textIn(value) : new URL(`http://[${textIn(value)}]`).hostname.slice(1, -1)
}

const isCanonicalIp = (value: unknown) => canonicalIp(value) === value

export const ipKind = (): FieldKind => ({
  dataType: { name: 'string', length: LONGEST_IP },
  jsonSchema: () => ({ anyOf: ['ipv4', 'ipv6'].map((format) => ({ type: 'string', format })) }),
  acceptsValue: isCanonicalIp,
  cast: (value) => canonicalIp(value) ?? value,
  check: (value, refuse) => {
    if (typeof value !== 'string') return refuse('type', `expects an IP address, not ${describe(value)}`)
    return canonicalIp(value) ?? refuse('ip', 'must be an IPv4 or IPv6 address')
  },
  load: null,
  snapshot: 'value',
})
