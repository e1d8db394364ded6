import { Database, fn, sql } from 'corm'
import { type Contender, change, type Rows, weigh } from './contender.js'
import type { Data, ItemData } from './data.js'
import { Author, ChangingItem, DecimalItem, FreshItem, Item, LeanItem, Post } from './models.js'
import type { RelationData } from './relation-data.js'
import {
  Article,
  Child,
  Company,
  Department,
  Employee,
  Note,
  Parent,
  Photo,
  relationModels,
  Tag,
  Video,
} from './relation-models.js'

type Changing = InstanceType<typeof ChangingItem>

/** The jobs as a user of corm writes them. */
export class CormSide implements Contender {
  #changing: Changing[] = []
  #lean: InstanceType<typeof LeanItem>[] = []

  private constructor(readonly database: Database) {}

  static async connect(url: string): Promise<CormSide> {
    return new CormSide(await Database.connect({ url, pool: { max: 10 } }))
  }

  async setUp({ items, authors, posts, related }: Data): Promise<void> {
    await this.database.createTables([Item, FreshItem, ChangingItem, Author, Post, ...relationModels])
    await Item.createMany(items)
    await ChangingItem.createMany(items)
    await Author.createMany(authors)
    await Post.createMany(posts)
    await this.#setUpRelations(related)
    const { name } = this.database.dialect
    if (name === 'postgres') await this.database.execute(sql`analyze`)
    // rows come back from it
    if (name !== 'postgres' && name !== 'sqlite')
      await this.database.select(sql`analyze table items, changing_items, authors, posts`)
  }

  close(): Promise<void> {
    return this.database.close()
  }

  insertMany(rows: readonly ItemData[]): Rows {
    return FreshItem.createMany(rows)
  }

  async createEach(rows: readonly ItemData[]): Promise<readonly object[]> {
    const created: object[] = []
    for (const row of rows) created.push(await FreshItem.create(row))
    return created
  }

  async createEachAlone(rows: readonly ItemData[]): Promise<readonly object[]> {
    const created: object[] = []
    for (const row of rows) created.push(await this.database.transaction(() => FreshItem.create(row)))
    return created
  }

  empty(): Promise<void> {
    return FreshItem.truncate()
  }

  async inserted(): Promise<readonly object[]> {
    return FreshItem.query()
  }

  async all(): Promise<readonly object[]> {
    return Item.query()
  }

  async readAll(): Promise<number> {
    const items = await Item.query()
    let sum = 0
    for (const item of items) sum += weigh(item)
    return sum
  }

  async allDecimal(): Promise<readonly object[]> {
    return DecimalItem.query()
  }

  async findEach(ids: readonly number[]): Promise<readonly object[]> {
    const found: object[] = []
    for (const id of ids) {
      const item = await Item.find(id)
      if (item !== null) found.push(item)
    }
    return found
  }

  async findInLoops(lists: readonly (readonly number[])[]): Promise<readonly object[]> {
    return (await Promise.all(lists.map((ids) => this.findEach(ids)))).flat()
  }

  async threeConditions(from: readonly number[]): Promise<readonly object[]> {
    const found: object[] = []
    for (const num of from) {
      const items = await Item.where('active', true)
        .where('num', '>=', num)
        .where('score', '<', 90)
        .orderBy('num')
        .limit(20)
      for (const item of items) found.push(item)
    }
    return found
  }

  async postsWithAuthor(): Promise<readonly object[]> {
    return Post.with('author')
  }

  async authorsWithPosts(): Promise<readonly object[]> {
    return Author.with('posts')
  }

  async articlesWithTags(): Promise<readonly object[]> {
    return Article.with('tags')
  }

  async companiesNested(): Promise<readonly object[]> {
    return Company.with('departments.employees')
  }

  async notesWithNotables(): Promise<readonly object[]> {
    return Note.with('notable')
  }

  async parentsWithChildren(count: number): Promise<readonly object[]> {
    return Parent.query().orderBy('id').limit(count).with('children')
  }

  async #setUpRelations(data: RelationData): Promise<void> {
    await Article.insertMany(data.articles)
    await Tag.insertMany(data.tags)
    await Article.attachMany('tags', data.taggings)
    await Company.insertMany(data.companies)
    await Department.insertMany(data.departments)
    await Employee.insertMany(data.employees)
    await Photo.insertMany(data.photos)
    await Video.insertMany(data.videos)
    await Note.insertMany(data.notes)
    await Parent.insertMany(data.parents)
    await Child.insertMany(data.children)
  }

  async aggregates(times: number): Promise<readonly object[]> {
    const { views } = Post.columns
    let groups: readonly object[] = []
    for (let i = 0; i < times; i++)
      groups = await Post.query()
        .groupBy('authorId')
        .aggregate({ posts: fn.count(), views: fn.sum(views), most: fn.max(views), mean: fn.avg(views) })
    return groups
  }

  async load(count: number): Promise<void> {
    this.#changing = await ChangingItem.query().orderBy('id').limit(count)
    this.#lean = await LeanItem.query().orderBy('id').limit(count)
  }

  async saveEachLean(turn: number): Promise<void> {
    for (const item of this.#lean) {
      change(item, turn)
      await item.save()
    }
  }

  async saveEach(turn: number): Promise<void> {
    for (const item of this.#changing) {
      change(item, turn)
      await item.save()
    }
  }

  async saveTogether(turn: number): Promise<void> {
    for (const item of this.#changing) change(item, turn)
    await ChangingItem.saveMany(this.#changing)
  }

  async saveAtOnce(turn: number): Promise<void> {
    await Promise.all(
      this.#changing.map((item) => {
        change(item, turn)
        return item.save()
      }),
    )
  }

  async updateAll(turn: number): Promise<void> {
    for (const item of this.#changing) change(item, turn)
    await ChangingItem.updateMany(this.#changing, ['title', 'score'])
  }

  async changed(): Promise<readonly object[]> {
    return ChangingItem.query()
  }
}
