import type { Issue } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { blindValue } from '../../query/expression/encrypted.js'
import { present } from '../../util/expect.js'
import { at } from '../../util/list.js'
import type { Attributes } from './values.js'

// Writes the blind index columns of encrypted fields together with the fields. Instances do not contain these columns.

/** Adds the blind indexes to a new row. Invalid values get none. */
export function fillIndexes(
  { blindIndexes }: ModelMetadata,
  instance: Attributes,
  row: unknown[],
  issues: readonly Issue[],
): void {
  for (const index of blindIndexes) {
    const source = present(index.indexOf, 'the index of an encrypted field')
    if (!isWrong(source, issues))
      row[index.index] = row[source.index] == null ? null : blindValue(source, instance[source.name])
  }
}

/** Adds the indexes of the fields that a save changes. */
export function addIndexes(
  instance: Attributes,
  changed: ModelField[],
  values: unknown[],
  issues: readonly Issue[],
): void {
  const { length } = changed
  for (let i = 0; i < length; i++) {
    const field = at(changed, i)
    if (field.blindIndex === null || isWrong(field, issues)) continue
    changed.push(field.blindIndex)
    values.push(values[i] === null ? null : blindValue(field, instance[field.name]))
  }
}

const isWrong = ({ name }: ModelField, issues: readonly Issue[]) =>
  issues.some(({ path }) => path === name || path.startsWith(`${name}.`))
