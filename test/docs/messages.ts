import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import ts from 'typescript'
import { root } from './pages.js'

// Reads the source's syntax trees for every error that is constructed, and what its message can be.

/** The messages of a class of errors, or of the issues with one code. */
export type Messages = ReadonlyMap<string, ReadonlySet<string>>

export interface Collected {
  /** By class. */
  readonly errors: Messages
  /** By code of the issue. */
  readonly issues: Messages
  /** Constructions whose message could not be read at all: `file:line`. */
  readonly unread: readonly string[]
}

/** Stands for a part of a message that is known at run time only. */
const GAP = '…'
/** A message with more alternatives than this gets a gap where they differ. */
const MOST_ALTERNATIVES = 12
const DEEPEST = 8
/** Functions whose texts are left out: what sort of value it is, and hints that only some messages end with. */
const SHORT: Readonly<Record<string, string>> = {
  describe: GAP,
  kindOf: GAP,
  near: '',
  suggestion: '',
  copyHint: '',
  quoted: `"${GAP}"`,
  quotedName: `"${GAP}"`,
}
/** A function with more calls is read once, with gaps for what they give. */
const MOST_CALLS = 40

/** What parameters stand for while a function is read; its own names are looked up in the outer ones. */
type Bindings = ReadonlyMap<ts.Symbol, readonly string[]>
const NONE: Bindings = new Map()

const unique = (texts: readonly string[]): readonly string[] => [...new Set(texts)]
const capped = (texts: readonly string[]): readonly string[] =>
  texts.length > MOST_ALTERNATIVES ? [GAP] : unique(texts)

export class MessageReader {
  readonly #program: ts.Program
  readonly #checker: ts.TypeChecker
  readonly #files: readonly ts.SourceFile[]
  /** Calls and constructions by the function, method or class they name. */
  readonly #calls = new Map<ts.Symbol, (ts.CallExpression | ts.NewExpression)[]>()

  constructor(folder = join(root, 'src')) {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
    const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.NodeNext, noLib: true, types: [] }
    this.#program = ts.createProgram(
      names.map((name) => join(folder, name)),
      options,
    )
    this.#checker = this.#program.getTypeChecker()
    this.#files = this.#program.getSourceFiles().filter((file) => file.fileName.startsWith(folder))
    this.#everyNode((node) => {
      // methods are left out: to find theirs, the checker would check all of the source
      if (!(ts.isCallExpression(node) || ts.isNewExpression(node)) || !ts.isIdentifier(node.expression)) return
      const named = this.#symbol(node.expression)
      if (named !== undefined) this.#calls.set(named, [...(this.#calls.get(named) ?? []), node])
    })
  }

  /** All messages of these classes, and of issues with these codes. */
  collect(classes: ReadonlySet<string>, codes: ReadonlySet<string>): Collected {
    const errors = new Map<string, Set<string>>()
    const issues = new Map<string, Set<string>>()
    const unread: string[] = []
    const add = (to: Map<string, Set<string>>, key: string, texts: readonly string[]) => {
      const set = to.get(key) ?? new Set()
      to.set(key, set)
      for (const text of texts) if (hasWords(text)) set.add(text)
      return texts.some(hasWords)
    }
    this.#everyNode((node) => {
      if (ts.isNewExpression(node)) {
        for (const name of this.#classesOf(node.expression))
          if (classes.has(name) && !add(errors, name, this.#messagesOf(node, name)) && !repeats(node))
            unread.push(placeOf(node))
      }
      for (const [code, text] of this.#issueOf(node, codes))
        for (const bindings of this.#bindingsAt(node)) add(issues, code, this.#texts(text, bindings, 0))
    })
    return { errors: general(errors), issues: general(issues), unread }
  }

  #everyNode(look: (node: ts.Node) => void): void {
    const visit = (node: ts.Node): void => {
      look(node)
      ts.forEachChild(node, visit)
    }
    for (const file of this.#files) visit(file)
  }

  #symbol(node: ts.Node): ts.Symbol | undefined {
    const symbol = this.#checker.getSymbolAtLocation(ts.isPropertyAccessExpression(node) ? node.name : node)
    if (symbol === undefined) return undefined
    return symbol.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(symbol) : symbol
  }

  /** The names of the classes that `new` may construct here: a parameter that holds a class has those of its calls. */
  #classesOf(expression: ts.Expression): readonly string[] {
    const symbol = this.#symbol(expression)
    const declaration = symbol?.valueDeclaration
    if (symbol === undefined || declaration === undefined) return []
    if (ts.isClassDeclaration(declaration)) return [symbol.name]
    if (!ts.isParameter(declaration)) return []
    const defaults = declaration.initializer === undefined ? [] : this.#classesOf(declaration.initializer)
    const given = this.#argumentsFor(declaration).flatMap((argument) => this.#classesOf(argument))
    return unique([...defaults, ...given])
  }

  /** What callers give for a parameter. */
  #argumentsFor(parameter: ts.ParameterDeclaration): ts.Expression[] {
    const owner = parameter.parent
    const position = owner.parameters.indexOf(parameter)
    const named = this.#ownerSymbol(owner)
    if (named === undefined) return []
    return (this.#calls.get(named) ?? []).flatMap((call) => call.arguments?.[position] ?? [])
  }

  #ownerSymbol(owner: ts.SignatureDeclaration): ts.Symbol | undefined {
    if (ts.isConstructorDeclaration(owner)) return owner.parent.name && this.#symbol(owner.parent.name)
    if (owner.name !== undefined) return this.#symbol(owner.name)
    return ts.isVariableDeclaration(owner.parent) ? this.#symbol(owner.parent.name) : undefined
  }

  /** The messages of a construction, for each call of the function that it stands in. */
  #messagesOf(node: ts.NewExpression, name: string): readonly string[] {
    return unique(this.#bindingsAt(node).flatMap((bindings) => this.#messageOf(node, name, bindings)))
  }

  /** What the class, or the one that it extends, hands to Error. */
  #messageOf(node: ts.NewExpression, name: string, bindings: Bindings): readonly string[] {
    const declaration = this.#classNamed(name)
    const given = (node.arguments ?? []).map((argument) => this.#texts(argument, bindings, 0))
    return declaration === undefined ? (given[0] ?? []) : this.#superMessage(declaration, given)
  }

  /** What callers give to the function around a node, together for each call. */
  #bindingsAt(node: ts.Node): readonly Bindings[] {
    const owner = ts.findAncestor(node, (each) => ts.isFunctionLike(each) && each.parameters.length > 0)
    if (owner === undefined || !ts.isFunctionLike(owner)) return [NONE]
    const named = this.#ownerSymbol(owner)
    const calls = named === undefined ? [] : (this.#calls.get(named) ?? [])
    if (calls.length === 0 || calls.length > MOST_CALLS) return [NONE]
    return calls.map((call) =>
      this.#bind(
        owner.parameters,
        (call.arguments ?? []).map((argument) => this.#texts(argument, NONE, 2)),
      ),
    )
  }

  #classNamed(name: string): ts.ClassDeclaration | undefined {
    for (const file of this.#files)
      for (const statement of file.statements)
        if (ts.isClassDeclaration(statement) && statement.name?.text === name) return statement
    return undefined
  }

  #superMessage(declaration: ts.ClassDeclaration, given: readonly (readonly string[])[]): readonly string[] {
    const made = declaration.members.find(ts.isConstructorDeclaration)
    const base = declaration.heritageClauses?.[0]?.types[0]?.expression
    const name = base !== undefined && ts.isIdentifier(base) ? base.text : 'Error'
    if (name === 'Error') return given[0] ?? []
    const parent = this.#classNamed(name)
    if (made === undefined) return parent === undefined ? (given[0] ?? []) : this.#superMessage(parent, given)
    const call = superCall(made)
    if (call === undefined) return [GAP]
    const bindings = this.#bind(made.parameters, given)
    const handed = call.arguments.map((argument) => this.#texts(argument, bindings, 1))
    return parent === undefined ? (handed[0] ?? []) : this.#superMessage(parent, handed)
  }

  #bind(parameters: readonly ts.ParameterDeclaration[], given: readonly (readonly string[])[]): Bindings {
    const bindings = new Map<ts.Symbol, readonly string[]>()
    parameters.forEach((parameter, i) => {
      const texts = given[i] ?? (parameter.initializer ? this.#texts(parameter.initializer, NONE, 1) : undefined)
      for (const symbol of this.#symbolsOf(parameter))
        bindings.set(symbol, texts ?? (parameter.questionToken ? [''] : [GAP]))
    })
    return bindings
  }

  /** A parameter with a modifier is a property too. */
  #symbolsOf(parameter: ts.ParameterDeclaration): readonly ts.Symbol[] {
    if (ts.isParameterPropertyDeclaration(parameter, parameter.parent) && ts.isIdentifier(parameter.name))
      return this.#checker.getSymbolsOfParameterPropertyDeclaration(parameter, parameter.name.text)
    const symbol = this.#symbol(parameter.name)
    return symbol === undefined ? [] : [symbol]
  }

  /** What a node says of an issue: its code and the expression of its message. */
  #issueOf(node: ts.Node, codes: ReadonlySet<string>): (readonly [string, ts.Expression])[] {
    if (ts.isObjectLiteralExpression(node)) {
      const code = propertyOf(node, 'code')
      const message = propertyOf(node, 'message')
      if (code === undefined || message === undefined || !ts.isStringLiteral(code) || !codes.has(code.text)) return []
      return [[code.text, message]]
    }
    if (!ts.isCallExpression(node) && !ts.isNewExpression(node)) return []
    const given = node.arguments ?? []
    return given.flatMap((code, i) => {
      const message = given[i + 1]
      const isIssue = ts.isStringLiteral(code) && codes.has(code.text) && message !== undefined && isText(message)
      return isIssue ? [[code.text, message] as const] : []
    })
  }

  /** The texts that an expression can be, with gaps for what only a run knows. */
  #texts(node: ts.Expression, bindings: Bindings, depth: number): readonly string[] {
    if (depth > DEEPEST) return [GAP]
    const texts = (inner: ts.Expression) => this.#texts(inner, bindings, depth + 1)
    if (ts.isStringLiteralLike(node) || ts.isNumericLiteral(node)) return [node.text]
    if (ts.isTemplateExpression(node))
      return joined([
        [node.head.text],
        ...node.templateSpans.flatMap((span) => [texts(span.expression), [span.literal.text]]),
      ])
    if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isNonNullExpression(node))
      return texts(node.expression)
    if (ts.isConditionalExpression(node)) return capped([...texts(node.whenTrue), ...texts(node.whenFalse)])
    if (ts.isBinaryExpression(node)) return this.#ofBinary(node, texts)
    if (ts.isIdentifier(node)) return this.#ofName(node, bindings, depth)
    if (ts.isElementAccessExpression(node)) return this.#ofElement(node, bindings, depth)
    return ts.isCallExpression(node) ? this.#ofCall(node, bindings, depth) : [GAP]
  }

  #ofBinary(node: ts.BinaryExpression, texts: (inner: ts.Expression) => readonly string[]): readonly string[] {
    const { kind } = node.operatorToken
    if (kind === ts.SyntaxKind.PlusToken) {
      const sides = [texts(node.left), texts(node.right)]
      return sides.some((side) => side.some(hasWords)) ? joined(sides) : [GAP]
    }
    if (kind === ts.SyntaxKind.QuestionQuestionToken || kind === ts.SyntaxKind.BarBarToken)
      return capped([...texts(node.left), ...texts(node.right)])
    if (kind !== ts.SyntaxKind.AmpersandAmpersandToken) return [GAP]
    const left = texts(node.left)
    if (left.every((text) => text === '')) return ['']
    return left.every((text) => text !== '' && text !== GAP) ? texts(node.right) : capped(['', ...texts(node.right)])
  }

  #ofName(node: ts.Identifier | ts.PropertyAccessExpression, bindings: Bindings, depth: number): readonly string[] {
    const symbol = this.#symbol(node)
    if (symbol === undefined) return [GAP]
    const bound = bindings.get(symbol)
    if (bound !== undefined) return bound
    const declaration = symbol.valueDeclaration
    if (declaration === undefined) return [GAP]
    if (ts.isParameter(declaration)) return this.#ofParameter(declaration, depth)
    const holds =
      ts.isVariableDeclaration(declaration) ||
      ts.isPropertyAssignment(declaration) ||
      ts.isPropertyDeclaration(declaration)
    return holds && declaration.initializer !== undefined
      ? this.#texts(declaration.initializer, bindings, depth + 1)
      : [GAP]
  }

  /** A parameter stands for what callers give. */
  #ofParameter(parameter: ts.ParameterDeclaration, depth: number): readonly string[] {
    const given = this.#argumentsFor(parameter)
    if (given.length === 0) return [GAP]
    const texts = unique(given.flatMap((argument) => this.#texts(argument, NONE, depth + 2)))
    return texts.length > MOST_ALTERNATIVES && depth > 0 ? [GAP] : texts
  }

  /** A text of a table, by a key that only a run knows. */
  #ofElement(node: ts.ElementAccessExpression, bindings: Bindings, depth: number): readonly string[] {
    const table = this.#tableOf(node.expression)
    if (table === undefined) return [GAP]
    const values = table.properties.filter(ts.isPropertyAssignment).map((property) => property.initializer)
    return capped(values.flatMap((value) => this.#texts(value, bindings, depth + 1)))
  }

  #tableOf(node: ts.Expression): ts.ObjectLiteralExpression | undefined {
    const declaration = this.#symbol(node)?.valueDeclaration
    if (declaration === undefined || !ts.isVariableDeclaration(declaration)) return undefined
    const { initializer } = declaration
    if (initializer === undefined) return undefined
    if (ts.isObjectLiteralExpression(initializer)) return initializer
    const [inner] = ts.isCallExpression(initializer) ? initializer.arguments : []
    return inner !== undefined && ts.isObjectLiteralExpression(inner) ? inner : undefined
  }

  #ofCall(node: ts.CallExpression, bindings: Bindings, depth: number): readonly string[] {
    const called = this.#symbol(node.expression)
    if (called === undefined) return [GAP]
    if (Object.hasOwn(SHORT, called.name)) return [SHORT[called.name] as string]
    const made = functionOf(called)
    if (made?.body === undefined || ts.findAncestor(node, (each) => each === made) !== undefined) return [GAP]
    const given = node.arguments.map((argument) => this.#texts(argument, bindings, depth + 1))
    const inner = this.#bind(made.parameters, given)
    const results = ts.isBlock(made.body) ? returned(made.body) : [made.body]
    return results.length === 0 ? [GAP] : capped(results.flatMap((each) => this.#texts(each, inner, depth + 1)))
  }
}

type MadeFunction = ts.FunctionDeclaration | ts.ArrowFunction | ts.FunctionExpression | ts.MethodDeclaration

function functionOf(symbol: ts.Symbol): MadeFunction | undefined {
  const declaration = symbol.valueDeclaration
  if (declaration === undefined) return undefined
  if (ts.isFunctionDeclaration(declaration) || ts.isMethodDeclaration(declaration)) return declaration
  const initializer = ts.isVariableDeclaration(declaration) ? declaration.initializer : undefined
  return initializer !== undefined && (ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer))
    ? initializer
    : undefined
}

function returned(body: ts.Block): ts.Expression[] {
  const found: ts.Expression[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node)) return
    if (ts.isReturnStatement(node) && node.expression !== undefined) found.push(node.expression)
    ts.forEachChild(node, visit)
  }
  ts.forEachChild(body, visit)
  return found
}

function superCall(made: ts.ConstructorDeclaration): ts.CallExpression | undefined {
  let found: ts.CallExpression | undefined
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.SuperKeyword) found ??= node
    ts.forEachChild(node, visit)
  }
  visit(made)
  return found
}

function propertyOf(node: ts.ObjectLiteralExpression, name: string): ts.Expression | undefined {
  for (const property of node.properties)
    if (ts.isPropertyAssignment(property) && property.name.getText() === name) return property.initializer
  return undefined
}

/** Whether an argument is written as a text. */
const isText = (node: ts.Expression): boolean =>
  ts.isStringLiteralLike(node) ||
  ts.isTemplateExpression(node) ||
  ts.isIdentifier(node) ||
  ts.isConditionalExpression(node) ||
  ts.isCallExpression(node)

/** Whether an error has the message of another one. */
const repeats = (node: ts.NewExpression) => /\.message\b/.test(node.arguments?.[0]?.getText() ?? '')

/** Each part's alternatives with each other's; parts that have too many become a gap. */
function joined(parts: readonly (readonly string[])[]): readonly string[] {
  const count = parts.reduce((product, { length }) => product * length, 1)
  const few = count > MOST_ALTERNATIVES ? parts.map((part) => (part.length > 1 ? [GAP] : part)) : parts
  return unique(
    few
      .reduce<readonly string[]>((all, part) => all.flatMap((text) => part.map((more) => text + more)), [''])
      .map((text) => text.replace(/…{2,}/g, GAP)),
  )
}

/** Whether a message says anything in words of its own. */
const hasWords = (text: string) => /\p{L}{2}/u.test(text)

/** Messages that only begin with the names of different calls are one, where there are as many. */
const MANY_CALLS = 4

function withoutCalls(texts: ReadonlySet<string>): ReadonlySet<string> {
  const named = (text: string) => text.replace(/^(fn\.)?\w+(?=\()/, (_, prefix = '') => `${prefix}${GAP}`)
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(named(text), (counts.get(named(text)) ?? 0) + 1)
  return new Set([...texts].map((text) => ((counts.get(named(text)) ?? 0) < MANY_CALLS ? text : named(text))))
}

/** Without messages that another one of the same class covers with its gaps. */
function general(messages: ReadonlyMap<string, ReadonlySet<string>>): Messages {
  return new Map(
    [...messages].map(([key, all]) => {
      const texts = withoutCalls(all)
      const patterns = [...texts].map((text) => ({ text, covers: patternOf(text) }))
      const isCovered = (text: string) => patterns.some((one) => one.text !== text && one.covers?.test(text))
      return [key, new Set([...texts].filter((text) => !isCovered(text)).sort())] as const
    }),
  )
}

/** What a message with gaps covers, where each of them stands for a word or nothing; null: none. */
function patternOf(text: string): RegExp | null {
  if (!text.includes(GAP)) return null
  const parts = text.split(/…+/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('[^\\s"]*')}$`)
}

function placeOf(node: ts.Node): string {
  const file = node.getSourceFile()
  return `${relative(root, file.fileName)}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`
}
