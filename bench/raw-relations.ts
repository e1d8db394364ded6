import type { MaybePromise } from './contender.js'
import type { RelationData } from './relation-data.js'

// The lines about relations by hand: one query a level, and a Map. The same for every driver but for how it is asked.

/** How a driver is asked; SQLite answers at once. */
export interface Asker {
  select<R>(sql: string, values?: readonly unknown[]): MaybePromise<R[]>
  /** Rows with these keys: `select … from` and a column. */
  selectIn<R>(sql: string, column: string, keys: readonly unknown[]): MaybePromise<R[]>
  insert(table: string, columns: readonly string[], rows: readonly (readonly unknown[])[]): MaybePromise<void>
  run(sql: string): MaybePromise<unknown>
}

class PlainArticle {
  tags: PlainTag[] = []
  constructor(
    readonly id: number,
    public title: string,
  ) {}
}
class PlainTag {
  constructor(
    readonly id: number,
    public name: string,
  ) {}
}
class PlainCompany {
  departments: PlainDepartment[] = []
  constructor(
    readonly id: number,
    public name: string,
  ) {}
}
class PlainDepartment {
  employees: PlainEmployee[] = []
  constructor(
    readonly id: number,
    public name: string,
    public companyId: number,
  ) {}
}
class PlainEmployee {
  constructor(
    readonly id: number,
    public name: string,
    public age: number,
    public departmentId: number,
  ) {}
}
class PlainPhoto {
  constructor(
    readonly id: number,
    public url: string,
  ) {}
}
class PlainVideo {
  constructor(
    readonly id: number,
    public url: string,
    public seconds: number,
  ) {}
}
class PlainNote {
  notable: PlainPhoto | PlainVideo | null = null
  constructor(
    readonly id: number,
    public body: string,
    public notableId: number,
    public notableType: string,
  ) {}
}
class PlainParent {
  children: PlainChild[] = []
  constructor(
    readonly id: number,
    public name: string,
  ) {}
}
class PlainChild {
  constructor(
    readonly id: number,
    public name: string,
    public parentId: number,
  ) {}
}

const after = <T, R>(value: MaybePromise<T>, next: (value: T) => MaybePromise<R>): MaybePromise<R> =>
  value instanceof Promise ? value.then(next) : next(value)

const byId = <T extends { readonly id: number }>(rows: readonly T[]): Map<number, T> =>
  new Map(rows.map((row) => [row.id, row]))

/** What the tables are made of, by the key's declaration. */
export const relationSchema = (key: string, text: string): readonly string[] => [
  `create table articles (id ${key}, title ${text} not null)`,
  `create table tags (id ${key}, name ${text} not null)`,
  `create table articles_tags (article_id integer not null references articles (id), tag_id integer not null references tags (id),
    primary key (article_id, tag_id))`,
  'create index articles_tags_tag on articles_tags (tag_id)',
  `create table companies (id ${key}, name ${text} not null)`,
  `create table departments (id ${key}, name ${text} not null, company_id integer not null references companies (id))`,
  'create index departments_company on departments (company_id)',
  `create table employees (id ${key}, name ${text} not null, age integer not null,
    department_id integer not null references departments (id))`,
  'create index employees_department on employees (department_id)',
  `create table photos (id ${key}, url ${text} not null)`,
  `create table videos (id ${key}, url ${text} not null, seconds integer not null)`,
  `create table notes (id ${key}, body ${text} not null, notable_id integer not null, notable_type ${text} not null)`,
  `create table parents (id ${key}, name ${text} not null)`,
  `create table children (id ${key}, name ${text} not null, parent_id integer not null references parents (id))`,
  'create index children_parent on children (parent_id)',
]

export async function fillRelations(ask: Asker, data: RelationData): Promise<void> {
  await ask.insert(
    'articles',
    ['title'],
    data.articles.map((row) => [row.title]),
  )
  await ask.insert(
    'tags',
    ['name'],
    data.tags.map((row) => [row.name]),
  )
  await ask.insert('articles_tags', ['article_id', 'tag_id'], data.taggings)
  await ask.insert(
    'companies',
    ['name'],
    data.companies.map((row) => [row.name]),
  )
  await ask.insert(
    'departments',
    ['name', 'company_id'],
    data.departments.map((row) => [row.name, row.companyId]),
  )
  await ask.insert(
    'employees',
    ['name', 'age', 'department_id'],
    data.employees.map((row) => [row.name, row.age, row.departmentId]),
  )
  await ask.insert(
    'photos',
    ['url'],
    data.photos.map((row) => [row.url]),
  )
  await ask.insert(
    'videos',
    ['url', 'seconds'],
    data.videos.map((row) => [row.url, row.seconds]),
  )
  await ask.insert(
    'notes',
    ['body', 'notable_id', 'notable_type'],
    data.notes.map((row) => [row.body, row.notableId, row.notableType]),
  )
  await ask.insert(
    'parents',
    ['name'],
    data.parents.map((row) => [row.name]),
  )
  await ask.insert(
    'children',
    ['name', 'parent_id'],
    data.children.map((row) => [row.name, row.parentId]),
  )
}

interface TagRow {
  id: number
  name: string
  article_id: number
}

export function articlesWithTags(ask: Asker): MaybePromise<PlainArticle[]> {
  return after(ask.select<{ id: number; title: string }>('select * from articles'), (rows) => {
    const articles = rows.map((row) => new PlainArticle(row.id, row.title))
    const sql = 'select t.*, p.article_id from tags t join articles_tags p on p.tag_id = t.id where'
    const ids = articles.map((article) => article.id)
    return after(ask.selectIn<TagRow>(sql, 'p.article_id', ids), (tags) => {
      const known = byId(articles)
      for (const row of tags) known.get(row.article_id)?.tags.push(new PlainTag(row.id, row.name))
      return articles
    })
  })
}

interface DepartmentRow {
  id: number
  name: string
  company_id: number
}
interface EmployeeRow {
  id: number
  name: string
  age: number
  department_id: number
}

export function companiesNested(ask: Asker): MaybePromise<PlainCompany[]> {
  return after(ask.select<{ id: number; name: string }>('select * from companies'), (rows) => {
    const companies = rows.map((row) => new PlainCompany(row.id, row.name))
    const keys = companies.map((company) => company.id)
    return after(ask.selectIn<DepartmentRow>('select * from departments where', 'company_id', keys), (second) => {
      const departments = second.map((row) => new PlainDepartment(row.id, row.name, row.company_id))
      const known = byId(companies)
      for (const department of departments) known.get(department.companyId)?.departments.push(department)
      const ids = departments.map((department) => department.id)
      return after(ask.selectIn<EmployeeRow>('select * from employees where', 'department_id', ids), (third) => {
        const parents = byId(departments)
        for (const row of third)
          parents
            .get(row.department_id)
            ?.employees.push(new PlainEmployee(row.id, row.name, row.age, row.department_id))
        return companies
      })
    })
  })
}

interface NoteRow {
  id: number
  body: string
  notable_id: number
  notable_type: string
}

export function notesWithNotables(ask: Asker): MaybePromise<PlainNote[]> {
  return after(ask.select<NoteRow>('select * from notes'), (rows) => {
    const notes = rows.map((row) => new PlainNote(row.id, row.body, row.notable_id, row.notable_type))
    const keysOf = (type: string) => [
      ...new Set(notes.filter((note) => note.notableType === type).map((note) => note.notableId)),
    ]
    const photoRows = ask.selectIn<{ id: number; url: string }>('select * from photos where', 'id', keysOf('Photo'))
    return after(photoRows, (first) => {
      const photos = byId(first.map((row) => new PlainPhoto(row.id, row.url)))
      const videoRows = ask.selectIn<PlainVideo>('select * from videos where', 'id', keysOf('Video'))
      return after(videoRows, (second) => {
        const videos = byId(second.map((row) => new PlainVideo(row.id, row.url, row.seconds)))
        for (const note of notes)
          note.notable = (note.notableType === 'Photo' ? photos : videos).get(note.notableId) ?? null
        return notes
      })
    })
  })
}

interface ChildRow {
  id: number
  name: string
  parent_id: number
}

/** A tenth of the parents, or all of them: keys in lists of a thousand. */
export function parentsWithChildren(ask: Asker, count: number): MaybePromise<PlainParent[]> {
  const all = ask.select<{ id: number; name: string }>(`select * from parents order by id limit ${count}`)
  return after(all, (rows) => {
    const parents = rows.map((row) => new PlainParent(row.id, row.name))
    const known = byId(parents)
    const load = (from: number): MaybePromise<PlainParent[]> => {
      if (from >= parents.length) return parents
      const keys = parents.slice(from, from + 1000).map((parent) => parent.id)
      return after(ask.selectIn<ChildRow>('select * from children where', 'parent_id', keys), (found) => {
        for (const row of found)
          known.get(row.parent_id)?.children.push(new PlainChild(row.id, row.name, row.parent_id))
        return load(from + 1000)
      })
    }
    return load(0)
  })
}
