/** Files of `count` models in a chain: each with a key to the one before, and relations both ways; the first closes the ring. */
export function chainFiles(count: number): Record<string, string> {
  const files: Record<string, string> = {}
  for (let i = 0; i < count; i++) {
    const before = (i + count - 1) % count
    const after = (i + 1) % count
    files[`model${i}.ts`] = `import { type Entity, Field, Model, Relation } from 'corm'
import { Model${before} } from './model${before}.js'
import { Model${after} } from './model${after}.js'

export class Model${i} extends Model({
  name: Field.string(),
  amount: Field.decimal({ precision: 10, scale: 2, nullable: true }),
  beforeId: Field.foreignKey(() => Model${before}),
  twinId: Field.foreignKey(() => Model${i}, { nullable: true }),
}) {
  static before = Relation.belongsTo(() => Model${before})
  static twin = Relation.belongsTo(() => Model${i})
  static after = Relation.hasMany(() => Model${after}, { foreignKey: 'beforeId' })
  names(this: Entity<typeof Model${i}, 'after'>): string[] {
    return this.after.map((one) => one.name)
  }
}

export async function use${i}() {
  const rows = await Model${i}.where('name', 'x').with('before.before', 'after').orderBy('-id').get()
  const made = await Model${i}.create({ name: 'y', beforeId: 1 })
  return [...rows.flatMap((row) => [row.before.before.name, ...row.names()]), made.name]
}
`
  }
  return files
}
