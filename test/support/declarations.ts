import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

/** A method of the public declarations, with the parameters of all its overloads. */
export interface DeclaredMethod {
  readonly owner: string
  readonly name: string
  /** The maximum number of arguments of all overloads; Infinity for a rest parameter. */
  readonly most: number
  readonly parameters: readonly (readonly ts.ParameterDeclaration[])[]
  readonly async: boolean
}

const types = fileURLToPath(new URL('../../src/types', import.meta.url))
const sources = readdirSync(types).map((file) =>
  ts.createSourceFile(file, readFileSync(join(types, file), 'utf8'), ts.ScriptTarget.Latest, true),
)

const interfaces = new Map<string, ts.InterfaceDeclaration>()
const aliases = new Map<string, ts.TypeAliasDeclaration>()
for (const source of sources)
  source.forEachChild((node) => {
    if (ts.isInterfaceDeclaration(node)) interfaces.set(node.name.text, node)
    if (ts.isTypeAliasDeclaration(node)) aliases.set(node.name.text, node)
  })

const isThis = (parameter: ts.ParameterDeclaration) => parameter.name.getText() === 'this'

/** For a member such as `orWhere: this['where']`, the name of the member whose overloads it has. */
function likened(member: ts.TypeElement): string | undefined {
  if (!ts.isPropertySignature(member) || member.type === undefined || !ts.isIndexedAccessTypeNode(member.type))
    return undefined
  const { indexType } = member.type
  return ts.isLiteralTypeNode(indexType) && ts.isStringLiteral(indexType.literal) ? indexType.literal.text : undefined
}

/**
 * The call signatures of a member such as `create: StaticCreate` or `string: Maker<string>`, whose type is an interface
 * of calls, a named function type, or a name for several of these.
 */
function callsOf(member: ts.TypeElement): ts.SignatureDeclaration[] {
  if (!ts.isPropertySignature(member) || member.type === undefined || !ts.isTypeReferenceNode(member.type)) return []
  return callsIn(member.type)
}

function callsIn(type: ts.TypeNode): ts.SignatureDeclaration[] {
  if (ts.isParenthesizedTypeNode(type)) return callsIn(type.type)
  if (ts.isFunctionTypeNode(type)) return [type]
  if (ts.isIntersectionTypeNode(type)) return type.types.flatMap(callsIn)
  if (!ts.isTypeReferenceNode(type)) return []
  const name = type.typeName.getText()
  const alias = aliases.get(name)?.type
  if (alias !== undefined && (ts.isFunctionTypeNode(alias) || ts.isIntersectionTypeNode(alias))) return callsIn(alias)
  return interfaces.get(name)?.members.filter(ts.isCallSignatureDeclaration) ?? []
}

/** The methods that an interface of `src/types` declares itself. */
export function methodsOf(owner: string): DeclaredMethod[] {
  const declaration = interfaces.get(owner)
  if (declaration === undefined) throw new Error(`src/types has no interface "${owner}".`)
  const found = new Map<string, ts.SignatureDeclaration[]>()
  for (const member of declaration.members)
    if (ts.isMethodSignature(member))
      found.set(member.name.getText(), [...(found.get(member.name.getText()) ?? []), member])
  for (const member of declaration.members) {
    const calls = callsOf(member)
    if (calls.length > 0) found.set(member.name?.getText() ?? '', calls)
  }
  for (const member of declaration.members) {
    const like = likened(member)
    if (like !== undefined && found.has(like)) found.set(member.name?.getText() ?? '', found.get(like) ?? [])
  }
  return [...found].map(([name, overloads]) => {
    const parameters = overloads.map((overload) => overload.parameters.filter((each) => !isThis(each)))
    const counts = parameters.map((list) => (list.at(-1)?.dotDotDotToken ? Number.POSITIVE_INFINITY : list.length))
    const async = overloads.some(({ type }) => type?.getText().startsWith('Promise<') === true)
    return { owner, name, most: Math.max(...counts), parameters, async }
  })
}

/** Whether a parameter is an options object: all members of its type are optional, or its name says so. */
export function takesOptions(parameter: ts.ParameterDeclaration): boolean {
  const name = parameter.name.getText()
  if (['options', 'config', 'settings'].includes(name)) return true
  const { type } = parameter
  if (type === undefined) return false
  if (ts.isTypeLiteralNode(type)) return type.members.length > 0 && type.members.every(isOptional)
  if (!ts.isTypeReferenceNode(type)) return false
  const target = interfaces.get(type.typeName.getText())
  return target !== undefined && target.members.length > 0 && target.members.every(isOptional)
}

const isOptional = (member: ts.TypeElement) => ts.isPropertySignature(member) && member.questionToken !== undefined

/** `Owner.method` for each public method that takes options. */
export function methodsWithOptions(owners: readonly string[]): string[] {
  return owners.flatMap((owner) =>
    methodsOf(owner)
      .filter(({ parameters }) => parameters.some((list) => list.some(takesOptions)))
      .map(({ name }) => `${owner}.${name}`),
  )
}

export { aliases, interfaces }
