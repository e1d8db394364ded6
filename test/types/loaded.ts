import { type AnyQuery, type Entity, Field, Model, Relation } from 'corm'
import { is } from './support/expect.js'

class Project extends Model({ name: Field.string(), note: Field.text({ nullable: true }) }) {
  static tasks = Relation.hasMany(() => Task)
  static recent(query: AnyQuery<typeof Project>, count = 3) {
    return query.orderBy('-id').limit(count)
  }
}
class Task extends Model({
  title: Field.string(),
  projectId: Field.foreignKey(() => Project),
  userId: Field.foreignKey(() => User),
}) {
  static project = Relation.belongsTo(() => Project)
  static user = Relation.belongsTo(() => User)
  static open(query: AnyQuery<typeof Task>) {
    return query.where('title', '!=', '')
  }
}
class User extends Model({ name: Field.string() }) {
  static tasks = Relation.hasMany(() => Task)
}

// what an instance knows of itself stays when more is loaded
export async function more() {
  const added = await Project.query()
    .annotate({ loud: (c) => c.name.upper() })
    .firstOrFail()
  const loaded = await added.load('tasks.user')
  is<string>()(loaded.loud)
  is<string | undefined>()(loaded.tasks[0]?.user.name)
  const again = await loaded.load('tasks.project')
  is<string | undefined>()(again.tasks[0]?.user.name)
  is<string | undefined>()(again.tasks[0]?.project.name)

  const selected = await Project.query().select('name').firstOrFail()
  const both = await selected.load('tasks')
  is<string>()(both.name)
  is<number>()(both.tasks.length)
  // @ts-expect-error: not selected
  both.note

  const mapped = await Project.with({ tasks: (q) => q.with('user').select('title', 'userId') }).firstOrFail()
  const saved = await mapped.saveWithRelations({ name: 'x' })
  is<string | undefined>()(saved.tasks[0]?.user.name)
  // @ts-expect-error: not selected
  saved.tasks[0]?.projectId
  const counted = await Project.query().withCount('tasks').firstOrFail()
  is<number>()((await counted.saveWithRelations({ tasks: { create: { title: 'x', userId: 1 } } })).tasksCount)
}

// loaded by a map is loaded
const report = (project: Entity<typeof Project, 'tasks.user'>) => project.tasks.map((task) => task.user.name)
export async function passing() {
  report(await Project.with('tasks.user').firstOrFail())
  report(await Project.with({ tasks: (q) => q.with('user') }).firstOrFail())
  report(await Project.with({ tasks: (q) => q.with('user', 'project').limit(3) }).firstOrFail())
  report(await (await Project.findOrFail(1)).load('tasks.user'))
  const annotated = await Project.query()
    .annotate({ loud: (c) => c.name.upper() })
    .with('tasks.user')
    .firstOrFail()
  report(annotated)
  // @ts-expect-error: the users are not loaded
  report(await Project.with({ tasks: (q) => q.with('project') }).firstOrFail())
  // @ts-expect-error: the users are not loaded
  report(await Project.with('tasks').firstOrFail())
  // @ts-expect-error: nothing is loaded
  report(await Project.findOrFail(1))
}

// paths in types are checked
export type Deep = Entity<typeof Project, 'tasks' | 'tasks.user.tasks'>
// @ts-expect-error: no such relation
export type Wrong = Entity<typeof Project, 'taks'>
// @ts-expect-error: no such relation, one level down
export type WrongBelow = Entity<typeof Project, 'tasks.usr'>
// @ts-expect-error: a field is not a relation
export type WrongKind = Entity<typeof Project, 'name'>

// local scopes used as functions
export async function scopes() {
  const rows = await Project.query().with('tasks').tap(Project.recent)
  is<string | undefined>()(rows[0]?.name)
  is<string | undefined>()(rows[0]?.tasks[0]?.title)
  is<string | undefined>()((await Project.query().tap((query) => Project.recent(query, 1)))[0]?.name)
  is<string | undefined>()((await Project.recent(Project.query()))[0]?.name)
  // @ts-expect-error: rows have their type
  rows[0]?.nope
  const projects = await Project.with({ tasks: Task.open }).firstOrFail()
  is<string | undefined>()(projects.tasks[0]?.title)
  // @ts-expect-error: rows have their type
  projects.tasks[0]?.nope
  const tasks = await Task.with({ project: Project.recent }).firstOrFail()
  is<string | undefined>()(tasks.project?.name)
  // @ts-expect-error: rows have their type
  tasks.project?.nope
  is<number>()(await Project.query().tap((query) => query.count()))
}
