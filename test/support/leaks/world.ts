/** Seven models whose rows belong to tenants and may be soft-deleted, with data in which some rows are hidden from a tenant. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { type AnyQuery, Field, Model, Relation } from 'corm'

/** The current tenant. Like real programs, it is kept in the async context. */
export const actor = new AsyncLocalStorage<number>()

/** Without a tenant all rows are visible, for the test itself. */
const apply = (q: AnyQuery<any>) => {
  const tenant = actor.getStore()
  return tenant === undefined ? q : q.where('tenant', tenant)
}
const owned = { globalScopes: { tenant: { apply, locked: true } } }
/** Keys have no constraints, so visible rows may reference hidden ones. */
const key = () => Field.integer({ nullable: true })
const common = () => ({
  id: Field.integer({ primaryKey: true }),
  tenant: Field.integer(),
  deletedAt: Field.softDelete(),
})

export class Team extends Model({ name: Field.string(), ...common() }, owned) {
  static people = Relation.hasMany(() => Person, { foreignKey: 'teamId' })
  static posts = Relation.hasManyThrough(() => Post, {
    through: () => Person,
    foreignKey: 'teamId',
    otherKey: 'personId',
  })
}
export class Person extends Model(
  { name: Field.string(), rank: Field.integer(), teamId: key(), mentorId: key(), ...common() },
  owned,
) {
  static team = Relation.belongsTo(() => Team, { foreignKey: 'teamId' })
  static mentor = Relation.belongsTo(() => Person, { foreignKey: 'mentorId' })
  static badge = Relation.hasOne(() => Badge, { foreignKey: 'personId' })
  static posts = Relation.hasMany(() => Post, { foreignKey: 'personId' })
  static tags = Relation.manyToMany(() => Tag, { through: () => Grant, foreignKey: 'personId', otherKey: 'tagId' })
  static remarks = Relation.morphMany(() => Remark, 'about')
}
export class Badge extends Model({ name: Field.string(), personId: key(), ...common() }, owned) {
  static person = Relation.belongsTo(() => Person, { foreignKey: 'personId' })
}
export class Post extends Model({ name: Field.string(), rank: Field.integer(), personId: key(), ...common() }, owned) {
  static person = Relation.belongsTo(() => Person, { foreignKey: 'personId' })
  static tags = Relation.manyToMany(() => Tag, { through: () => PostTag, foreignKey: 'postId', otherKey: 'tagId' })
  static remarks = Relation.morphMany(() => Remark, 'about')
}
export class Tag extends Model({ name: Field.string(), ...common() }, owned) {
  static posts = Relation.manyToMany(() => Post, { through: () => PostTag, foreignKey: 'tagId', otherKey: 'postId' })
}
export class Remark extends Model(
  { name: Field.string(), aboutId: key(), aboutType: Field.string({ nullable: true }), ...common() },
  owned,
) {
  static about = Relation.morphTo([() => Person, () => Post])
}
/** A join table whose rows belong to a tenant too. */
export class Grant extends Model({ note: Field.string(), personId: key(), tagId: key(), ...common() }, owned) {}
/** A join table without tenants. Its pairs are hidden together with the rows that they reference. */
export class PostTag extends Model({
  postId: Field.integer({ primaryKey: true }),
  tagId: Field.integer({ primaryKey: true }),
}) {}

export const models = [Team, Person, Badge, Post, Tag, Remark, Grant] as const
export const tables = [...models, PostTag] as const

/** Part of every text in a row that the tenant may not see. */
export const MARK = 'SECRET'
export const ME = 1
export const OTHER = 2

export function random(seed: number): (below: number) => number {
  let state = seed * 2654435761
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}

type Row = Record<string, unknown>

/** Ids of visible rows begin at 1 and of hidden rows at 101. Hidden ids differ between worlds. */
const VISIBLE = 6
const HIDDEN_FROM = 101
const HIDDEN = 8

function rowsOf(name: string, below: (n: number) => number, ids: readonly number[], hidden: boolean): Row[] {
  const anyId = () => (below(5) === 0 ? null : below(3) > 0 ? 1 + below(VISIBLE) : HIDDEN_FROM + below(HIDDEN))
  return ids.map((id) => {
    const isDeleted = hidden && below(2) === 0
    const row: Row = {
      id,
      tenant: hidden && !isDeleted ? OTHER : ME,
      deletedAt: isDeleted ? new Date('2024-01-01T00:00:00Z') : null,
    }
    const text = `${hidden ? MARK : ''}${name.toLowerCase()} ${id}${String.fromCharCode(97 + below(26))}`
    if (name === 'Grant') return { ...row, note: text, personId: anyId(), tagId: anyId() }
    row.name = text
    if (name === 'Person') Object.assign(row, { rank: below(9), teamId: anyId(), mentorId: anyId() })
    if (name === 'Post') Object.assign(row, { rank: below(9), personId: anyId() })
    if (name === 'Badge') Object.assign(row, { personId: hidden ? anyId() : id < VISIBLE ? id : null })
    if (name === 'Remark') Object.assign(row, { aboutId: anyId(), aboutType: below(2) === 0 ? 'Person' : 'Post' })
    return row
  })
}

const idsFrom = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i)

/** Creates the rows that the tenant sees, which are the same in every world of a seed. */
export async function fillVisible(seed: number): Promise<void> {
  const below = random(seed)
  for (const model of models) await model.insertMany(rowsOf(model.name, below, idsFrom(1, VISIBLE), false) as never)
  const pairs = idsFrom(1, VISIBLE - 1).flatMap((postId) =>
    [1 + below(3), 4 + below(3)].map((tagId) => ({ postId, tagId })),
  )
  await PostTag.insertMany(pairs)
}

/** Creates the rows that the tenant does not see. */
export async function fillHidden(seed: number): Promise<void> {
  const below = random(seed)
  for (const model of models) {
    await model
      .withoutGlobalScopes()
      .where((c: any) => c.id.gte(HIDDEN_FROM))
      .forceDelete()
    const ids = idsFrom(HIDDEN_FROM, HIDDEN).filter(() => below(4) > 0)
    await model.insertMany(rowsOf(model.name, below, ids, true) as never)
  }
  await PostTag.query()
    .where((c) => c.postId.gte(HIDDEN_FROM))
    .orWhere((c) => c.tagId.gte(HIDDEN_FROM))
    .forceDelete()
  const hiddenId = () => HIDDEN_FROM + below(HIDDEN)
  const pairs = new Map<string, { postId: number; tagId: number }>()
  for (let i = 0; i < 12; i++) {
    const pair =
      below(2) === 0
        ? { postId: 1 + below(VISIBLE), tagId: hiddenId() }
        : { postId: hiddenId(), tagId: 1 + below(VISIBLE) }
    pairs.set(`${pair.postId} ${pair.tagId}`, pair)
  }
  await PostTag.insertMany([...pairs.values()])
}

/** Reads every row of every table, as texts. */
export async function dump(): Promise<{ visible: string[]; hidden: string[] }> {
  const visible: string[] = []
  const hidden: string[] = []
  const isHidden = (id: number) => id >= HIDDEN_FROM && id < HIDDEN_FROM + HIDDEN
  for (const model of models)
    for (const row of await (model as any).withoutGlobalScope('tenant').withoutGlobalScopes().orderBy('id').values())
      (isHidden(row.id) ? hidden : visible).push(`${model.name} ${plain(row)}`)
  for (const { postId, tagId } of await PostTag.query().orderBy(['postId', 'tagId']).values('postId', 'tagId'))
    (isHidden(postId) || isHidden(tagId) ? hidden : visible).push(`PostTag ${postId} ${tagId}`)
  return { visible, hidden }
}

/** Writes a value as JSON, with all times of this run replaced by the same text. */
export const plain = (value: unknown): string =>
  (JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part)) ?? 'undefined').replace(
    /"(?!2024)20\d\d-\d\d-\d\dT[^"]*"/g,
    '"now"',
  )
