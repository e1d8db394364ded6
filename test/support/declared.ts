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

/** The methods and properties of an interface of the public types, and of those it extends; what is under a symbol has no name. */
export function membersOf(name: string): string[] {
  const found = interfaces.get(name)
  if (found === undefined) throw new Error(`src/types declares no interface ${name}.`)
  const own = found.members.flatMap((member) => (member.name && ts.isIdentifier(member.name) ? [member.name.text] : []))
  const bases = found.heritageClauses?.flatMap(({ types }) => types.map(({ expression }) => expression.getText())) ?? []
  const inherited = bases.flatMap((base) => (interfaces.has(base) ? membersOf(base) : []))
  return [...new Set([...own, ...inherited])].sort()
}
