export type RelationType = 'belongsTo' | 'hasOne' | 'hasMany'

export interface RelationOptions {
  readonly foreignKey?: string
  readonly localKey?: string
}

/** What a relation static says, as plain data; the model resolves it when it is first needed. */
export class RelationDescriptor {
  constructor(
    readonly type: RelationType,
    readonly target: () => unknown,
    readonly options: RelationOptions,
  ) {
    Object.freeze(this)
  }
}
