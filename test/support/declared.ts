import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const folder = fileURLToPath(new URL('../../src/types', import.meta.url))

/** The interfaces of `src/types` by name. */
const interfaces = new Map(
  readdirSync(folder)
    .map((name) => join(folder, name))
    .flatMap((path) => [
      ...ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true).statements,
    ])
    .filter(ts.isInterfaceDeclaration)
    .map((node) => [node.name.text, node]),
)

/** The members of a public interface by name, including those it extends. Members under a symbol are left out. */
function declarationsOf(name: string): Map<string, ts.TypeElement[]> {
  const found = interfaces.get(name)
  if (found === undefined) throw new Error(`src/types declares no interface ${name}.`)
  const members = new Map<string, ts.TypeElement[]>()
  const add = (key: string, more: readonly ts.TypeElement[]) => members.set(key, [...(members.get(key) ?? []), ...more])
  for (const member of found.members) if (member.name && ts.isIdentifier(member.name)) add(member.name.text, [member])
  const bases = found.heritageClauses?.flatMap(({ types }) => types.map(({ expression }) => expression.getText())) ?? []
  for (const base of bases) if (interfaces.has(base)) for (const entry of declarationsOf(base)) add(...entry)
  return members
}

export const membersOf = (name: string): string[] => [...declarationsOf(name).keys()].sort()

/** The maximum number of arguments of each method of an interface. */
export function arityOf(name: string): Map<string, number> {
  const members = declarationsOf(name)
  const most = (key: string): number => Math.max(...(members.get(key) as ts.TypeElement[]).map(count))
  const count = (member: ts.TypeElement): number => {
    if (ts.isMethodSignature(member)) return parameterCount(member.parameters)
    // `orWhere: this['where']`
    const same = ts.isPropertySignature(member) && member.type?.getText().match(/^this\['(\w+)'\]$/)
    return same ? most(same[1] as string) : Number.NaN
  }
  return new Map([...members.keys()].map((key) => [key, most(key)]))
}

/** The maximum number of arguments of a function; Infinity if it has a rest parameter. */
export function parameterCount(parameters: readonly ts.ParameterDeclaration[]): number {
  const own = parameters.filter((parameter) => parameter.name.getText() !== 'this')
  return own.at(-1)?.dotDotDotToken === undefined ? own.length : Number.POSITIVE_INFINITY
}
