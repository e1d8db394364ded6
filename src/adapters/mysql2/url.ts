import { ConfigurationError } from '../../errors.js'
import { decodeUrlPart, fileOption, withoutUndefined } from '../adapter.js'

/** What a URL says, as mysql2 takes it. */
export interface MysqlTarget {
  readonly host?: string
  readonly port?: number
  readonly user?: string
  readonly password?: string
  readonly database?: string
  readonly socketPath?: string
  readonly ssl?: Record<string, unknown>
}

/** Parameters that corm takes from a URL; everything else is refused, so that no driver option can slip in. */
const OPTIONS = ['min_size', 'max_size', 'socket', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey'] as const

export function readMysqlUrl(given: URL | string): MysqlTarget {
  const url = parse(given)
  const options = url.searchParams
  const unknown = [...new Set(options.keys())].filter((name) => !(OPTIONS as readonly string[]).includes(name))
  if (unknown.length > 0) {
    const names = unknown.map((name) => `"${name}"`).join(', ')
    throw new ConfigurationError(`The MySQL URL has the unknown option ${names}. Choose from: ${OPTIONS.join(', ')}.`)
  }
  return withoutUndefined({
    host: decode(url.hostname.replace(/^\[(.*)\]$/, '$1')) || undefined,
    port: url.port === '' ? undefined : Number(url.port),
    user: decode(url.username) || undefined,
    password: decode(url.password) || undefined,
    database: decode(url.pathname.slice(1)) || undefined,
    socketPath: options.get('socket') ?? undefined,
    ssl: sslOf(options),
  })
}

/** Node's own error would carry the whole URL, password included. */
function parse(given: URL | string): URL {
  try {
    return new URL(given)
  } catch {
    throw new ConfigurationError(
      "The MySQL URL can't be read. Write mysql://user:password@host:3306/database, special characters of the password percent-encoded.",
    )
  }
}

const decode = (part: string): string => decodeUrlPart(part, 'MySQL')

/** `preferred` would go on without TLS when the server has none: it is not offered. */
function sslOf(options: URLSearchParams): MysqlTarget['ssl'] {
  const mode = options.get('sslmode')
  const files = withoutUndefined({
    ca: fileOption(options, 'sslrootcert', 'MySQL'),
    cert: fileOption(options, 'sslcert', 'MySQL'),
    key: fileOption(options, 'sslkey', 'MySQL'),
  })
  switch (mode) {
    case 'disable':
      return undefined
    case null:
      return Object.keys(files).length > 0 ? { ...files, rejectUnauthorized: true, verifyIdentity: true } : undefined
    case 'no-verify':
      return { ...files, rejectUnauthorized: false }
    case 'verify-ca':
      return { ...files, rejectUnauthorized: true }
    case 'require':
    case 'verify-full':
      return { ...files, rejectUnauthorized: true, verifyIdentity: true }
    default:
      throw new ConfigurationError(
        '"sslmode" of the MySQL URL must be one of: disable, require, verify-ca, verify-full, no-verify. "require" checks the certificate too.',
      )
  }
}
