import type { DataType } from '../ast/data-type.js'
import type { ReferenceAction, VectorIndexDefinition } from '../ast/definition.js'
import type { VectorIndexUse } from '../ast/vector.js'
import type { Issue } from '../errors.js'
import type { VectorMetric } from '../types/call-options.js'
import { own } from '../util/own.js'
import type { FieldOptions } from './options.js'

/** Throws the ValidationError of the field; `place` is the place of the element that is wrong. */
export type Refuse = (code: string, message: string, place?: number) => never

/** Reports a broken rule. `params` are the limits that its message names. */
export type AddRule = (code: string, message: string, params?: Issue['params']) => void

/**
 * What a kind of field does, independent of any model. It converts input to the value that an instance holds, and that
 * value to and from the canonical value that dialects store (see `ValueType`).
 */
export interface FieldKind {
  readonly dataType: DataType
  /** Input → the value that an instance holds. Unsuitable input is returned unchanged, so that `check` refuses it. */
  cast?(value: unknown): unknown
  /** The same for data of a call with `{ guarded: true }`, which may hold the stored form of a value. */
  castGuarded?(value: unknown): unknown
  /** Work to be awaited before a value is written, and before its transaction begins. Undefined: there is none. */
  prepare?(value: unknown): Promise<unknown> | undefined
  /** Refuses what `check` refuses without its work, for values that are not stored now. */
  examine?(value: unknown, refuse: Refuse): void
  /** Value → canonical value; refuses what the type can't store. Never called with null, except for JSON. */
  check(value: unknown, refuse: Refuse): unknown
  /** Canonical value → value; null means no conversion. */
  readonly load: ((canonical: unknown) => unknown) | null
  /**
   * What is remembered of the stored value for dirty checks: the value itself (if immutable), the milliseconds of a date,
   * or the canonical value.
   */
  readonly snapshot: 'value' | 'date' | 'canonical'
  /** Whether a value equals a canonical snapshot. */
  same?(value: unknown, canonical: unknown): boolean
  /** Validation rules for writing (length, pattern). Conditions may compare with any value of the type. */
  rules?(value: unknown, addIssue: AddRule): void
  /** The bounds of its values, canonical, if it has any. */
  readonly range?: { readonly min: unknown; readonly max: unknown }
  /**
   * The fast path for writing: a JavaScript expression that is true for values that are already canonical. If it is
   * false, the value goes through `check`.
   */
  accepts?(value: string): string
  /** The same as a function, if the test is too long for one expression. */
  acceptsValue?(value: unknown): boolean
  /** `accepts` covers `rules` as well. */
  readonly acceptsRules?: boolean
  /** How decimals are read. */
  readonly form?: 'decimal' | 'string' | 'number'
  /** null is a JSON value, not SQL NULL. */
  readonly nullIsValue?: boolean
  /** Its values in JSON Schema, where its data type does not say them: what requests may send, or what toJSON() writes. */
  jsonSchema?(io: 'input' | 'output'): Record<string, unknown>
  /** Whether a save turns this into a value of the field: the content of a file. */
  isInput?(value: unknown): boolean
  /** Set for files: what they may be, and where they are stored. */
  readonly file?: FileRules
  /** Set for an encrypted field: the kind of its values. */
  readonly plain?: FieldKind
  /** Canonical value → what a hidden attribute holds of it until it is read. */
  hold?(canonical: unknown): unknown
  /** The texts of a value in its blind index: that of the current key, or those of all keys. */
  blind?(value: unknown, which: 'current' | 'all'): readonly string[]
  /** What the texts of the current key begin with in the blind index. */
  blindPrefix?(): string
  /** Encrypts a stored value with the current key. Null: it is, and `always` is not set. */
  reseal?(bytes: unknown, always: boolean): { readonly bytes: Uint8Array; readonly text: string | null } | null
  /** Set for an array: what its elements are. */
  readonly element?: ElementRules
  /** Set for a vector: its length, and the index that searches may use. */
  readonly vector?: VectorKind
  /** Makes the value at each insert, or at each save. */
  readonly automatic?: { readonly on: 'insert' | 'save'; make(): unknown }
}

/** What a field of files accepts, and where it stores them. */
export interface FileRules {
  readonly uploadTo: string
  readonly maxSize: number
  /** MIME types, or `image/*`; null: all. */
  readonly types: readonly string[] | null
  /** Set for images. */
  readonly maxPixels: number | null
}

/** What the elements of an array are, and the options with which their field was written. */
export interface ElementRules {
  readonly kind: FieldKind
  readonly options: FieldOptions
  readonly dataType: DataType
}

export interface VectorKind {
  readonly dimensions: number
  readonly index: VectorIndex | null
}

export interface VectorIndex {
  readonly metric: VectorMetric
  readonly use: VectorIndexUse
  /** The settings of the index, by their SQL names. */
  readonly settings: VectorIndexDefinition['settings']
}

/** A field definition: a kind with the options as written. The model binds it to a name. */
export class FieldDescriptor {
  readonly type: string
  /** The options as written, in an object without a prototype. */
  readonly options: FieldOptions
  /** A function is called when the model is resolved. Its `context` provides what only the model knows. */
  readonly kind: FieldKind | ((context: KindContext) => FieldKind)
  /** The options of this kind in addition to the common ones. */
  readonly extraOptions: readonly string[]
  readonly reference: Reference | null
  readonly embedding: Embedding | null
  readonly slug: SlugSource | null
  /** Set for the column of one language of a translated field. */
  readonly part: Part | null
  /** The column by which an encrypted field is found. */
  readonly blind: FieldDescriptor | null

  constructor(described: DescriptorParts) {
    const { type, options, kind, extraOptions = [], ...rest } = own(described)
    const { reference = null, embedding = null, slug = null, part = null, blind = null } = own(rest)
    this.type = type
    this.options = own(options)
    this.kind = kind
    this.extraOptions = extraOptions
    this.reference = reference
    this.embedding = embedding
    this.slug = slug
    this.part = part
    this.blind = blind
    Object.freeze(this)
  }
}

/** The properties that a maker gives a field. */
interface DescriptorParts {
  readonly type: string
  readonly options: FieldOptions
  readonly kind: FieldDescriptor['kind']
  readonly extraOptions?: readonly string[]
  readonly reference?: Reference | null
  readonly embedding?: Embedding | null
  readonly slug?: SlugSource | null
  readonly part?: Part | null
  readonly blind?: FieldDescriptor | null
}

/** Makes the slug of a text. */
export type Slugify = (text: string) => unknown

/** What a slug is made of. */
export interface SlugSource {
  /** The names of the fields whose texts become the slug. */
  readonly from: readonly string[]
  /** Whether the slug follows later changes of these fields. */
  readonly onUpdate: boolean
  /** The user's own function. */
  readonly slugify: Slugify | undefined
}

/** Which language of which translated field a column has. */
export interface Part {
  readonly of: string
  readonly locale: string
  /** Its column has no suffix. */
  readonly isBase: boolean
}

/** What a vector is made of, where it follows other fields. */
export interface Embedding {
  /** The names of the fields whose text is embedded. */
  readonly from: readonly string[]
  readonly embed: (texts: readonly string[]) => unknown
  /** The name of the model that embeds, which is stored with each vector. */
  readonly model: string
  readonly onFailure: 'error' | 'stale'
  /** The fields that are stored with the vector, by what follows the name of its field in theirs. */
  readonly companions: Readonly<Record<'Hash' | 'Model', FieldDescriptor>>
}

/** The target of a foreign key. */
export interface Reference {
  readonly target: () => unknown
  readonly onDelete: ReferenceAction
  readonly onUpdate: ReferenceAction
  readonly unique: boolean
  /** It is checked when the transaction commits. */
  readonly deferrable: boolean
  /** The name of the constraint. Default: made of the table and the column. */
  readonly name: string | undefined
}

export interface KindContext {
  /** The kind of the key that a foreign key references. */
  targetKind(): FieldKind
  /** The names that the relations of a morph type list; null: no relation reads it. */
  morphNames(): ReadonlySet<string> | null
  /** The table and the column of the field. */
  readonly place: string
}

/** What follows "expects a date" in messages: the type of the value. Nothing if it is a text, whose type is right. */
export const unlessText = (value: unknown): string => (typeof value === 'string' ? '' : `, not ${describe(value)}`)

/** Describes a value in messages, without showing the value itself. */
export function describe(value: unknown): string {
  try {
    return described(value)
  } catch {
    return 'an object that can not be read'
  }
}

function described(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : 'a Date'
  if (value instanceof Uint8Array) return 'bytes'
  if (value instanceof Float32Array) return 'a Float32Array'
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value) ? (Number.isInteger(value) ? 'an integer' : 'a fraction') : String(value)
    case 'object':
      return 'an object'
    case 'undefined':
      return 'undefined'
    default:
      return `a ${typeof value}`
  }
}
