import { ConfigurationError } from '../../errors.js'
import { decodeUrlPart, fileOption, withoutUndefined } from '../adapter.js'

/** What a URL says, as pg's client takes it. */
export interface PgTarget {
  readonly host?: string
  readonly port?: number
  readonly user?: string
  readonly password?: string
  readonly database?: string
  readonly application_name?: string
  readonly ssl?: false | Record<string, unknown>
}

export interface PgUrl {
  readonly target: PgTarget
  /** False behind a pooler that hands out server connections statement by statement. */
  readonly prepare: boolean
  /** Connections for statements outside transactions. */
  readonly shared: number | undefined
}

/** Parameters that corm takes from a URL; everything else is refused, so that no driver option can slip in. */
const OPTIONS = [
  'min_size',
  'max_size',
  'shared_size',
  'application_name',
  'host',
  'prepare',
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
] as const

export function readPgUrl(given: URL | string): PgUrl {
  const url = parse(given)
  const options = url.searchParams
  const unknown = [...new Set(options.keys())].filter((name) => !(OPTIONS as readonly string[]).includes(name))
  if (unknown.length > 0) {
    const names = unknown.map((name) => `"${name}"`).join(', ')
    throw new ConfigurationError(
      `The PostgreSQL URL has the unknown option ${names}. Choose from: ${OPTIONS.join(', ')}.`,
    )
  }
  const target = {
    host: options.get('host') ?? (decode(url.hostname.replace(/^\[(.*)\]$/, '$1')) || undefined),
    port: url.port === '' ? undefined : Number(url.port),
    user: decode(url.username) || undefined,
    password: decode(url.password) || undefined,
    database: decode(url.pathname.slice(1)) || undefined,
    application_name: options.get('application_name') ?? undefined,
    ssl: sslOf(options),
  }
  const shared = options.get('shared_size')
  if (shared !== null && !/^\d{1,4}$/.test(shared))
    throw new ConfigurationError('"shared_size" of the PostgreSQL URL must be a number of connections.')
  return {
    target: withoutUndefined(target),
    prepare: isOn(options.get('prepare')),
    shared: shared === null ? undefined : Number(shared),
  }
}

/** Node's own error would carry the whole URL, password included. */
function parse(given: URL | string): URL {
  try {
    return new URL(given)
  } catch {
    throw new ConfigurationError(
      "The PostgreSQL URL can't be read. Write postgres://user:password@host:5432/database, special characters of the password percent-encoded.",
    )
  }
}

const decode = (part: string): string => decodeUrlPart(part, 'PostgreSQL')

function isOn(value: string | null): boolean {
  if (value === null || value === 'named' || value === 'on') return true
  if (value === 'off') return false
  throw new ConfigurationError('"prepare" of the PostgreSQL URL must be "on" or "off".')
}

/** `prefer` and `allow` would go on without TLS when the server has none: they are not offered. */
function sslOf(options: URLSearchParams): PgTarget['ssl'] {
  const mode = options.get('sslmode')
  const files = {
    ca: fileOption(options, 'sslrootcert', 'PostgreSQL'),
    cert: fileOption(options, 'sslcert', 'PostgreSQL'),
    key: fileOption(options, 'sslkey', 'PostgreSQL'),
  }
  switch (mode) {
    case null:
      return Object.values(files).some((file) => file !== undefined) ? withoutUndefined(files) : undefined
    case 'disable':
      return false
    case 'no-verify':
      return { ...withoutUndefined(files), rejectUnauthorized: false }
    case 'verify-ca':
      return { ...withoutUndefined(files), rejectUnauthorized: true, checkServerIdentity: () => undefined }
    case 'require':
    case 'verify-full':
      return { ...withoutUndefined(files), rejectUnauthorized: true }
    default:
      throw new ConfigurationError(
        '"sslmode" of the PostgreSQL URL must be one of: disable, require, verify-ca, verify-full, no-verify. "require" checks the certificate too.',
      )
  }
}
