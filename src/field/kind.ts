import type { DataType } from '../ast/data-type.js'
import type { ReferenceAction, VectorIndexDefinition } from '../ast/definition.js'
import type { VectorIndexUse, VectorMetric } from '../ast/expression.js'
import { own } from '../util/own.js'
import type { FieldOptions } from './options.js'

/** Ends with the ValidationError of the field at hand. */
export type Refuse = (code: string, message: string) => never

/**
 * What a kind of field means, apart from any model: how input becomes the value an instance holds, and that the canonical
 * value which dialects store (see `ValueType`), and back.
 */
export interface FieldKind {
  readonly dataType: DataType
  /** Input → the value an instance holds; input that does not fit is given back as it is, for `check` to refuse. */
  cast?(value: unknown): unknown
  /** Value → canonical; refuses what the type can't keep. Never called with null, but for JSON. */
  check(value: unknown, refuse: Refuse): unknown
  /** Canonical → value; null: they are the same. */
  readonly load: ((canonical: unknown) => unknown) | null
  /**
   * How the value last stored is remembered for dirty checks: the value itself (immutable ones), a date's milliseconds, or
   * the canonical value.
   */
  readonly snapshot: 'value' | 'date' | 'canonical'
  /** Whether a value is what a canonical snapshot says. */
  same?(value: unknown, canonical: unknown): boolean
  /** Further rules for writing (length, pattern); conditions may compare with any value of the type. */
  rules?(value: unknown, addIssue: (code: string, message: string) => void): void
  /**
   * JavaScript that is true for values which are canonical as they are: the quick way of writing. False sends the value
   * through `check`.
   */
  accepts?(value: string): string
  /** The same as a function, where the test is too long for one expression. */
  acceptsValue?(value: unknown): boolean
  /** `accepts` covers `rules` as well. */
  readonly acceptsRules?: boolean
  /** What a decimal is read as. */
  readonly form?: 'decimal' | 'string' | 'number'
  /** null is a JSON value here. */
  readonly nullIsValue?: boolean
  /** Of a vector: its length, and the index that searches may use. */
  readonly vector?: VectorKind
  /** The value at each insert, or at each save. */
  readonly automatic?: { readonly on: 'insert' | 'save'; make(): unknown }
}

export interface VectorKind {
  readonly dimensions: number
  readonly index: VectorIndex | null
}

export interface VectorIndex {
  readonly metric: VectorMetric
  readonly use: VectorIndexUse
  /** What it is made with, by the names in SQL. */
  readonly settings: VectorIndexDefinition['settings']
}

/** The makers' result: a kind with the options as written. Models bind it to a name. */
export class FieldDescriptor {
  readonly type: string
  /** As written; they inherit nothing. */
  readonly options: FieldOptions
  /** A function is called when the model is resolved; its `context` knows what only the model does. */
  readonly kind: FieldKind | ((context: KindContext) => FieldKind)
  /** Names of the options that this kind has in addition to the common ones. */
  readonly extraOptions: readonly string[]
  readonly reference: Reference | null

  constructor(described: Described) {
    const { type, options, kind, extraOptions = [], reference = null } = own(described)
    this.type = type
    this.options = own(options)
    this.kind = kind
    this.extraOptions = extraOptions
    this.reference = reference
    Object.freeze(this)
  }
}

/** What a maker of fields says. */
interface Described {
  readonly type: string
  readonly options: FieldOptions
  readonly kind: FieldDescriptor['kind']
  readonly extraOptions?: readonly string[]
  readonly reference?: Reference | null
}

/** A foreign key's target. */
export interface Reference {
  readonly target: () => unknown
  readonly onDelete: ReferenceAction
  readonly onUpdate: ReferenceAction
  readonly unique: boolean
}

export interface KindContext {
  /** The kind of the key that a foreign key points at. */
  targetKind(): FieldKind
}

/** What a value is, for messages; the value itself never appears in one. */
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
