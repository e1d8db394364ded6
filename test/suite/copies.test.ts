import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DefinitionError, Field, Model } from 'corm'
import { expect, it } from 'vitest'
import { builtPackage } from '../support/built.js'
import { root } from '../support/programs.js'

it('two copies of corm in one process say so', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'corm-copies-'))
  try {
    const built = await builtPackage()
    for (const name of ['one', 'two']) cpSync(join(built, 'dist'), join(folder, name), { recursive: true })
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
    writeFileSync(
      join(folder, 'main.mjs'),
      `import * as one from './one/index.js'
      import * as two from './two/index.js'
      class A extends one.Model({ name: one.Field.string() }) {}
      const db = await two.Database.connect('sqlite::memory:')
      for (const work of [() => db.createTables([A]), () => db.select(one.sql\`select 1\`)])
        await work().catch((error) => console.log(error.message))`,
    )
    const { stdout, stderr } = spawnSync(process.execPath, ['main.mjs'], { cwd: folder })
    expect(String(stderr)).toMatch(/CormWarning: Two copies of corm are loaded, from .*\/one\/.* and from .*\/two\//)
    expect(String(stdout)).toMatch(/"A" is not a model\. It was made by another copy of corm, at .*\/one\//)
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
