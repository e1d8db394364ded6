import { DefinitionError } from '../errors.js'
import { FileInStorage, isFileInput } from '../files/storage.js'
import { textIn } from '../util/expect.js'
import { nameList, type OptionTypes, text, whole } from '../util/options.js'
import { own } from '../util/own.js'
import { describe, FieldDescriptor, type FieldKind, type FileRules } from './kind.js'
import { readFieldOptions } from './options.js'

const MAX_SIZE = 10 * 1024 * 1024
const MAX_PIXELS = 50_000_000
const LONGEST_NAME = 255
const IMAGES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif']
const FOLDER = /^[A-Za-z0-9_-]+(?:\/[A-Za-z0-9_-]+)*$/
const LONGEST_FOLDER = 150
const MIME = /^[a-z]+\/(?:\*|[a-z0-9.+-]+)$/

const special: OptionTypes = own({ uploadTo: text, maxSize: whole(1), types: nameList, maxPixels: whole(1) })

interface Problem {
  readonly code: string
  readonly message: string
}

/** What a save has found wrong with content. It is no value, whatever is done with it. */
export const problems = new WeakMap<object, Problem>()

const NOT_STORED: Problem = {
  code: 'type',
  message: 'holds content: create() and save() store it, other writes do not',
}

function fileKind(file: FileRules): FieldKind {
  return {
    dataType: { name: 'string', length: LONGEST_NAME },
    check(value, refuse) {
      const problem = typeof value === 'object' && value !== null ? problems.get(value) : undefined
      if (problem === undefined && value instanceof FileInStorage) return value.name
      if (problem === undefined && !isFileInput(value)) return refuse('type', `expects a file, not ${describe(value)}`)
      const { code, message } = problem ?? NOT_STORED
      return refuse(code, message)
    },
    load: (name) => new FileInStorage(textIn(name)),
    snapshot: 'canonical',
    same: (value, name) => value instanceof FileInStorage && value.name === name,
    isInput: isFileInput,
    jsonSchema: (io) =>
      io === 'input' ? { type: 'string', contentMediaType: 'application/octet-stream' } : { type: 'string' },
    file,
  }
}

/** The maker of `Field.file` or `Field.image`. */
export const fileField =
  (type: 'file' | 'image') =>
  (given?: unknown): FieldDescriptor => {
    const {
      uploadTo = '',
      maxSize = MAX_SIZE,
      types,
      maxPixels,
      ...options
    } = readFieldOptions(`Field.${type}()`, given, special) as ReturnType<typeof readFieldOptions> & Partial<FileRules>
    const isImage = type === 'image'
    if (uploadTo !== '' && (!FOLDER.test(uploadTo) || uploadTo.length > LONGEST_FOLDER))
      throw new DefinitionError(
        `The option "uploadTo" of Field.${type}() must be folders of letters, digits, "-" and "_", separated by "/": 'covers' or 'shop/covers'.`,
      )
    const list = types ?? (isImage ? IMAGES : null)
    if (list?.length === 0 || list?.some((each) => !MIME.test(each)) === true)
      throw new DefinitionError(
        `The option "types" of Field.${type}() takes MIME types: ['application/pdf', 'image/*'].`,
      )
    if (!isImage && maxPixels !== undefined)
      throw new DefinitionError('The option "maxPixels" is for images: use Field.image().')
    const file = own({ uploadTo, maxSize, types: list, maxPixels: isImage ? (maxPixels ?? MAX_PIXELS) : null })
    return new FieldDescriptor({ type, options: own(options), kind: fileKind(file) })
  }

/** Whether a type is one of those that a field allows. */
export const allows = ({ types }: FileRules, mime: string): boolean =>
  types === null || types.some((type) => type === mime || (type.endsWith('/*') && mime.startsWith(type.slice(0, -1))))
