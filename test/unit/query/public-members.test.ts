import { readFileSync } from 'node:fs'
import ts from 'typescript'
import { expect, it } from 'vitest'
import { Query } from '../../../src/query/builder/query-builder.js'
import { arityOf, parameterCount } from '../../support/declared.js'

/** What the class that they share declares. */
const inherited = new Set(['make', 'withShape'])

/** The public methods of the classes of a query, which are what users see of them. */
const methods = new Map(
  ['query-steps', 'query-builder']
    .map((file) => new URL(`../../../src/query/builder/${file}.ts`, import.meta.url))
    .flatMap((url) => [
      ...ts.createSourceFile(url.pathname, readFileSync(url, 'utf8'), ts.ScriptTarget.Latest, true).statements,
    ])
    .filter(ts.isClassDeclaration)
    .flatMap((node) => node.members.filter(ts.isMethodDeclaration))
    .filter((method) => ts.isIdentifier(method.name) && !inherited.has(method.name.getText()))
    .map((method) => [method.name.getText(), method.parameters] as const),
)
const declared = arityOf('QueryBuilder')

it('has a method for each one that QueryBuilder declares, and no other', () => {
  expect(methods.size).toBeGreaterThan(80)
  expect([...methods.keys()].sort()).toEqual([...declared.keys()].sort())
})

it('takes as many arguments as are declared', () => {
  const counts = [...methods].map(([name, parameters]) => [name, parameterCount(parameters)] as const)
  const wrong = counts.filter(([name, count]) => {
    const most = declared.get(name) as number
    // a method that takes a list of arguments tells them apart itself
    return !Number.isNaN(most) && count !== Number.POSITIVE_INFINITY && count !== most
  })
  expect(wrong.map(([name, count]) => `${name} takes ${count}, and declares ${declared.get(name)}.`)).toEqual([])
})

it('has no default of a parameter: a method with one takes more arguments than it counts', () => {
  const wrong = [...methods].filter(([, parameters]) => parameters.some(({ initializer }) => initializer !== undefined))
  expect(wrong.map(([name]) => name)).toEqual([])
})

it('refuses one more argument than each of them takes', async () => {
  const query = Object.create(Query.prototype) as Record<string, (...args: unknown[]) => unknown>
  const limited = [...declared].filter(([name, most]) => Number.isFinite(most) && name !== 'then')
  for (const [name, most] of limited) {
    const call = async () => query[name]?.(...Array.from({ length: most + 1 }, () => 1))
    await expect(call(), name).rejects.toThrow(/\(\) takes (no|one|two|three|four) argument/)
  }
})
