/** The names that corm could find on Object.prototype: all property names that the source reads. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** Members that the language itself reads from any object. No program can work if these are polluted. */
const LANGUAGE: ReadonlySet<string> = new Set([
  // a property descriptor, and what `await` and JSON.stringify() call
  ...['get', 'set', 'value', 'writable', 'enumerable', 'configurable', 'then', 'toJSON'],
  ...Reflect.ownKeys(Object.prototype).filter((name) => typeof name === 'string'),
])

/** Every property name that a file reads with a dot, brackets, destructuring or `in`, and the keys of its literals. */
function namesIn(file: string): string[] {
  const names: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node)) names.push(node.name.text)
    else if (ts.isElementAccessExpression(node) && ts.isStringLiteralLike(node.argumentExpression))
      names.push(node.argumentExpression.text)
    else if (ts.isObjectBindingPattern(node)) {
      for (const { propertyName, name } of node.elements) {
        const read = propertyName ?? name
        if (ts.isIdentifier(read) || ts.isStringLiteral(read)) names.push(read.text)
      }
    } else if (ts.isPropertyAssignment(node) || ts.isShorthandPropertyAssignment(node)) {
      if (ts.isIdentifier(node.name) || ts.isStringLiteral(node.name)) names.push(node.name.text)
    } else if (ts.isStringLiteral(node) && /^[a-zA-Z_]\w*$/.test(node.text)) names.push(node.text)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest))
  return names
}

function filesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(root, folder, file))
}

export function pollutedNames(): string[] {
  const files = [...filesIn('src'), ...filesIn('test/support/leaks'), ...filesIn('test/support/poison')]
  const names = new Set(files.flatMap(namesIn))
  return [...names].filter((name) => !LANGUAGE.has(name) && !name.startsWith('#')).sort()
}
