import type { Issue } from '../../errors.js'
import { isHeld } from '../../hydrate/state.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { isFilled, type Translation } from '../../metadata/translation.js'
import { asRecord } from '../../util/record.js'

// Checks that a translated field has a value in at least one language.

export const missingTranslation = ({ name }: Translation): Issue => ({
  path: name,
  code: 'required',
  message: 'is required in one of its languages',
})

/** Reports the translated fields of a new row that have no value. */
export function checkTranslated({ translations }: ModelMetadata, row: readonly unknown[], issues: Issue[]): void {
  for (const each of translations)
    if (!each.nullable && !each.fields.some(({ index }) => isFilled(row[index])) && !isWrong(each, issues))
      issues.push(missingTranslation(each))
}

/** Reports the translated fields that a change leaves without a value. Fields that were not loaded are left to the database. */
export function checkChanged(
  { translations }: ModelMetadata,
  instance: object,
  changed: readonly ModelField[],
  issues: Issue[],
): void {
  for (const each of translations) {
    if (each.nullable || !each.fields.some((field) => changed.includes(field)) || isWrong(each, issues)) continue
    const isKnownEmpty = (field: ModelField) => isHeld(instance, field) && !isFilled(asRecord(instance)[field.name])
    if (each.fields.every(isKnownEmpty)) issues.push(missingTranslation(each))
  }
}

/** Whether a value was given but is invalid, so that it is not missing too. */
const isWrong = ({ fields }: Translation, issues: readonly Issue[]) =>
  issues.some(({ path }) => fields.some(({ name }) => name === path))
