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

/** The interfaces that one extends, in `Omit<…>` too. */
function basesOf(node: ts.InterfaceDeclaration): string[] {
  const bases = node.heritageClauses?.flatMap(({ types }) => [...types]) ?? []
  return bases.map(({ expression, typeArguments }) =>
    expression.getText() === 'Omit' ? (typeArguments?.[0]?.getText().replace(/<.*/s, '') ?? '') : expression.getText(),
  )
}

/** The methods and properties of an interface of the public types with what it extends; those under symbols have none. */
export function membersOf(name: string): string[] {
  const found = interfaces.get(name)
  if (found === undefined) throw new Error(`src/types declares no interface ${name}.`)
  const own = found.members.flatMap((member) => (member.name && ts.isIdentifier(member.name) ? [member.name.text] : []))
  const inherited = basesOf(found).flatMap((base) => (interfaces.has(base) ? membersOf(base) : []))
  return [...new Set([...own, ...inherited])].sort()
}
