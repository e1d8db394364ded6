import { readFileSync } from 'node:fs'
import ts from 'typescript'
import { expect, it } from 'vitest'
import { endings, steps } from '../../../src/query/argument-counts.js'
import { arityOf, parameterCount } from '../../support/declared.js'

const url = new URL('../../../src/query/builder/query-builder.ts', import.meta.url)
const source = ts.createSourceFile('query-builder.ts', readFileSync(url, 'utf8'), ts.ScriptTarget.Latest, true)
const isInternal = (node: ts.Node) => ts.getJSDocTags(node).some(({ tagName }) => tagName.text === 'internal')

/** The public methods of the class, with the number of their parameters. */
const methods = new Map(
  source.statements
    .filter(ts.isClassDeclaration)
    .filter((node) => node.name?.text === 'Query')
    .flatMap((node) => node.members.filter(ts.isMethodDeclaration))
    .filter((method) => ts.isIdentifier(method.name) && !isInternal(method))
    .map((method) => [method.name.getText(), parameterCount(method.parameters)]),
)
const declared = arityOf('QueryBuilder')

it('has a method for each one that QueryBuilder declares, and no other that is not marked as internal', () => {
  expect(methods.size).toBeGreaterThan(80)
  expect([...methods.keys()].sort()).toEqual([...declared.keys()].sort())
})

it('takes as many arguments as are declared', () => {
  const wrong = [...methods].filter(([name, count]) => {
    const most = declared.get(name) as number
    // a method that takes a list of arguments tells them apart itself
    return !Number.isNaN(most) && count !== Number.POSITIVE_INFINITY && count !== most
  })
  expect(wrong.map(([name, count]) => `${name} takes ${count}, and declares ${declared.get(name)}.`)).toEqual([])
})

it('knows how many arguments each of them takes', () => {
  const counts = new Map(Object.entries({ ...steps, ...endings }))
  const uncounted = ['then', 'values', 'valuesList']
  expect([...counts.keys(), ...uncounted].sort()).toEqual([...declared.keys()].sort())
  for (const [name, count] of counts)
    if (count !== Number.POSITIVE_INFINITY) expect([name, count]).toEqual([name, declared.get(name)])
})
