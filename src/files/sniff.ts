import { importPackage } from '../util/optional-package.js'

// The type of content is read from the content: what a client says of it may be wrong, or a lie.

export interface SniffedType {
  readonly mime: string
  readonly extension: string
}

const BINARY: SniffedType = { mime: 'application/octet-stream', extension: 'bin' }
const TEXT: SniffedType = { mime: 'text/plain', extension: 'txt' }

type FileType = typeof import('file-type')
type ImageSize = typeof import('image-size')

/** The type of content. Text without a signature is plain text, HTML and SVG included, so that no browser runs it. */
export async function contentTypeOf(data: Uint8Array): Promise<SniffedType> {
  const { fileTypeFromBuffer } = await importPackage<FileType>('file-type', 'Field.file()')
  const found = await fileTypeFromBuffer(data)
  if (found !== undefined && found.ext !== 'xml') return { mime: found.mime, extension: found.ext }
  return isText(data) ? TEXT : BINARY
}

/** UTF-8 without control characters. */
function isText(data: Uint8Array): boolean {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(data)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    return !/[\u0000-\u0008\u000e-\u001f\u007f]/.test(text)
  } catch {
    return false
  }
}

/** The number of pixels of an image; null: its content is damaged. */
export async function pixelsOf(data: Uint8Array): Promise<number | null> {
  const { imageSize } = await importPackage<ImageSize>('image-size', 'Field.image()')
  try {
    const { width, height } = imageSize(data)
    return width > 0 && height > 0 ? width * height : null
  } catch {
    return null
  }
}
