import { ANNOTATION } from '../../ast/bases.js'
import type { SelectionNode } from '../../ast/statement.js'
import type { ModelField } from '../../metadata/model-field.js'
import type { Translation } from '../../metadata/translation.js'
import { columnOf, translatedColumn } from '../columns/columns.js'
import type { QueryParts } from './parts.js'

// The columns of a select.

export const one: SelectionNode = {
  kind: 'selection',
  expression: { kind: 'truth', value: true },
  alias: null,
  type: null,
}

export const selectionOf = (field: ModelField): SelectionNode => ({
  kind: 'selection',
  expression: columnOf(field),
  alias: null,
  type: field,
})

/** The selection that shows a translated field in the current language. */
export const shownSelection = (translation: Translation): SelectionNode => ({
  kind: 'selection',
  expression: translatedColumn(translation),
  alias: null,
  type: translation.type,
})

export const namedSelection = (parts: QueryParts, name: string): SelectionNode => {
  const type = parts.types.get(name) ?? null
  return { kind: 'selection', expression: { ...ANNOTATION, name, type }, alias: name, type }
}

/** Leaves a value as the database has it, because only values of the outermost select are decoded. */
export const unread = (selection: SelectionNode): SelectionNode => ({ ...selection, type: null })
