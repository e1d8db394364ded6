import { nodeOf } from '../../ast/brand.js'
import type { Dialect } from '../../dialect/dialect.js'
import { dialectNamed } from '../../dialect/named.js'
import { UsageError } from '../../errors.js'
import type { Executor, OpenTransaction, Using } from '../../execution/executor.js'
import { Origin } from '../../hydrate/origin.js'
import { adoptRow } from '../../hydrate/state.js'
import { constructorOf, metadataOf, STANDS_FOR } from '../../metadata/metadata.js'
import { relationOf } from '../../metadata/relation/resolve.js'
import type { Query } from '../../query/builder/query-builder.js'
import { columnsOf } from '../../query/columns/columns.js'
import { sqlOptions } from '../../query/options.js'
import { refuseReadOnly } from '../../query/scopes/refused.js'
import type { EmbedProgress, UpsertCounts } from '../../types/call-options.js'
import type { TransactionOptions } from '../../types/database.js'
import { limitArguments, limitLater, requireFunction, requireList } from '../../util/arguments.js'
import { isList } from '../../util/list.js'
import { andThen, type MaybePromise, promised, promisedCall } from '../../util/maybe-promise.js'
import { isPlainObject } from '../../util/own.js'
import { asRecord } from '../../util/record.js'
import { createWithRelations } from '../nested/index.js'
import { findMany, findOne, notFoundByKey } from '../read/find.js'
import { missingTranslations } from '../read/missing-translations.js'
import { rawInstances } from '../read/raw.js'
import { attachMany, detachMany } from '../related/link-many.js'
import { modelBulks, modelCalls, modelWrites } from '../runtime/argument-counts.js'
import { boundDatabase } from '../runtime/bound.js'
import {
  batchOption,
  createManyOptions,
  embedAllOptions,
  guardedOption,
  reencryptOptions,
  truncateOptions,
  type UpsertOptions,
  upsertManyOptions,
  upsertOptions,
} from '../runtime/options.js'
import { markReference } from '../runtime/reference.js'
import { executorFor, requireExecutor } from '../runtime/run.js'
import { BOUND, boundTo, type ModelRuntime, runtimeOf } from '../runtime/runtime.js'
import { createInstance, createManyInstances, insertData, makeInstance } from '../write/create.js'
import { firstOrCreate } from '../write/first-or-create.js'
import { type CanonicalRow, newContext, prepareInsert } from '../write/prepare.js'
import { reencrypt } from '../write/reencrypt.js'
import { deleteMany, saveMany, updateMany } from '../write/save-many.js'
import { insertSql as sqlOfInsert } from '../write/send/insert.js'
import { requireEmbeddings, staleRows } from '../write/stale-embeddings.js'
import { upsertMany, upsertOne } from '../write/upsert.js'
import { type Attributes, fromSnapshot, snapshotOf } from '../write/values.js'
import { embedAll } from './embed-all.js'
import { ModelBase, writtenBy } from './model.js'
import { schemasOf } from './schema.js'
import { truncate } from './truncate.js'

const isGuarded = (call: string, options: unknown): boolean => guardedOption(options, call).guarded === true

/** Statics of every model: each hands on to the module that does it. Public types are in `types/model.ts`. */
export class ModelStatics extends ModelBase {
  static get columns(): object {
    const meta = metadataOf(this)
    return columnsOf(meta, meta.table)
  }
  static get schema(): object {
    return schemasOf(metadataOf(this))
  }
  static hasField(name: string): boolean {
    return metadataOf(this).typeOf(name) !== undefined
  }
  static query(): Query {
    return runtimeOf(this).query(boundTo(this))
  }
  static where(...args: unknown[]): Query {
    return ModelStatics.query.call(this).where(...args)
  }
  static with(...what: unknown[]): Query {
    return ModelStatics.query.call(this).with(...what)
  }
  static all(): Query {
    return ModelStatics.query.call(this).all()
  }
  static withTrashed(): Query {
    return ModelStatics.query.call(this).withTrashed()
  }
  static onlyTrashed(): Query {
    return ModelStatics.query.call(this).onlyTrashed()
  }
  static withoutGlobalScope(name: string): Query {
    return ModelStatics.query.call(this).withoutGlobalScope(name)
  }
  static withoutGlobalScopes(): Query {
    return ModelStatics.query.call(this).withoutGlobalScopes()
  }
  static count(): Promise<number> {
    return ModelStatics.query.call(this).count()
  }
  static exists(): Promise<boolean> {
    return ModelStatics.query.call(this).exists()
  }

  static make(data?: unknown, options?: unknown): object {
    const instance = makeInstance(runtimeOf(this), data, isGuarded('make()', options))
    const using = boundTo(this)
    if (using !== null) boundDatabase.set(instance, using.database)
    return instance
  }
  static ref(key: unknown): object {
    return refTo(runtimeOf(this), key, boundTo(this))
  }
  static create(data: unknown, options?: unknown): Promise<object> {
    return promisedCall(this, data, options, createFor)
  }
  static createWithRelations(data: unknown, options?: unknown): Promise<object> {
    return promised(() =>
      createWithRelations(runtimeOf(this), data, isGuarded('createWithRelations()', options), boundTo(this)),
    )
  }
  static createMany(rows: readonly unknown[], options?: unknown): Promise<object[]> {
    return promised(() => {
      const { guarded = false, batchSize } = createManyOptions(options)
      return createManyInstances(runtimeOf(this), rows, boundTo(this), { guarded, link: null, most: batchSize })
    })
  }
  static insertMany(rows: readonly unknown[], options?: unknown): Promise<number> {
    return promised(() => insertData(runtimeOf(this), rows, boundTo(this), batchOption(options).batchSize))
  }

  static find(key: unknown): Promise<object | null> {
    return promisedCall(this, key, undefined, findFor)
  }
  static findOrFail(key: unknown): Promise<object> {
    return promised(() =>
      andThen(findOne(runtimeOf(this), key, boundTo(this)), (found) => {
        if (found === null) throw notFoundByKey(runtimeOf(this))
        return found
      }),
    )
  }
  static findMany(keys: readonly unknown[]): Promise<object[]> {
    return promised(() => {
      requireList(keys, 'findMany()', 'keys')
      return findMany(runtimeOf(this), keys, boundTo(this))
    })
  }
  static findBy(match: unknown): Promise<object | null> {
    return promised(() => ModelStatics.query.call(this).where(requireMatch(this, match)).first())
  }
  static firstOrCreate(match: object, extra: object = {}, options?: unknown): Promise<[object, boolean]> {
    return promised(() => createFirst(this, match, extra, isGuarded('firstOrCreate()', options)))
  }
  static updateOrCreate(match: object, data: object, options?: unknown): Promise<[object, boolean]> {
    return promised(async () => {
      const guarded = isGuarded('updateOrCreate()', options)
      const [instance, created] = await createFirst(this, match, data, guarded)
      if (!created) await (instance as ModelBase).update(data, { guarded })
      return [instance, created]
    })
  }
  static upsert(data: Attributes, options: unknown): Promise<object> {
    return promised(() => upsertOne(runtimeOf(this), data, upsertOptions(options) as UpsertOptions, boundTo(this)))
  }
  static upsertMany(rows: readonly Attributes[], options: unknown): Promise<UpsertCounts> {
    return promised(() => upsertMany(runtimeOf(this), rows, upsertManyOptions(options) as UpsertOptions, boundTo(this)))
  }
  static saveMany(instances: readonly object[], options?: unknown): Promise<void> {
    return promised(() =>
      saveMany(runtimeOf(this), instances, boundTo(this), batchOption(options, 'saveMany()').batchSize),
    )
  }
  static updateMany(instances: readonly object[], fields: readonly string[], options?: unknown): Promise<number> {
    return promised(() => {
      const { batchSize } = batchOption(options, 'updateMany()')
      requireList(fields, 'updateMany()', 'names of fields as its second argument')
      const only = new Set(fields.flatMap((name) => writtenBy(metadataOf(this), name)))
      return updateMany(runtimeOf(this), instances, boundTo(this), { only, most: batchSize })
    })
  }
  static deleteMany(keys: readonly unknown[], options?: unknown): Promise<number> {
    return promised(() =>
      deleteMany(runtimeOf(this), keys, boundTo(this), batchOption(options, 'deleteMany()').batchSize),
    )
  }

  static attachMany(relation: string, pairs: unknown, options?: unknown): Promise<number> {
    return promised(() => attachMany(relationOf(runtimeOf(this).meta, relation), pairs, options, boundTo(this)))
  }
  static detachMany(relation: string, pairs: unknown, options?: unknown): Promise<number> {
    return promised(() => detachMany(relationOf(runtimeOf(this).meta, relation), pairs, options, boundTo(this)))
  }

  static raw(sql: unknown): Promise<object[]> {
    return promised(() => rawInstances(runtimeOf(this), sql, boundTo(this)))
  }
  static rawFirst(sql: unknown): Promise<object | null> {
    return promised(() => andThen(rawInstances(runtimeOf(this), sql, boundTo(this)), (rows) => rows[0] ?? null))
  }
  static using(executor: unknown): unknown {
    return bind(this, requireExecutor(executor))
  }
  static transaction<R>(work: (trx: OpenTransaction) => Promise<R>, options?: TransactionOptions): Promise<R> {
    return promised(async () => {
      requireFunction(work, 'transaction()')
      const executor = await executorFor(metadataOf(this), boundTo(this))
      return executor.transaction(work, options)
    })
  }
  static staleEmbeddings(): Query {
    const runtime = runtimeOf(this)
    return staleRows(runtime.query(boundTo(this)), requireEmbeddings(runtime.meta, 'staleEmbeddings()'))
  }
  static missingTranslations(locale: string, field?: string): Query {
    return missingTranslations(runtimeOf(this).query(boundTo(this)), locale, field)
  }
  static reencrypt(options?: unknown): Promise<number> {
    return promised(() => reencrypt(runtimeOf(this), boundTo(this), reencryptOptions(options).batch))
  }
  static embedAll(options?: unknown): Promise<EmbedProgress> {
    return promised(() => embedAll(runtimeOf(this), boundTo(this), embedAllOptions(options)))
  }
  static truncate(options?: unknown): Promise<void> {
    return promised(() => truncate(metadataOf(this), boundTo(this), truncateOptions(options)))
  }
  static toSQLInsert(rows: unknown, options?: unknown): object {
    const runtime = runtimeOf(this)
    refuseReadOnly(runtime.meta)
    const list = isList(rows) ? rows : [rows]
    return insertSql(runtime, list, sqlOptions(options, 'toSQLInsert()').dialect, boundTo(this))
  }
}

limitArguments(ModelStatics, modelCalls, modelWrites)
limitLater(ModelStatics, modelBulks)

/** The model with its statics tied to a database or transaction; instances are instances of the model. */
function bind(model: unknown, executor: Executor): unknown {
  const original = constructorOf(metadataOf(model).model)
  // not an arrow function: it is called with new
  function bound(...args: unknown[]): object {
    const instance = new original(...args)
    boundDatabase.set(instance, executor.database)
    return instance
  }
  Object.setPrototypeOf(bound, original)
  Object.defineProperty(bound, 'prototype', { value: original.prototype })
  Object.defineProperty(bound, STANDS_FOR, { value: original })
  Object.defineProperty(bound, BOUND, { value: executor })
  return bound
}

function refTo(runtime: ModelRuntime, key: unknown, using: Using): object {
  const { meta } = runtime
  const target = runtime.target(meta.primaryKey)
  const values = meta.key.read(key)
  const row = meta.primaryKey.map((field, i) => snapshotOf(field, field.check(values[i])))
  const ref = asRecord(new target.make(target.mark))
  meta.primaryKey.forEach((field, i) => {
    ref[field.name] = fromSnapshot(field, row[i])
  })
  const database = using?.database ?? null
  adoptRow(ref, row, markReference(ref, new Origin(meta, runtime.positions(meta.primaryKey), database, [ref])))
  return ref
}

function requireMatch(model: unknown, match: unknown): unknown {
  if (!isPlainObject(match) || nodeOf(match) !== undefined || Object.keys(match).length === 0)
    throw new UsageError(`findBy() of "${metadataOf(model).name}" takes an object of fields and values.`)
  return match
}

const findFor = (model: unknown, key: unknown): MaybePromise<object | null> =>
  findOne(runtimeOf(model), key, boundTo(model))

function createFor(model: unknown, data: unknown, options: unknown): MaybePromise<object> {
  const guarded = options === undefined ? false : isGuarded('create()', options)
  return createInstance(runtimeOf(model), data, boundTo(model), guarded ? UNLINKED_GUARDED : UNLINKED)
}

const UNLINKED = { guarded: false, link: null }
const UNLINKED_GUARDED = { guarded: true, link: null }

function createFirst(model: unknown, match: object, extra: object, guarded: boolean): Promise<[object, boolean]> {
  const runtime = runtimeOf(model)
  const using = boundTo(model)
  const find = () => runtime.query(using, 'own').where(requireMatch(model, match))
  return firstOrCreate({ runtime, match, data: { ...match, ...extra }, guarded, link: null, using, find })
}

function insertSql(runtime: ModelRuntime, rows: readonly unknown[], name: string | undefined, using: Using): object {
  const executor = name === undefined ? executorFor(runtime.meta, using) : null
  if (executor instanceof Promise)
    throw new UsageError("toSQLInsert() needs a connected database, or the dialect's name: { dialect: 'sqlite' }.")
  const dialect = executor === null ? dialectNamed(name as string) : executor.dialect
  return insertStatements(runtime, rows, dialect)
}

function checkedRow(runtime: ModelRuntime, data: unknown): CanonicalRow {
  const row = prepareInsert(runtime, asRecord(makeInstance(runtime, data, true)), newContext())
  if (row instanceof Promise)
    throw new UsageError(
      "toSQLInsert() can't wait for an asynchronous validator. Use insertMany(), or validate the rows before.",
    )
  return row
}

function insertStatements(runtime: ModelRuntime, rows: readonly unknown[], dialect: Dialect): object {
  const prepared = rows.map((row) => checkedRow(runtime, row))
  const [first] = prepared
  if (first === undefined) throw new UsageError('toSQLInsert() needs at least one row.')
  return sqlOfInsert(runtime, dialect, first, prepared)
}
