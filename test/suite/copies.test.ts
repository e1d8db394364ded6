import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DefinitionError, Field, Model } from 'corm'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))

it('two copies of corm in one process say so', () => {
  const folder = mkdtempSync(join(tmpdir(), 'corm-copies-'))
  try {
    for (const name of ['one', 'two']) cpSync(join(root, 'src'), join(folder, name, 'src'), { recursive: true })
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
    for (const file of ['package.json', 'tsconfig.json']) cpSync(join(root, file), join(folder, file))
    writeFileSync(
      join(folder, 'main.ts'),
      `import * as one from './one/src/index.ts'
      import * as two from './two/src/index.ts'
      class A extends one.Model({ name: one.Field.string() }) {}
      const db = await two.Database.connect('sqlite::memory:')
      for (const work of [() => db.createTables([A]), () => db.select(one.sql\`select 1\`)])
        await work().catch((error) => console.log(error.message))`,
    )
    const { stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'main.ts'], { cwd: folder })
    expect(String(stderr)).toMatch(
      /CormWarning: Two copies of corm are loaded, from .*\/one\/src\/ and from .*\/two\/src\//,
    )
    expect(String(stdout)).toMatch(/"A" is not a model\. It was made by another copy of corm, at .*\/one\/src\//)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

it('a foreign key that points at nothing names its model and field', () => {
  class Loose extends Model({ ownerId: Field.foreignKey(() => undefined as never) }) {}
  class Odd extends Model({ ownerId: Field.foreignKey(() => Date as never) }) {}
  for (const [model, what] of [
    [Loose, 'undefined'],
    [Odd, '"Date"'],
  ] as const) {
    let error: unknown
    try {
      model.query().where('ownerId', 1).toSQL({ dialect: 'sqlite' })
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(DefinitionError)
    expect((error as Error).message).toContain(`${model.name}.ownerId`)
    expect((error as Error).message).toContain(what)
  }
})
