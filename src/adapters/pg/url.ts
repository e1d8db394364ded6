import { ConfigurationError } from '../../errors.js'
import { urlOrNull } from '../../util/url.js'
import { decodeUrlPart, fileOption, secondsOf, withoutUndefined } from '../adapter.js'

/** The options of pg's client that a URL stands for. */
export interface PgTarget {
  readonly host?: string
  readonly port?: number
  readonly user?: string
  readonly password?: string
  readonly database?: string
  readonly application_name?: string
  /** `prefer` uses TLS if the server supports it. */
  readonly ssl?: false | 'prefer' | Record<string, unknown>
  readonly enableChannelBinding?: boolean
  /** Settings for the start of each session, in the syntax of PostgreSQL's command line. */
  readonly options?: string
}

export interface PgUrl {
  readonly target: PgTarget
  /** False behind a pooler that assigns server connections per statement. */
  readonly prepare: boolean
  /** How many connections statements outside transactions share. */
  readonly shared: number | undefined
  /** How long to wait for a new connection, in milliseconds. */
  readonly connectTimeout?: number
}

/** The parameters that corm accepts in a URL. All others are refused, so that no option of the driver can slip in. */
const OPTIONS: readonly string[] = [
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
  'channel_binding',
  'connect_timeout',
  'options',
  'schema',
  'pgbouncer',
]

export function readPgUrl(given: string): PgUrl {
  const url = urlOrNull(given)
  if (url === null)
    throw new ConfigurationError(
      "The PostgreSQL URL can't be read. Write postgres://user:password@host:5432/database, special characters of the password percent-encoded.",
    )
  const options = url.searchParams
  const unknown = [...new Set(options.keys())].filter((name) => !OPTIONS.includes(name))
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
    enableChannelBinding: channelBinding(options),
    options: sessionOptions(options),
  }
  const shared = options.get('shared_size')
  if (shared !== null && !/^\d{1,4}$/.test(shared))
    throw new ConfigurationError('"shared_size" of the PostgreSQL URL must be a number of connections.')
  return {
    target: withoutUndefined(target),
    prepare: isOn(options.get('prepare')) && !isTrue(options, 'pgbouncer'),
    shared: shared === null ? undefined : Number(shared),
    ...secondsOf(options, 'PostgreSQL'),
  }
}

/** Reads `pgbouncer=true`, the parameter that Prisma uses. */
function isTrue(options: URLSearchParams, name: string): boolean {
  const value = options.get(name) ?? 'false'
  if (value === 'true' || value === 'false') return value === 'true'
  throw new ConfigurationError(`"${name}" of the PostgreSQL URL must be "true" or "false".`)
}

/** The driver can't guarantee `require`. TLS with a verified certificate also prevents a man in the middle. */
function channelBinding(options: URLSearchParams): boolean | undefined {
  const value = options.get('channel_binding')
  if (value === null || value === 'disable') return undefined
  if (value !== 'prefer' && value !== 'require')
    throw new ConfigurationError('"channel_binding" of the PostgreSQL URL must be one of: disable, prefer, require.')
  if (value === 'require' && !VERIFIED.has(options.get('sslmode') ?? ''))
    throw new ConfigurationError(
      '"channel_binding=require" of the PostgreSQL URL needs TLS with a checked certificate: add sslmode=require or sslmode=verify-full.',
    )
  return true
}
const VERIFIED: ReadonlySet<string> = new Set(['require', 'verify-ca', 'verify-full'])

/** `schema` is the schema for unqualified names, in which tables are also created. */
function sessionOptions(options: URLSearchParams): string | undefined {
  const given = options.get('options')
  const schema = options.get('schema')
  if (schema === null) return given ?? undefined
  // a blank would end the setting, so it is escaped with a backslash
  const path = `"${schema.replaceAll('"', '""')}"`.replace(/[\\\s]/g, '\\$&')
  return [...(given === null ? [] : [given]), `-c search_path=${path}`].join(' ')
}

const decode = (part: string): string => decodeUrlPart(part, 'PostgreSQL')

function isOn(value: string | null): boolean {
  if (value === null || value === 'named' || value === 'on') return true
  if (value === 'off') return false
  throw new ConfigurationError('"prepare" of the PostgreSQL URL must be "on" or "off".')
}

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
    case 'prefer':
    case 'allow':
      return 'prefer'
    case 'no-verify':
      return { ...withoutUndefined(files), rejectUnauthorized: false }
    case 'verify-ca':
      return { ...withoutUndefined(files), rejectUnauthorized: true, checkServerIdentity: () => undefined }
    case 'require':
    case 'verify-full':
      return { ...withoutUndefined(files), rejectUnauthorized: true }
    default:
      throw new ConfigurationError(
        '"sslmode" of the PostgreSQL URL must be one of: disable, allow, prefer, require, verify-ca, verify-full, no-verify. "require" checks the certificate too.',
      )
  }
}
