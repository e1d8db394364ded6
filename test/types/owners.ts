import { Field, type Insertable, Model, Relation } from 'corm'
import { fits, is } from './support/expect.js'

class Project extends Model({ name: Field.string() }) {
  static tasks = Relation.hasMany(() => Task)
}
class User extends Model({ email: Field.string() }) {}
class Task extends Model({
  title: Field.string(),
  projectId: Field.foreignKey(() => Project),
  userId: Field.foreignKey(() => User),
  reviewerId: Field.foreignKey(() => User, { nullable: true }),
}) {
  static project = Relation.belongsTo(() => Project)
  static author = Relation.belongsTo(() => User, { foreignKey: 'userId' })
  static reviewer = Relation.belongsTo(() => User)
}
class Order extends Model({ number: Field.string() }) {
  static lines = Relation.hasMany(() => Line)
}
class Line extends Model({
  orderId: Field.foreignKey(() => Order, { primaryKey: true }),
  position: Field.integer({ primaryKey: true }),
  productId: Field.foreignKey(() => Product),
}) {
  static order = Relation.belongsTo(() => Order)
  static product = Relation.belongsTo(() => Product)
}
class Product extends Model({ name: Field.string() }) {}
class Comment extends Model({ body: Field.text(), ...Field.morphs('subject') }) {
  static subject = Relation.morphTo([() => Task, () => Project])
}

// a relation that a model holds the key of may stand for it
export async function creating(project: Project, user: User, task: Task) {
  is<string>()((await Task.create({ title: 'x', project, author: user })).title)
  await Task.create({ title: 'x', projectId: 1, author: user })
  await Task.create({ title: 'x', project, userId: 1, reviewer: user })
  await Task.create({ title: 'x', projectId: 1, userId: 1 })
  await Task.create({ title: 'x', project, author: user, reviewer: null })
  await Task.create({ title: 'x', project: await Project.findOrFail(1), author: user, id: 3 }, { guarded: true })
  await Task.createMany([
    { title: 'x', project, userId: 1 },
    { title: 'y', projectId: 1, author: user },
  ])
  Task.make({ title: 'x', project })
  await Task.firstOrCreate({ title: 'x' }, { project, author: user })
  await Comment.create({ body: 'x', subject: task })
  await Comment.create({ body: 'x', subject: project })
  await Comment.create({ body: 'x', subjectId: 1, subjectType: 'Task' })
  // @ts-expect-error: neither the project nor its key
  await Task.create({ title: 'x', author: user })
  // @ts-expect-error: neither the author nor its key
  await Task.create({ title: 'x', project })
  // @ts-expect-error: a user is no project
  await Task.create({ title: 'x', project: user, author: user })
  // @ts-expect-error: its key is not nullable
  await Task.create({ title: 'x', project: null, author: user })
  // @ts-expect-error: no such relation
  await Task.create({ title: 'x', projekt: project, author: user })
  // @ts-expect-error: a user can't be commented
  await Comment.create({ body: 'x', subject: user })
  // @ts-expect-error: rows of many are created by the relation
  await Project.create({ name: 'x', tasks: [] })
}

// the relation fills in its key, also where that is part of the primary key
export async function related(order: Order, product: Product) {
  const lines = order.related(Order.lines)
  is<number>()((await lines.create({ position: 1, productId: 1 })).orderId)
  await lines.create({ position: 1, product })
  await lines.createMany([{ position: 1, product }])
  await Order.createWithRelations({ number: '1', lines: [{ position: 1, productId: 1 }] })
  // @ts-expect-error: the position is missing
  await lines.create({ productId: 1 })
}
fits<Parameters<typeof Task.createMany>[0] extends readonly unknown[] ? true : false>(true)
export const rows: Insertable<typeof Task>[] = []
export const insert = () => Task.createMany(rows)
