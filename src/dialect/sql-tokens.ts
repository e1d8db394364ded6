// The words of SQL that a database wrote, for what its catalog does not list.

export interface SqlToken {
  readonly kind: 'word' | 'name' | 'text' | 'number' | 'symbol' | 'comment'
  /** Without its quotes. Words are as they were written. */
  readonly value: string
  readonly start: number
  readonly end: number
}

export interface TokenSyntax {
  /** A backslash escapes the next character of a text. */
  readonly backslash: boolean
  /** Names may stand in square brackets, as they do unless this is false. */
  readonly brackets?: boolean
}

const PATTERN =
  /(?<space>\s+)|(?<comment>--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|(?<name>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\])|(?<number>0x[\da-f]+|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|x'[^']*')|(?<word>[\p{L}_\u0080-\u{10ffff}][\p{L}\p{N}_$\u0080-\u{10ffff}]*)|(?<symbol><>|!=|<=|>=|==|\|\||<<|>>|->>|->|[\s\S])/giuy
const TEXT = /'(?:[^']|'')*'/y
const TEXT_WITH_BACKSLASH = /'(?:[^'\\]|''|\\[\s\S])*'/y

export function tokensOf(sql: string, { backslash, brackets = true }: TokenSyntax): SqlToken[] {
  const tokens: SqlToken[] = []
  const text = new RegExp(backslash ? TEXT_WITH_BACKSLASH : TEXT)
  const other = new RegExp(PATTERN)
  const symbol = /[[\]]/y
  let start = 0
  while (start < sql.length) {
    const isBracket = !brackets && sql[start] === '['
    const pattern = isBracket ? symbol : sql[start] === "'" ? text : other
    pattern.lastIndex = start
    const match = pattern.exec(sql)
    const end = match === null ? sql.length : pattern.lastIndex
    const found = sql.slice(start, end)
    const groups = match?.groups
    if (pattern === text) tokens.push({ kind: 'text', value: unquoted(found, backslash), start, end })
    else if (groups?.space === undefined) tokens.push({ ...kindOf(found, groups ?? {}), start, end })
    start = end
  }
  return tokens
}

function kindOf(found: string, groups: Record<string, string | undefined>): Pick<SqlToken, 'kind' | 'value'> {
  if (groups.comment !== undefined)
    return { kind: 'comment', value: found.startsWith('--') ? found.slice(2) : found.slice(2).replace(/\*\/$/, '') }
  if (groups.name !== undefined) return { kind: 'name', value: unquotedName(found) }
  if (groups.number !== undefined) return { kind: 'number', value: found }
  return { kind: groups.word === undefined ? 'symbol' : 'word', value: found }
}

function unquotedName(text: string): string {
  const inner = text.slice(1, -1)
  return text.startsWith('[') ? inner : inner.replaceAll(text[0]?.repeat(2) ?? '', text[0] ?? '')
}

/** The characters that MySQL writes after a backslash, and what they stand for. */
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['0', '\0'],
  ['b', '\b'],
  ['Z', '\x1a'],
])

function unquoted(text: string, backslash: boolean): string {
  const inner = text.slice(1, -1)
  if (!backslash) return inner.replaceAll("''", "'")
  return inner.replace(/''|\\([\s\S])/g, (_, escaped?: string) =>
    escaped === undefined ? "'" : (ESCAPES.get(escaped) ?? escaped),
  )
}

/** Reads tokens one after the other. Comments are skipped. */
export class TokenReader {
  #at = 0
  readonly tokens: readonly SqlToken[]

  constructor(
    readonly sql: string,
    tokens: readonly SqlToken[],
  ) {
    this.tokens = tokens.filter(({ kind }) => kind !== 'comment')
  }

  get done(): boolean {
    return this.#at >= this.tokens.length
  }

  peek(ahead = 0): SqlToken | undefined {
    return this.tokens[this.#at + ahead]
  }

  take(): SqlToken | undefined {
    const token = this.tokens[this.#at]
    this.#at++
    return token
  }

  /** Whether these words come next. */
  isNext(...words: readonly string[]): boolean {
    return words.every((word, i) => {
      const token = this.peek(i)
      return token !== undefined && token.kind !== 'name' && token.kind !== 'text' && token.value.toLowerCase() === word
    })
  }

  /** Reads these words if they come next. */
  skip(...words: readonly string[]): boolean {
    if (!this.isNext(...words)) return false
    this.#at += words.length
    return true
  }

  /** Reads a name. */
  name(): string {
    return this.take()?.value ?? ''
  }

  /** Reads what is in brackets, with the brackets. */
  group(): readonly SqlToken[] {
    const from = this.#at
    let depth = 0
    do {
      const token = this.take()
      if (token?.kind !== 'symbol') continue
      if (token.value === '(') depth++
      else if (token.value === ')') depth--
    } while (depth > 0 && !this.done)
    return this.tokens.slice(from, this.#at)
  }

  /** The SQL between the brackets that come next. */
  inBrackets(): string {
    const tokens = this.group()
    return this.textOf(tokens.slice(1, -1))
  }

  /** Reads the names in brackets. */
  names(): string[] {
    return itemsIn(this.group().slice(1, -1)).flatMap(([first]) => first?.value ?? [])
  }

  textOf(tokens: readonly SqlToken[]): string {
    const [first, last] = [tokens[0], tokens.at(-1)]
    return first === undefined || last === undefined ? '' : this.sql.slice(first.start, last.end)
  }
}

/** Splits tokens at the commas that are in no brackets. */
export function itemsIn(tokens: readonly SqlToken[]): SqlToken[][] {
  const items: SqlToken[][] = []
  let item: SqlToken[] = []
  let depth = 0
  for (const token of tokens) {
    if (token.kind === 'symbol') {
      if (token.value === '(') depth++
      else if (token.value === ')') depth--
    }
    if (token.kind === 'symbol' && token.value === ',' && depth === 0) {
      items.push(item)
      item = []
    } else item.push(token)
  }
  if (item.length > 0) items.push(item)
  return items
}
