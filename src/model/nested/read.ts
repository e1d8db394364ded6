import { UnknownFieldError, UsageError } from '../../errors.js'
import { originOf } from '../../hydrate/state.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import { type RelationMetadata, relationOf, variantsOf } from '../../metadata/relation/resolve.js'
import { isList } from '../../util/list.js'
import { suggestion } from '../../util/names.js'
import { isPlainObject } from '../../util/own.js'
import { asRecord } from '../../util/record.js'
import { givenValues, refuseGuarded } from '../related/read-pairs.js'
import { runtimeOf } from '../runtime/runtime.js'
import { makeInstance } from '../write/create.js'
import { assign } from '../write/initialize.js'
import type { Attributes } from '../write/values.js'
import type { Memory } from './memory.js'
import { type GivenOperations, NO_OPERATIONS, operationsOf } from './operations.js'
import { readRefs, readRemoval } from './refs.js'
import { below, type Item, type RelationPart, type RowDraft } from './tree.js'

/** Reads nested data into drafts. Invalid data is refused here, before anything is sent. */
export class NestedReader {
  /** The objects around the one that is read. */
  readonly #around = new Set<object>()
  /** The known values of unsaved instances, which may be in several places of the data. */
  readonly #unsaved = new Map<object, Attributes>()

  constructor(
    readonly guarded: boolean,
    readonly memory: Memory,
  ) {}

  /** A new row. */
  create(meta: ModelMetadata, data: unknown, path = ''): RowDraft {
    const { fields, relations } = this.#split(meta, data, path)
    return this.#inside(data as object, path, () => {
      const instance = makeInstance(runtimeOf(meta.model), fields, this.guarded)
      return {
        instance,
        path,
        isNew: true,
        parts: this.#parts(meta, relations, path, true),
        given: fields,
        memory: this.memory,
      }
    })
  }

  /** An existing instance, with new values for its fields. */
  change(meta: ModelMetadata, instance: object, data: unknown): RowDraft {
    const { fields, relations } = this.#split(meta, data, '')
    const isNew = originOf(instance) === null
    this.memory.remember(instance)
    assign(asRecord(instance), meta, fields, this.guarded)
    const parts = this.#inside(data as object, '', () => this.#parts(meta, relations, '', isNew))
    for (const { relation } of parts) this.memory.rememberLoaded(instance, relation.index)
    return { instance, path: '', isNew, parts, given: { ...fields }, memory: this.memory }
  }

  #split(meta: ModelMetadata, data: unknown, path: string): { fields: Attributes; relations: [string, unknown][] } {
    if (!isPlainObject(data))
      throw new UsageError(
        `Data for "${meta.name}"${path && ` at "${path}"`} must be a plain object of its fields and relations.`,
      )
    const fields: Attributes = {}
    const relations: [string, unknown][] = []
    for (const name of Object.keys(data)) {
      if (meta.hasAttribute(name)) fields[name] = data[name]
      else if (meta.relations.has(name)) relations.push([name, data[name]])
      else throw unknownName(meta, name, path)
    }
    return { fields, relations }
  }

  #inside<R>(data: object, path: string, read: () => R): R {
    if (this.#around.has(data))
      throw new UsageError(`The data at "${path}" contains itself. Cycles can't be stored: remove the reference.`)
    this.#around.add(data)
    try {
      return read()
    } finally {
      this.#around.delete(data)
    }
  }

  #parts(meta: ModelMetadata, given: readonly [string, unknown][], path: string, isNew: boolean): RelationPart[] {
    return given.map(([name, value]) => {
      const relation = relationOf(meta, name)
      refuseDerived(relation)
      const part = this.#part(relation, value, below(path, name), isNew)
      if (!this.guarded)
        for (const { pivot } of [...part.create, ...part.connect, ...(part.set ?? [])]) refuseGuarded(relation, pivot)
      return part
    })
  }

  #part(relation: RelationMetadata, value: unknown, path: string, isNew: boolean): RelationPart {
    const nothing: RelationPart = { relation, ...NO_OPERATIONS }
    if (value === undefined) return nothing
    const operations = operationsOf(relation, value)
    if (operations !== null) return this.#operations(nothing, operations, path, isNew)
    if (relation.many) return this.#list(nothing, value, path)
    if (value === null) return { ...nothing, set: [] }
    if (Array.isArray(value)) throw new UsageError(`${pathOf(relation)} takes one row, but was given a list.`)
    if (isPlainObject(value) || this.#isUnsaved(relation, value))
      return { ...nothing, create: [this.#item(relation, value, path)] }
    return { ...nothing, connect: readRefs(relation, value, 'connect', this.memory) }
  }

  #operations(nothing: RelationPart, given: GivenOperations, path: string, isNew: boolean): RelationPart {
    const { relation } = nothing
    const { disconnect, delete: remove, set, connect, create } = given
    const part: RelationPart = {
      relation,
      disconnect: readRemoval(relation, disconnect, 'disconnect', this.memory),
      delete: readRemoval(relation, remove, 'delete', this.memory),
      set: set === undefined ? null : readRefs(relation, set, 'set', this.memory),
      connect: readRefs(relation, connect, 'connect', this.memory),
      create: this.#items(relation, create, below(path, 'create')),
    }
    if (isNew && (hasAny(part.disconnect) || hasAny(part.delete)))
      throw new UsageError(
        `"${path}" belongs to a new row, which has nothing to disconnect or delete yet. Use create or connect.`,
      )
    const count = (part.set?.length ?? 0) + part.connect.length + part.create.length
    if (!relation.many && count > 1)
      throw new UsageError(`${pathOf(relation)} takes one row, but was given ${count} by set, connect and create.`)
    return part
  }

  /** A list is rows to add: new ones as data or unsaved instances, and saved ones. */
  #list(nothing: RelationPart, value: unknown, path: string): RelationPart {
    const { relation } = nothing
    if (!isList(value))
      throw new UsageError(
        `${pathOf(relation)} is a to-many relation. Give a list, or { create, connect, disconnect, set, delete }.`,
      )
    const connect: unknown[] = []
    const create: Item[] = []
    for (const [i, item] of value.entries()) {
      const [row] = pairOf(relation, item)
      if (isPlainObject(row) || this.#isUnsaved(relation, row)) create.push(this.#item(relation, item, below(path, i)))
      else if (row instanceof relation.target.model) connect.push(item)
      else
        throw new UsageError(
          `"${below(path, i)}" must be data of "${relation.target.name}" or an instance of it. Keys are given as { connect: […] }.`,
        )
    }
    return { ...nothing, create, connect: readRefs(relation, connect, 'connect', this.memory) }
  }

  #items(relation: RelationMetadata, value: unknown, path: string): Item[] {
    if (value === undefined) return []
    if (Array.isArray(value)) return value.map((each, i) => this.#item(relation, each, below(path, i)))
    return [this.#item(relation, value, path)]
  }

  #item(relation: RelationMetadata, value: unknown, path: string): Item {
    const [row, pivot] = pairOf(relation, value)
    if (this.#isUnsaved(relation, row)) {
      const instance = row as object
      this.memory.remember(instance)
      const given = this.#unsaved.get(instance) ?? {}
      this.#unsaved.set(instance, given)
      return { draft: { instance, path, isNew: true, parts: [], given, memory: this.memory }, pivot }
    }
    if (!isPlainObject(row)) throw notData(relation, path)
    if (relation.variants !== null) throw needsModel(relation, path)
    return { draft: this.create(relation.target, row, path), pivot }
  }

  #isUnsaved(relation: RelationMetadata, value: unknown): boolean {
    const models = variantsOf(relation)
    return models.some(({ target }) => value instanceof target.model) && originOf(value as object) === null
  }
}

const pathOf = ({ source, name }: RelationMetadata) => `"${source.name}.${name}"`

const hasAny = (removal: true | readonly unknown[]) => removal === true || removal.length > 0

/** `[data, pivot]` where there is a join table. */
function pairOf(relation: RelationMetadata, value: unknown): [row: unknown, pivot: Attributes | null] {
  if (relation.through === null || !isList(value)) return [value, null]
  const [row, pivot] = value
  if (value.length !== 2 || !isPlainObject(pivot))
    throw new UsageError(`A row for ${pathOf(relation)} with values of the join table is given as [row, { … }].`)
  return [row, givenValues(pivot)]
}

function refuseDerived(relation: RelationMetadata): void {
  const { type, through } = relation
  if (type !== 'custom' && (through === null || through.isPivot)) return
  throw new UsageError(
    `${pathOf(relation)} can't be written, because its rows are found through another relation. Write that relation instead.`,
  )
}

function unknownName(meta: ModelMetadata, name: string, path: string): UnknownFieldError {
  const known = [...meta.fields.map((field) => field.name), ...meta.relations.keys()]
  const shown = JSON.stringify(name.slice(0, 60))
  return new UnknownFieldError(
    `"${meta.name}" has no field or relation ${shown}${path && ` (at "${path}")`}.${suggestion(name, known)}`,
  )
}

function needsModel(relation: RelationMetadata, path: string): UsageError {
  const [first] = relation.variants?.byName.values() ?? []
  return new UsageError(
    `"${path}" can have rows of several models, and the data does not say which. Give an instance: ${first?.target.name}.make({ … }).`,
  )
}

function notData(relation: RelationMetadata, path: string): UsageError {
  if (relation.variants !== null) return needsModel(relation, path)
  const { name, model } = relation.target
  return new UsageError(
    `"${path}" must be data of "${name}", or an unsaved instance of ${model.name}. Rows that are there are given as { connect: … }.`,
  )
}
