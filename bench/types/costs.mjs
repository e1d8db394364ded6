// Measures what each construct of the API costs the type checker: its first use in a project, and each further model.
//
//   node bench/types/costs.mjs [name …]
//
// The limits are 10,000 instantiations for the first use and 2,000 for each further model, over models of 21 fields and 4
// relations. What the declarations of the models cost is not counted.
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { cormProject } from './corm.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const MODELS = 12
const limit = { first: 10_000, further: 2_000 }
const data = `name: 'a', code: 'b', email: 'c', title: 'd', body: 'e', price: '1.50'`
const rows = (query) => `export const f = async () => (await ${query}).map((row) => row.name)`

const constructs = {
  'entity parameter': (m) =>
    `const f = (e: Entity<typeof ${m}, 'children'>) => e.children\nexport const g = async () => f(await ${m}.query().with('children').firstOrFail())`,
  'entity with more loaded': (m) =>
    `const f = (e: Entity<typeof ${m}>) => e.name\nexport const g = async () => f(await ${m}.query().with('children').firstOrFail())`,
  'any instance': (m) => `const f = (e: ModelInstance) => e.pk\nexport const g = (e: Entity<typeof ${m}>) => f(e)`,
  where: (m) => `${m}.query().where('status', 'live')`,
  'where, callback': (m) => `${m}.query().where((c) => c.name.contains('x'))`,
  'where, path': (m) => `${m}.query().where('parent.name', 'x')`,
  whereHas: (m) => `${m}.query().whereHas('children', (q) => q.where('rank', 3))`,
  join: (m) =>
    `${m}.query().join(${m}, (c, t) => c.parentId.eq(t.id), { alias: 'p' }).where((c, t) => t.p.name.eq('x'))`,
  withRecursive: (m) =>
    `${m}.query().withRecursive('t', ${m}.query().whereKey(1), (self) => ${m}.query().join(self, (c, t) => c.parentId.eq(t.id))).from('t')`,
  with: (m) => rows(`${m}.query().with('children.parent')`),
  'with, map': (m) => rows(`${m}.query().with({ children: (q) => q.where('rank', 3) })`),
  annotate: (m) => rows(`${m}.query().annotate({ loud: (c) => c.name.upper() })`),
  select: (m) => rows(`${m}.query().select('name')`),
  values: (m) => rows(`${m}.query().values('name', 'rank')`),
  aggregate: (m) =>
    `export const f = async () => (await ${m}.query().groupBy('status').aggregate({ n: fn.count(), t: (c) => fn.sum(c.views) })).map((row) => row.n)`,
  withCount: (m) => rows(`${m}.query().withCount('children')`),
  withSum: (m) => rows(`${m}.query().withSum('children', 'rank')`),
  paginate: (m) =>
    `export const f = async () => (await ${m}.query().paginate({ page: 1 })).items.map((row) => row.name)`,
  scope: (m) => `const s = (q: AnyQuery<typeof ${m}>) => q.where('rank', 3)\n${m}.query().scope(s)`,
  create: (m) => `${m}.create({ ${data}, parentId: 1 })`,
  createMany: (m) =>
    `export const f = async () => (await ${m}.createMany([{ ${data}, parentId: 1 }, { ${data}, parentId: 1 }])).map((row) => row.name)`,
  'create of a relation': (m) =>
    `export const f = (e: Entity<typeof ${m}>) => e.related('children').create({ ${data} })`,
  'nested write': (m) => `${m}.createWithRelations({ ${data}, parentId: 1, children: [{ ${data} }] })`,
  update: (m) => `${m}.query().where('id', 1).update((c) => ({ rank: c.rank.plus(1) }))`,
  upsert: (m) =>
    `${m}.upsert({ ${data}, parentId: 1 }, { conflict: 'code', update: (c) => ({ rank: c.rank.plus(1) }) })`,
  find: (m) => `export const f = async () => (await ${m}.findOrFail(1)).name`,
  load: (m) => `export const f = async (e: Entity<typeof ${m}>) => (await e.load('children')).children`,
}

const options = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
  types: [],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: true,
  noEmit: true,
  paths: { corm: [join(root, 'test/types/support/declare.ts')] },
}

const folder = mkdtempSync(join(tmpdir(), 'corm-costs-'))
symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
const models = Object.entries(cormProject(MODELS)).filter(([name]) => !name.includes('queries'))
for (const [name, text] of models) writeFileSync(join(folder, name), text)

/** The instantiations of a project in which the first `count` models use the construct. */
function measure(construct, count) {
  const files = models.map(([name]) => join(folder, name))
  for (let i = 0; i < count; i++) {
    const file = join(folder, `use${i}.ts`)
    writeFileSync(
      file,
      `import { type AnyQuery, type Entity, fn, type ModelInstance } from 'corm'\nimport { Model${i} } from './model${i}.js'\n${construct(`Model${i}`)}\nexport {}\n`,
    )
    files.push(file)
  }
  const program = ts.createProgram(files, options)
  for (const file of files) {
    const [wrong] = program.getSemanticDiagnostics(program.getSourceFile(file))
    if (wrong !== undefined) throw new Error(ts.flattenDiagnosticMessageText(wrong.messageText, '\n'))
  }
  return program.getInstantiationCount()
}

try {
  const wanted = process.argv.slice(2)
  const base = measure(() => '', 0)
  console.log(`${'construct'.padEnd(26)} first use  each further model`)
  for (const [name, construct] of Object.entries(constructs)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue
    const one = measure(construct, 1)
    const further = Math.round((measure(construct, MODELS) - one) / (MODELS - 1))
    const mark = one - base > limit.first || further > limit.further ? '  over the limit' : ''
    console.log(`${name.padEnd(26)} ${String(one - base).padStart(9)} ${String(further).padStart(19)}${mark}`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
