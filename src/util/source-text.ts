// Writes TypeScript source: every text in it is a literal made by one function, so that names and values of a database are never
// read as code.

/** Source that is laid out when it is written: on one line if it fits. */
export type Source =
  | string
  | { readonly open: string; readonly items: readonly Source[]; readonly close: string; readonly before?: string }
  | { readonly parts: readonly Source[] }

/** The longest line. */
export const WIDTH = 120

const NEW_LINES = /[\u2028\u2029]/g

/** A text as a literal. */
export function stringLiteral(text: string): string {
  const inner = JSON.stringify(text)
    .slice(1, -1)
    .replace(NEW_LINES, (character) => `\\u${character.charCodeAt(0).toString(16)}`)
  // single quotes, unless they would have to be escaped
  if (text.includes("'") && !text.includes('"')) return `"${inner}"`
  return `'${inner.replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}

const IDENTIFIER = /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u

/** A name as the key of an object. */
export const keyLiteral = (name: string): string =>
  name === '__proto__' ? "['__proto__']" : IDENTIFIER.test(name) ? name : stringLiteral(name)

/** Access to a member: `c.price`, or `c['unit price']`. */
export const member = (object: string, name: string): string =>
  IDENTIFIER.test(name) ? `${object}.${name}` : `${object}[${stringLiteral(name)}]`

export const objectSource = (entries: readonly (readonly [string, Source])[]): Source =>
  entries.length === 0
    ? '{}'
    : { open: '{ ', close: ' }', items: entries.map(([key, value]) => ({ parts: [`${keyLiteral(key)}: `, value] })) }

export const listSource = (items: readonly Source[]): Source =>
  items.length === 0 ? '[]' : { open: '[', close: ']', items }

/** A call. Its last argument may be broken over lines. */
export const callSource = (name: string, args: readonly Source[]): Source =>
  args.length === 1 && typeof args[0] !== 'string'
    ? { parts: [`${name}(`, args[0] as Source, ')'] }
    : { open: `${name}(`, close: ')', items: args }

/** A value as a literal. */
export function valueSource(value: unknown): Source {
  if (typeof value === 'string') return stringLiteral(value)
  if (typeof value === 'bigint') return `${value}n`
  if (value instanceof Date) return `new Date(${stringLiteral(value.toISOString())})`
  if (value instanceof Uint8Array) return `Uint8Array.of(${[...value].join(', ')})`
  if (value instanceof Float32Array) return listSource([...value].map(valueSource))
  if (Array.isArray(value)) return listSource(value.map(valueSource))
  if (typeof value === 'object' && value !== null)
    return objectSource(Object.entries(value).map(([key, each]) => [key, valueSource(each)] as const))
  if (Object.is(value, -0)) return '-0'
  return String(value)
}

function flat(source: Source): string {
  if (typeof source === 'string') return source
  if ('parts' in source) return source.parts.map(flat).join('')
  return `${source.open}${source.items.map(flat).join(', ')}${source.close}`
}

/** The text of the source, indented by so many levels. `used` is what stands before and after it in its line. */
export function writeSource(source: Source, level = 0, used = 0): string {
  const line = flat(source)
  if (typeof source === 'string' || (line.length + level * 2 + used <= WIDTH && !line.includes('\n'))) return line
  if ('parts' in source) {
    let text = ''
    for (const [i, part] of source.parts.entries()) {
      const rest = source.parts
        .slice(i + 1)
        .map(flat)
        .join('')
      const before = text.slice(text.lastIndexOf('\n') + 1).length
      text += writeSource(part, level, text.includes('\n') ? rest.length : before + rest.length)
    }
    return text
  }
  const indent = '  '.repeat(level + 1)
  const items = source.items.map((item) => `${indent}${writeSource(item, level + 1, 1)},\n`)
  return `${source.open.trimEnd()}\n${items.join('')}${'  '.repeat(level)}${source.close.trimStart()}`
}
