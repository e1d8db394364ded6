import { Field, Model, UsageError } from 'corm'
import { column, migration } from 'corm/migration'
import { useTestDatabase } from 'corm/testing'
import { describe, expect, it } from 'vitest'
import { cliProjects } from '../support/cli.js'
import { databaseKinds, urlForNew } from '../support/databases.js'
import { recorded } from '../support/migrations.js'

class Shelf extends Model({ name: Field.string({ max: 50 }) }, { table: 'migrated_shelves' }) {}

const A = '20260101T000000_a'
const B = '20260102T000000_b'
const migrations = {
  [A]: migration({
    parents: [],
    operations: [
      { op: 'createTable', table: 'migrated_shelves', columns: { id: column.id(), title: column.string({ max: 50 }) } },
    ],
  }),
  // as the modules of files
  [`./migrations/${B}.ts`]: {
    default: migration({
      parents: [A],
      operations: [
        { op: 'renameColumn', table: 'migrated_shelves', from: 'title', to: 'name' },
        {
          op: 'data',
          name: 'first shelf',
          up: async (m) => void (await m.table('migrated_shelves').insert([{ name: 'first' }])),
        },
      ],
    }),
  },
}

describe.each(databaseKinds)('useTestDatabase with migrations on %s', (kind) => {
  const used = useTestDatabase({ url: urlForNew(kind, 'corm_used'), migrations })

  it.each([1, 2])('gives each test what the migrations make (%s)', async () => {
    expect(await recorded(used.database)).toEqual([A, B])
    expect(await Shelf.query().pluck('name')).toEqual(['first'])
    await Shelf.create({ name: 'own' })
  })
})

describe('useTestDatabase', () => {
  const { project } = cliProjects()

  it('runs the migrations of a folder', async () => {
    const app = project({
      'migrations/20260101T000000_a.ts': `import { column, migration } from 'corm/migration'
const name: string = 'books'
export default migration({ parents: [], operations: [{ op: 'createTable', table: name, columns: { id: column.id() } }] })
`,
      'app.test.mjs': `import { equal } from 'node:assert'
import { test } from 'node:test'
import { sql } from 'corm'
import { useTestDatabase } from 'corm/testing'
const used = useTestDatabase({ migrations: 'migrations' })
test('it', async () => equal((await used.database.select(sql\`select * from books\`)).length, 0))
`,
    })
    const ran = await app.node(['--test', '--test-reporter', 'tap', 'app.test.mjs'])
    expect(ran.stdout).toContain('# pass 1')
  })

  it('refuses models beside migrations, and a folder without any', async () => {
    const begin = (options: object) => {
      let work = async () => {}
      const later = () => undefined
      const beforeAll = (given: () => Promise<void>) => void (work = given)
      useTestDatabase({ ...options, hooks: { beforeAll, afterAll: later, beforeEach: later, afterEach: later } })
      return work()
    }
    await expect(begin({ models: [Shelf], migrations })).rejects.toThrow(/models or migrations/)
    await expect(begin({ migrations: 'no/such/folder' })).rejects.toThrow(/finds no migrations in the folder .*folder/)
    expect(() => begin({ migrations: [1] })).toThrow(UsageError)
  })
})
