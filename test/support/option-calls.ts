/** One call with options for each public method that takes options. */
import { Database, Field, fn, MemoryStorage, Model, pruneFiles, Relation, retryOnStale } from 'corm'
import 'corm/country'
import { defineConfig } from 'corm/config'
import { dumpData, loadData } from 'corm/fixtures'
import { column } from 'corm/migration'
import { expectQueries, factory, recordingDriver, useTestDatabase } from 'corm/testing'
import { looseField, looseModel, looseRelation } from './loose.js'

export class Writer extends Model({ name: Field.string(), born: Field.dateTime({ nullable: true }) }) {
  static pages = Relation.hasMany(() => Page)
  static marks = Relation.manyToMany(() => Mark)
}
export class Page extends Model({
  title: Field.string(),
  stars: Field.integer({ default: 0 }),
  writerId: Field.foreignKey(() => Writer, { nullable: true }),
}) {
  static writer = Relation.belongsTo(() => Writer)
}
export class Mark extends Model({ word: Field.string({ unique: true }) }) {}
/** Without a table, because not every database supports vectors. */
class Place extends Model(
  { at: Field.vector(2), name: Field.string() },
  { indexes: [{ fields: ['name'], fullText: true }] },
) {
  static embedQuery() {
    return [1, 2]
  }
}

/** Without a table: a storage without files asks for no rows. */
class Sheet extends Model({ scan: Field.file() }) {}

// what the types refuse must also be refused at run time
type Loose = any
const page = Page as Loose
const writer = Writer as Loose
const query = (model: unknown = Page) => (model as Loose).query()
const saved = async (model: Loose = Page) => (await model.query().first()) as Loose

/** A field is only checked when its model is resolved. */
const defined = (field: (options: unknown) => unknown) => (options: unknown) => {
  class Defined extends looseModel({ it: field(options) }) {}
  class One extends looseModel({ name: Field.string() }) {}
  void One
  return Defined.hasField('it')
}
const fieldOf = (name: string, ...before: unknown[]) => defined((options) => looseField[name]?.(...before, options))
const columnOf =
  (name: string, ...before: unknown[]) =>
  (options: unknown) =>
    (column as Loose)[name](...before, options)
const relationOf =
  (name: string, ...before: unknown[]) =>
  (options: unknown) =>
    looseRelation[name]?.(...before, options)
const data = { title: 'a' }

const NO_HOOKS = { beforeAll() {}, afterAll() {}, beforeEach() {}, afterEach() {} }

/** One call with these options for each public method that takes options. */
export const CALLS: Readonly<Record<string, (options: unknown, db: Database) => unknown>> = {
  // with hooks of nobody: none are to run here
  useTestDatabase: (options) =>
    useTestDatabase(options === undefined ? { hooks: NO_HOOKS } : (options as Parameters<typeof useTestDatabase>[0])),
  expectQueries: (options) => expectQueries(options as never, () => undefined),
  factory: (options) => factory(Writer, undefined, options as never),
  defineConfig: (options) => defineConfig(options as never),
  recordingDriver: (options) => recordingDriver(options as never),
  'Executor.transaction': (options, db) => db.transaction(async () => undefined, options as never),
  'Column.add': (options) => query(Writer).annotate({ later: (c: Loose) => c.born.add(options) }),
  'Column.subtract': (options) => query(Writer).annotate({ sooner: (c: Loose) => c.born.subtract(options) }),
  'Column.asc': (options) => query().orderBy((c: Loose) => c.title.asc(options)),
  'Column.desc': (options) => query().orderBy((c: Loose) => c.title.desc(options)),
  'Column.year': (options) => (fn.now() as Loose).year(options),
  'Column.quarter': (options) => (fn.now() as Loose).quarter(options),
  'Column.month': (options) => (fn.now() as Loose).month(options),
  'Column.week': (options) => (fn.now() as Loose).week(options),
  'Column.day': (options) => (fn.now() as Loose).day(options),
  'Column.dayOfYear': (options) => (fn.now() as Loose).dayOfYear(options),
  'Column.weekday': (options) => (fn.now() as Loose).weekday(options),
  'Column.hour': (options) => (fn.now() as Loose).hour(options),
  'Column.minute': (options) => (fn.now() as Loose).minute(options),
  'Column.second': (options) => (fn.now() as Loose).second(options),
  'Column.truncate': (options) => (fn.now() as Loose).truncate('day', options),
  'FieldMakers.id': fieldOf('id'),
  'FieldMakers.file': fieldOf('file'),
  'FieldMakers.image': fieldOf('image'),
  'FieldMakers.bigId': fieldOf('bigId'),
  'FieldMakers.smallInteger': fieldOf('smallInteger'),
  'FieldMakers.integer': fieldOf('integer'),
  'FieldMakers.bigInteger': fieldOf('bigInteger'),
  'FieldMakers.float': fieldOf('float'),
  'FieldMakers.decimal': fieldOf('decimal'),
  'FieldMakers.boolean': fieldOf('boolean'),
  'FieldMakers.string': fieldOf('string'),
  'FieldMakers.text': fieldOf('text'),
  'FieldMakers.email': fieldOf('email'),
  'FieldMakers.url': fieldOf('url'),
  'FieldMakers.slug': fieldOf('slug'),
  'FieldMakers.tel': fieldOf('tel'),
  'FieldMakers.ip': fieldOf('ip'),
  'FieldMakers.char': fieldOf('char', 2),
  'FieldMakers.uuid': fieldOf('uuid'),
  'FieldMakers.enum': fieldOf('enum', ['a', 'b']),
  'FieldMakers.json': fieldOf('json'),
  'FieldMakers.date': fieldOf('date'),
  'FieldMakers.time': fieldOf('time'),
  'FieldMakers.dateTime': fieldOf('dateTime'),
  'FieldMakers.softDelete': fieldOf('softDelete'),
  'FieldMakers.version': fieldOf('version'),
  'FieldMakers.binary': fieldOf('binary'),
  'FieldMakers.array': fieldOf('array', Field.string()),
  'FieldMakers.vector': fieldOf('vector', 3),
  'FieldMakers.embedding': fieldOf('embedding', 3),
  'FieldMakers.password': fieldOf('password'),
  'FieldMakers.encrypted': fieldOf('encrypted', Field.string()),
  'FieldMakers.country': fieldOf('country'),
  'FieldMakers.foreignKey': fieldOf('foreignKey', () => Writer),
  'FieldMakers.oneToOne': fieldOf('oneToOne', () => Writer),
  'FieldMakers.morphs': (options) => looseField.morphs?.('about', options),
  'FieldMakers.computed': fieldOf('computed', () => 1),
  'FieldMakers.virtual': fieldOf('virtual'),
  'FieldMakers.translated': fieldOf('translated', Field.string()),
  'MigrationColumns.id': columnOf('id'),
  'MigrationColumns.bigId': columnOf('bigId'),
  'MigrationColumns.smallInteger': columnOf('smallInteger'),
  'MigrationColumns.integer': columnOf('integer'),
  'MigrationColumns.bigInteger': columnOf('bigInteger'),
  'MigrationColumns.float': columnOf('float'),
  'MigrationColumns.decimal': columnOf('decimal'),
  'MigrationColumns.boolean': columnOf('boolean'),
  'MigrationColumns.string': columnOf('string'),
  'MigrationColumns.text': columnOf('text'),
  'MigrationColumns.uuid': columnOf('uuid'),
  'MigrationColumns.json': columnOf('json'),
  'MigrationColumns.date': columnOf('date'),
  'MigrationColumns.time': columnOf('time'),
  'MigrationColumns.dateTime': columnOf('dateTime'),
  'MigrationColumns.binary': columnOf('binary'),
  'MigrationColumns.char': columnOf('char', 2),
  'MigrationColumns.vector': columnOf('vector', 3),
  'MigrationColumns.enum': columnOf('enum', ['a']),
  'MigrationColumns.array': columnOf('array', column.integer()),
  'FieldMakers.custom': (options) => looseField.custom?.(options),
  'WindowFunction.over': (options) => (fn.rowNumber() as Loose).over(options),
  'Aggregate.over': (options) => (fn.count() as Loose).over(options),
  'Functions.count': (options) => (fn.count as Loose)(Page.columns.title, options),
  'Functions.sum': (options) => (fn.sum as Loose)(Page.columns.stars, options),
  'Functions.avg': (options) => (fn.avg as Loose)(Page.columns.stars, options),
  'Functions.groupConcat': (options) => (fn.groupConcat as Loose)(Page.columns.title, ',', options),
  'RelationMakers.belongsTo': relationOf('belongsTo', () => Writer),
  'RelationMakers.hasOne': relationOf('hasOne', () => Page),
  'RelationMakers.hasMany': relationOf('hasMany', () => Page),
  'RelationMakers.manyToMany': relationOf('manyToMany', () => Mark),
  'RelationMakers.hasOneThrough': relationOf('hasOneThrough', () => Mark),
  'RelationMakers.hasManyThrough': relationOf('hasManyThrough', () => Mark),
  'RelationMakers.morphTo': relationOf('morphTo', [() => Mark]),
  'RelationMakers.morphOne': relationOf('morphOne', () => Mark, 'about'),
  'RelationMakers.morphMany': relationOf('morphMany', () => Mark, 'about'),
  'RelationMakers.morphToMany': relationOf('morphToMany', () => Mark, 'about'),
  'RelationMakers.morphedByMany': relationOf('morphedByMany', () => Mark, 'about'),
  'RelationMakers.custom': (options) => looseRelation.custom?.(options),
  'Handle.toJSON': async (options) => (await saved(Writer)).toJSON(options),
  'Handle.toObject': async (options) => (await saved(Writer)).toObject(options),
  'Handle.saveWithRelations': async (options) => (await saved(Writer)).saveWithRelations({ name: 'b' }, options),
  'RelatedRows.create': async (options) => (await saved(Writer)).related('pages').create(data, options),
  'RelatedRows.createMany': async (options) => (await saved(Writer)).related('pages').createMany([data], options),
  'RelatedRows.firstOrCreate': async (options) =>
    (await saved(Writer)).related('pages').firstOrCreate(data, {}, options),
  'RelatedRows.updateOrCreate': async (options) =>
    (await saved(Writer)).related('pages').updateOrCreate(data, { stars: 1 }, options),
  'LinkedRows.firstOrCreate': async (options) =>
    (await saved(Writer)).related('marks').firstOrCreate({ word: 'e' }, {}, {}, options),
  'LinkedRows.updateOrCreate': async (options) =>
    (await saved(Writer)).related('marks').updateOrCreate({ word: 'f' }, {}, {}, options),
  'LinkedRows.create': async (options) => (await saved(Writer)).related('marks').create({ word: 'b' }, {}, options),
  'LinkedRows.createMany': async (options) =>
    (await saved(Writer)).related('marks').createMany([{ word: 'c' }], {}, options),
  'LinkedRows.save': async (options) =>
    (await saved(Writer)).related('marks').save(new Mark({ word: 'd' }), {}, options),
  'LinkWrites.attach': async (options) => (await saved(Writer)).related('marks').attach([], {}, options),
  'InstanceBase.toJSON': (options) => (new Page() as Loose).toJSON(options),
  'InstanceBase.toObject': (options) => (new Page() as Loose).toObject(options),
  'LinkWrites.add': async (options) => (await saved(Writer)).related('marks').add([], undefined, options),
  'LinkWrites.sync': async (options) => (await saved(Writer)).related('marks').sync([], options),
  'LinkWrites.set': async (options) => (await saved(Writer)).related('marks').set([], options),
  'LinkWrites.toggle': async (options) => (await saved(Writer)).related('marks').toggle([], {}, options),
  'LinkWrites.updatePivot': async (options) => (await saved(Writer)).related('marks').updatePivot([], {}, options),
  'QueryBuilder.join': (options) => query().join(Writer, (c: Loose, t: Loose) => c.writerId.eq(t.id), options),
  'QueryBuilder.leftJoin': (options) => query().leftJoin(Writer, (c: Loose, t: Loose) => c.writerId.eq(t.id), options),
  'QueryOrder.filter': (options) => query().filter(['title', '=', 'a'], options),
  'QueryOrder.sort': (options) => query().sort('title', options),
  'QuerySettings.lock': (options) => query().lock('update', options),
  'QueryBuilder.nearest': (options) => query(Place).nearest('at', [1, 2], options),
  'QueryBuilder.matches': (options) => query(Place).matches('name', 'a', options),
  'QueryBuilder.search': (options) => query(Place).search('a', options),
  'QueryBuilder.hybrid': (options) => query(Place).hybrid('a', options),
  'QueryBuilder.withCount': (options) => query(Writer).withCount({ pages: options }),
  'QueryBuilder.withExists': (options) => query(Writer).withExists({ pages: options }),
  'QueryBuilder.withSum': (options) => query(Writer).withSum('pages', 'stars', options),
  'QueryBuilder.withAvg': (options) => query(Writer).withAvg('pages', 'stars', options),
  'QueryBuilder.withMin': (options) => query(Writer).withMin('pages', 'stars', options),
  'QueryBuilder.withMax': (options) => query(Writer).withMax('pages', 'stars', options),
  'QueryBuilder.paginate': (options) => query().paginate(options),
  'UnitedRows.paginate': (options) => query().select('title').unionRows(query().select('title')).paginate(options),
  'UnitedRows.toSQL': (options) => query().select('title').unionRows(query().select('title')).toSQL(options),
  'QueryRows.cursorPaginate': (options) => query().cursorPaginate(options),
  'QueryRows.stream': async (options) => query().stream(options).next(),
  'QueryWrites.update': (options) => query().where('stars', 0).update({ title: 'a' }, options),
  'QueryWrites.delete': (options) => query().where('stars', 9).delete(options),
  'QueryWrites.forceDelete': (options) => query().where('stars', 9).forceDelete(options),
  'QueryWrites.restore': (options) => query().where('stars', 9).restore(options),
  'QueryWrites.updateReturning': (options) => query().where('stars', 0).updateReturning({ title: 'a' }, options),
  'QueryText.explain': (options) => query().explain(options),
  'QueryText.print': (options) => query().limit(0).print(options),
  'QueryText.toSQL': (options) => query().toSQL(options),
  'QueryText.toSQLUpdate': (options) => query().toSQLUpdate({ title: 'a' }, options),
  'QueryText.toSQLDelete': (options) => query().toSQLDelete(options),
  'QueryText.toRawSQL': (options) => query().toRawSQL(options),
  'Typed.save': async (options) => (await saved()).save(options),
  'Typed.update': async (options) => (await saved()).update(data, options),
  'Typed.fill': async (options) => (await saved()).fill(data, options),
  'Statics.make': (options) => page.make(data, options),
  'Statics.create': (options) => page.create(data, options),
  'Statics.createWithRelations': (options) => page.createWithRelations(data, options),
  'Statics.attachMany': (options) => writer.attachMany('marks', [], options),
  'Statics.detachMany': (options) => writer.detachMany('marks', [], options),
  'Statics.createMany': (options) => page.createMany([data], options),
  'Statics.insertMany': (options) => page.insertMany([data], options),
  'Statics.firstOrCreate': (options) => page.firstOrCreate(data, {}, options),
  'Statics.updateOrCreate': (options) => page.updateOrCreate(data, { stars: 1 }, options),
  'Statics.upsert': (options) => (Mark as Loose).upsert({ word: 'a' }, withConflict(options)),
  'Statics.upsertMany': (options) => (Mark as Loose).upsertMany([{ word: 'a' }], withConflict(options)),
  'Statics.saveMany': (options) => page.saveMany([], options),
  'Statics.updateMany': (options) => page.updateMany([], ['title'], options),
  'Statics.deleteMany': (options) => page.deleteMany([], options),
  'Statics.transaction': (options) => page.transaction(async () => undefined, options),
  'Statics.reencrypt': (options) => (Mark as Loose).reencrypt(options),
  'Statics.embedAll': (options) => (Place as Loose).embedAll(options),
  'Statics.truncate': (options) => (Mark as Loose).truncate(options),
  'Statics.toSQLInsert': (options) => page.toSQLInsert(data, options),
  'Statics.extend': (options) => writer.extend({ more: Field.string() }, options),
  'ModelClass.new': (options) => new page(data, options),
  'ModelFactory.call': (options) => looseModel({ name: Field.string() }, options as object),
  pruneFiles: async (options) => {
    Database.configure({ files: new MemoryStorage() })
    return pruneFiles([Sheet], options as object)
  },
  retryOnStale: (options) => retryOnStale(async () => undefined, options as object),
  'Database.connect': async (options) => {
    const db = await Database.connect(withUrl(options) as never)
    await db.close()
  },
  'Database.configure': (options) => Database.configure(options as object),
  dumpData: (options) => dumpData([Mark], options as object),
  loadData: (options) => loadData({}, options as never),
  'Database.migrate': (options, db) => db.migrate(completed(options, { migrations: {} }) as never),
  'Database.createTables': (options, db) => db.createTables([], options as object),
}

const isObject = (value: unknown): value is object => {
  try {
    return Object.prototype.toString.call(value) === '[object Object]'
  } catch {
    return false
  }
}
const completed = (options: unknown, more: object) => {
  if (!isObject(options)) return options
  const like = Object.assign(Object.create(Object.getPrototypeOf(options)), more)
  return Object.defineProperties(like, Object.getOwnPropertyDescriptors(options))
}
const withConflict = (options: unknown) => completed(options, { conflict: 'word' })
const withUrl = (options: unknown) => completed(options, { name: 'another', url: 'sqlite::memory:' })
