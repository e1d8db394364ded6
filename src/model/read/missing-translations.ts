import type { ExpressionNode } from '../../ast/expression.js'
import { quotedName, UsageError } from '../../errors.js'
import type { Translation } from '../../metadata/translation.js'
import type { Query } from '../../query/builder/query-builder.js'
import { columnOf, translatedColumn } from '../../query/columns/columns.js'
import { allOf, anyOf } from '../../query/link/logic.js'

/** The rows of a query with a text in some language, but not in this one. `name`: of this field, not of any. */
export function missingTranslations(query: Query, locale: unknown, name?: string): Query {
  const { meta } = query
  const asked = name === undefined ? meta.translations : meta.translations.filter((each) => each.name === name)
  if (asked.length === 0)
    throw new UsageError(
      `missingTranslations() of "${meta.name}" needs a translated field${name === undefined ? '' : `, and ${quotedName(name)} is none`}. Fields are translated by Field.translated().`,
    )
  const items = asked.flatMap((each) => lacks(each, String(locale)))
  if (items.length > 0) return query.restrict(anyOf(items))
  throw new UsageError(
    `missingTranslations() of "${meta.name}" was given a language that its fields have no column for. Add it to { locales }.`,
  )
}

function lacks(translation: Translation, locale: string): ExpressionNode[] {
  const field = translation.fieldIn(locale)
  if (field === null) return []
  const whole = translatedColumn(translation)
  const isNull = (operand: ExpressionNode, negated = false): ExpressionNode => ({ kind: 'nullTest', operand, negated })
  // the same test as that of the fallback
  const own = { ...whole, args: [columnOf(field)], type: field }
  const lacking = isNull(own)
  return [translation.nullable ? allOf([lacking, isNull(whole, true)]) : lacking]
}
