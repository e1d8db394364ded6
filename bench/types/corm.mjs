import { columns, models } from './schema.mjs'

const makers = {
  string: 'Field.string({ max: 100 })',
  text: 'Field.text()',
  nullableText: 'Field.text({ nullable: true })',
  enum: "Field.enum(['draft', 'live', 'gone'], { default: 'draft' })",
  integer: 'Field.integer({ default: 0 })',
  nullableFloat: 'Field.float({ nullable: true })',
  decimal: 'Field.decimal({ precision: 12, scale: 2 })',
  boolean: 'Field.boolean({ default: false })',
  json: 'Field.json<{ theme: string; size: number }>({ nullable: true })',
  uuid: 'Field.uuid({ auto: true })',
  date: 'Field.date({ nullable: true })',
  dateTime: 'Field.dateTime({ autoNowAdd: true })',
}

function model({ name, table, parent, child, owner, owned }) {
  const others = [...new Set([parent, child, owner, owned])].filter((i) => `Model${i}` !== name)
  return `import { Field, Model, Relation } from 'corm'
${others.map((i) => `import { Model${i} } from './model${i}.js'`).join('\n')}

export class ${name} extends Model({
${columns.map(([column, kind]) => `  ${column}: ${makers[kind]},`).join('\n')}
  parentId: Field.foreignKey(() => Model${parent}),
  ownerId: Field.foreignKey(() => Model${owner}, { nullable: true, onDelete: 'setNull' }),
}, { table: '${table}' }) {
  static parent = Relation.belongsTo(() => Model${parent})
  static children = Relation.hasMany(() => Model${child}, { foreignKey: 'parentId' })
  static owner = Relation.belongsTo(() => Model${owner})
  static owned = Relation.hasMany(() => Model${owned}, { foreignKey: 'ownerId' })
  get label() { return this.name + this.rank }
}
`
}

function queries({ name, table }) {
  return `import { fn } from 'corm'
import { ${name} } from './${table}.js'

export async function list(search: string) {
  const rows = await ${name}.query()
    .where('status', 'live')
    .where('rank', '>', 3)
    .where((c) => c.name.contains(search).or(c.title.eq(search)))
    .with('children', 'parent.owner')
    .orderBy('-createdAt')
    .limit(20)
  return rows.map((row) => [row.name, row.children.map((x) => x.views), row.parent.owner?.title ?? ''] as const)
}

export async function totals() {
  const groups = await ${name}.query()
    .where({ active: true })
    .groupBy('status')
    .aggregate({ count: fn.count(), total: (c) => fn.sum(c.views), best: (c) => fn.max(c.price) })
  const narrow = await ${name}.query().whereIn('code', ['a', 'b']).select('name', 'rank').first()
  return [groups.map((group) => [group.status, group.count, group.total, group.best] as const), narrow?.rank] as const
}

export async function write(parentId: number) {
  const made = await ${name}.create({ name: 'a', code: 'b', email: 'c', title: 'd', body: 'e', price: '1.50', parentId })
  await ${name}.query().where('id', made.id).update({ rank: 2, archived: true })
  const found = await ${name}.findOrFail(made.id)
  return found.getChanges().name?.[1].length
}
`
}

/** The files of a project: `count` models, and three queries for each. */
export function cormProject(count) {
  const all = models(count)
  return Object.fromEntries(
    all.flatMap((each) => [
      [`${each.table}.ts`, model(each)],
      [`${each.table}.queries.ts`, queries(each)],
    ]),
  )
}
