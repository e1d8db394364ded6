import { ConfigurationError } from '../../errors.js'
import { own } from '../../util/own.js'
import { urlOrNull } from '../../util/url.js'
import { decodeUrlPart, fileOption, secondsOf, withoutUndefined } from '../adapter.js'

/** The options of mysql2 that a URL stands for. */
export interface MysqlTarget {
  readonly host?: string
  readonly port?: number
  readonly user?: string
  readonly password?: string
  readonly database?: string
  readonly socketPath?: string
  /** `prefer` uses TLS if the server supports it. */
  readonly ssl?: 'prefer' | Record<string, unknown>
  readonly connectAttributes?: { readonly program_name: string }
}

/** The parameters that corm accepts in a URL. All others are refused, so that no option of the driver can slip in. */
const OPTIONS: readonly string[] = [
  'min_size',
  'max_size',
  'socket',
  'sslmode',
  'ssl-mode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'connect_timeout',
  'application_name',
  'charset',
]

export interface MysqlUrl {
  readonly target: MysqlTarget
  /** How long to wait for a new connection, in milliseconds. */
  readonly connectTimeout?: number
}

export function readMysqlUrl(given: string): MysqlUrl {
  const url = urlOrNull(given)
  if (url === null)
    throw new ConfigurationError(
      "The MySQL URL can't be read. Write mysql://user:password@host:3306/database, special characters of the password percent-encoded.",
    )
  const options = url.searchParams
  const unknown = [...new Set(options.keys())].filter((name) => !OPTIONS.includes(name))
  if (unknown.length > 0) {
    const names = unknown.map((name) => `"${name}"`).join(', ')
    throw new ConfigurationError(`The MySQL URL has the unknown option ${names}. Choose from: ${OPTIONS.join(', ')}.`)
  }
  if (!/^utf8mb4(_|$)/i.test(options.get('charset') ?? 'utf8mb4'))
    throw new ConfigurationError('"charset" of the MySQL URL must be utf8mb4: nothing else holds every character.')
  const program = options.get('application_name')
  const target = withoutUndefined({
    host: decode(url.hostname.replace(/^\[(.*)\]$/, '$1')) || undefined,
    port: url.port === '' ? undefined : Number(url.port),
    user: decode(url.username) || undefined,
    password: decode(url.password) || undefined,
    database: decode(url.pathname.slice(1)) || undefined,
    socketPath: options.get('socket') ?? undefined,
    ssl: sslOf(options),
    connectAttributes: program === null ? undefined : { program_name: program },
  })
  return { target, ...secondsOf(options, 'MySQL') }
}

const decode = (part: string): string => decodeUrlPart(part, 'MySQL')

/** The names that MySQL's own clients use for the modes. */
const MODES: Readonly<Record<string, string>> = own({
  disabled: 'disable',
  preferred: 'prefer',
  required: 'require',
  verify_ca: 'verify-ca',
  verify_identity: 'verify-full',
})

function modeOf(options: URLSearchParams): string | null {
  const mode = options.get('sslmode') ?? options.get('ssl-mode')
  return mode === null ? null : (MODES[mode.toLowerCase()] ?? mode)
}

function sslOf(options: URLSearchParams): MysqlTarget['ssl'] {
  const mode = modeOf(options)
  const files = withoutUndefined({
    ca: fileOption(options, 'sslrootcert', 'MySQL'),
    cert: fileOption(options, 'sslcert', 'MySQL'),
    key: fileOption(options, 'sslkey', 'MySQL'),
  })
  switch (mode) {
    case 'disable':
      return undefined
    case 'prefer':
    case 'allow':
      return 'prefer'
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
        '"sslmode" of the MySQL URL must be one of: disable, allow, prefer, require, verify-ca, verify-full, no-verify. "require" checks the certificate too.',
      )
  }
}
