import { columns, models } from './schema.mjs'

const makers = {
  string: (c) => `varchar('${c}', { length: 100 }).notNull()`,
  text: (c) => `text('${c}').notNull()`,
  nullableText: (c) => `text('${c}')`,
  enum: (c) => `varchar('${c}', { length: 20, enum: ['draft', 'live', 'gone'] }).notNull().default('draft')`,
  integer: (c) => `integer('${c}').notNull().default(0)`,
  nullableFloat: (c) => `doublePrecision('${c}')`,
  decimal: (c) => `numeric('${c}', { precision: 12, scale: 2 }).notNull()`,
  boolean: (c) => `boolean('${c}').notNull().default(false)`,
  json: (c) => `jsonb('${c}').$type<{ theme: string; size: number }>()`,
  uuid: (c) => `uuid('${c}').notNull().defaultRandom()`,
  date: (c) => `date('${c}')`,
  dateTime: (c) => `timestamp('${c}').notNull().defaultNow()`,
}

function model({ table, parent, child, owner, owned }) {
  const others = [...new Set([parent, child, owner, owned])].filter((i) => `model${i}` !== table)
  return `import { relations } from 'drizzle-orm'
import { boolean, date, doublePrecision, integer, jsonb, numeric, pgTable, serial, text, timestamp, uuid, varchar, type AnyPgColumn } from 'drizzle-orm/pg-core'
${others.map((i) => `import { model${i} } from './model${i}.js'`).join('\n')}

export const ${table} = pgTable('${table}', {
  id: serial('id').primaryKey(),
${columns.map(([column, kind]) => `  ${column}: ${makers[kind](column)},`).join('\n')}
  parentId: integer('parentId').notNull().references((): AnyPgColumn => model${parent}.id),
  ownerId: integer('ownerId').references((): AnyPgColumn => model${owner}.id),
})

export const ${table}Relations = relations(${table}, ({ one, many }) => ({
  parent: one(model${parent}, { fields: [${table}.parentId], references: [model${parent}.id], relationName: '${table}Parent' }),
  children: many(model${child}, { relationName: 'model${child}Parent' }),
  owner: one(model${owner}, { fields: [${table}.ownerId], references: [model${owner}.id], relationName: '${table}Owner' }),
  owned: many(model${owned}, { relationName: 'model${owned}Owner' }),
}))
`
}

function queries({ table }) {
  return `import { and, count, desc, eq, gt, inArray, like, max, or, sum } from 'drizzle-orm'
import { db } from './db.js'
import { ${table} } from './${table}.js'

export async function list(search: string) {
  const rows = await db.query.${table}.findMany({
    where: (c) => and(eq(c.status, 'live'), gt(c.rank, 3), or(like(c.name, search), eq(c.title, search))),
    with: { children: true, parent: { with: { owner: true } } },
    orderBy: (c) => desc(c.createdAt),
    limit: 20,
  })
  return rows.map((row) => [row.name, row.children.map((x) => x.views), row.parent.owner?.title ?? ''] as const)
}

export async function totals() {
  const groups = await db
    .select({ status: ${table}.status, count: count(), total: sum(${table}.views), best: max(${table}.price) })
    .from(${table})
    .where(eq(${table}.active, true))
    .groupBy(${table}.status)
  const [narrow] = await db.select({ name: ${table}.name, rank: ${table}.rank }).from(${table}).where(inArray(${table}.code, ['a', 'b'])).limit(1)
  return [groups.map((group) => [group.status, group.count, group.total, group.best] as const), narrow?.rank] as const
}

export async function write(parentId: number) {
  const [made] = await db.insert(${table}).values({ name: 'a', code: 'b', email: 'c', title: 'd', body: 'e', price: '1.50', parentId }).returning()
  await db.update(${table}).set({ rank: 2, archived: true }).where(eq(${table}.id, made!.id))
  const found = await db.query.${table}.findFirst({ where: eq(${table}.id, made!.id) })
  return found?.name.length
}
`
}

/** The files of a project: `count` models, and three queries for each. */
export function drizzleProject(count) {
  const all = models(count)
  const tables = all.map((each) => `export * from './${each.table}.js'`).join('\n')
  const db = `import { drizzle } from 'drizzle-orm/node-postgres'
import * as schema from './schema.js'

export const db = drizzle('postgres://', { schema })
`
  return Object.fromEntries([
    ['schema.ts', tables],
    ['db.ts', db],
    ...all.flatMap((each) => [
      [`${each.table}.ts`, model(each)],
      [`${each.table}.queries.ts`, queries(each)],
    ]),
  ])
}
