import { isAbsolute, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createJiti, type Jiti } from 'jiti'
import { ConfigurationError } from '../../errors.js'
import { codeOf, messageOf } from '../../util/error-shape.js'
import { emptyRecord, isRecord } from '../../util/record.js'

// Files of the project are TypeScript or JavaScript and use the paths of its tsconfig.json. A single loader loads all of them,
// because two loaders would create two classes for each model.

/** Loads files of a project. */
export class FileLoader {
  readonly #jiti: Jiti

  constructor(readonly folder: string) {
    this.#jiti = createJiti(join(folder, 'corm.config.ts'), { tsconfigPaths: true })
  }

  /** The default export of a file, undefined if there is none. */
  async loadDefault(path: string): Promise<unknown> {
    const module = await this.load(path)
    // the loader returns the module itself in place of a missing default export
    return Object.hasOwn(module, 'default') ? module.default : undefined
  }

  /** The default export that a file with this text would have. */
  async defaultOf(text: string, path: string): Promise<unknown> {
    const module = await this.#loaded(path, async () => this.#jiti.evalModule(text, { filename: path, async: true }))
    return module.default
  }

  /** The exports of a file by name. Throws ConfigurationError if it can't be loaded. */
  async load(path: string): Promise<Readonly<Record<string, unknown>>> {
    return this.#loaded(path, () => this.#jiti.import(path))
  }

  async #loaded(path: string, load: () => Promise<unknown>): Promise<Readonly<Record<string, unknown>>> {
    try {
      const module = await load()
      return isRecord(module) ? module : emptyRecord()
    } catch (cause) {
      const where = positionIn(cause, this.folder)
      const at = where === null ? '' : ` (${where})`
      throw new ConfigurationError(
        `The file ${relative(this.folder, path)} can't be loaded: ${reasonOf(cause)}${at}${advice(cause)}`,
        { cause },
      )
    }
  }
}

/** The message without the additions of Node and the loader. */
function reasonOf(error: unknown): string {
  const [first = ''] = messageOf(error).split('\n')
  return first.replace('ParseError: ', '').trim() || 'it threw something without a message'
}

const advice = (error: unknown): string =>
  ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes(codeOf(error)) && /'corm(\/[a-z]+)?'/.test(messageOf(error))
    ? '. Install corm in the project: npm install corm'
    : ''

/** The position in the project where an error occurred, as `src/models/author.ts:12`. */
function positionIn(error: unknown, folder: string): string | null {
  if (!(error instanceof Error)) return null
  for (const line of (error.stack ?? '').split('\n')) {
    const [, text = '', number] = /^(?:.*\(|\s*at (?:async )?|\s*)([^()]+?):(\d+):\d+\)?$/.exec(line) ?? []
    const path = relative(folder, text.startsWith('file:') ? fileURLToPath(text) : text)
    if (text !== '' && !path.startsWith('..') && !isAbsolute(path) && !path.includes('node_modules'))
      return `${path}:${number}`
  }
  return null
}
