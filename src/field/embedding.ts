import { DefinitionError } from '../errors.js'
import { callback, choiceOf, either, flag, nameList, object, optionReader, text } from '../util/options.js'
import { own } from '../util/own.js'
import { type Embedding, FieldDescriptor } from './kind.js'
import { textKind } from './string.js'
import { requireDimensions, vectorIndex, vectorKind } from './vector.js'

interface EmbeddingOptions extends Omit<Embedding, 'companions'> {
  readonly index: boolean | object
  readonly column: string
  readonly hidden: boolean
  readonly lazy: boolean
  readonly description: string
  readonly renamedFrom: string
}

const embeddingOptions = optionReader<EmbeddingOptions>(
  'Field.embedding()',
  {
    from: nameList,
    embed: callback<Embedding['embed']>(),
    model: text,
    onFailure: choiceOf('error', 'stale'),
    index: either(flag, object),
    column: text,
    hidden: flag,
    lazy: flag,
    description: text,
    renamedFrom: text,
  },
  DefinitionError,
)

const LONGEST_MODEL = 200

/** A column that says what the vector was made of. Nothing but corm writes or shows it. */
function companion(name: 'string' | 'char', length: number): FieldDescriptor {
  const kind = textKind({ name, length }, { max: length })
  return new FieldDescriptor({ type: 'string', options: { nullable: true, hidden: true, guarded: true }, kind })
}

export function embeddingField(dimensions: unknown, given: unknown): FieldDescriptor {
  requireDimensions(dimensions, 'Field.embedding()')
  const { from = [], embed, model = '', onFailure = 'error', index, ...options } = embeddingOptions(given)
  if (from.length === 0 || embed === undefined || model === '' || model.length > LONGEST_MODEL)
    throw new DefinitionError(
      `Field.embedding() needs the fields to embed, a function, and the name of its model (at most ${LONGEST_MODEL} characters): Field.embedding(384, { from: ['title'], embed: (texts) => …, model: 'name' }).`,
    )
  const companions = own({ Hash: companion('char', 64), Model: companion('string', LONGEST_MODEL) })
  return new FieldDescriptor({
    type: 'embedding',
    // a text that is empty has no vector, and neither has one that is yet to be embedded
    options: own({ ...options, nullable: true, guarded: true }),
    kind: vectorKind(dimensions, vectorIndex(index)),
    embedding: own({ from: [...from], embed, model, onFailure, companions }),
  })
}
