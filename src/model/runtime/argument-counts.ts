import type { ArgumentCounts } from '../../util/arguments.js'

// The most arguments of the calls that take few.

/** Of an instance. */
export const instanceCalls: ArgumentCounts = {
  fill: 2,
  isDirty: 1,
  getChanges: 0,
  getOriginal: 1,
  clone: 0,
  toObject: 1,
  // JSON.stringify hands it the key
  toJSON: 1,
  getDatabase: 0,
  addIssue: 3,
  related: 1,
}
const ANY = Number.POSITIVE_INFINITY
export const instanceWrites: ArgumentCounts = {
  save: 1,
  update: 2,
  saveWithRelations: 2,
  delete: 0,
  forceDelete: 0,
  restore: 0,
  increment: 2,
  decrement: 2,
  loadField: 1,
}

/** Of a model. */
export const modelCalls: ArgumentCounts = {
  where: ANY,
  with: ANY,
  hasField: 1,
  query: 0,
  make: 2,
  ref: 1,
  all: 0,
  withTrashed: 0,
  onlyTrashed: 0,
  withoutGlobalScope: 1,
  withoutGlobalScopes: 0,
  staleEmbeddings: 0,
  missingTranslations: 2,
  using: 1,
  toSQLInsert: 2,
}
export const modelWrites: ArgumentCounts = {
  create: 2,
  find: 1,
  findOrFail: 1,
  findBy: 1,
  count: 0,
  exists: 0,
  raw: 1,
  rawFirst: 1,
}

/** Of a model: calls that do more than one thing. */
export const modelBulks: ArgumentCounts = {
  createWithRelations: 2,
  firstOrCreate: 3,
  updateOrCreate: 3,
  insertMany: 2,
  findMany: 1,
  upsert: 2,
  upsertMany: 2,
  saveMany: 2,
  updateMany: 3,
  deleteMany: 2,
  attachMany: 3,
  detachMany: 3,
  transaction: 2,
  truncate: 1,
  embedAll: 1,
  reencrypt: 1,
  createMany: 2,
}

/** Of the managers of relations. */
export const ownerWrites: ArgumentCounts = { associate: 1, dissociate: 0 }
export const rowWrites: ArgumentCounts = {
  create: 2,
  createMany: 2,
  firstOrCreate: 3,
  updateOrCreate: 3,
  save: 1,
  clear: 0,
  sync: 1,
  set: 1,
  attach: ANY,
  add: ANY,
  detach: ANY,
  remove: ANY,
}
export const linkWrites: ArgumentCounts = {
  ...rowWrites,
  toggle: ANY,
  create: 3,
  createMany: 3,
  firstOrCreate: 4,
  updateOrCreate: 4,
  save: 3,
  sync: 2,
  set: 2,
  updatePivot: 3,
}
