import { isAbsolute, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createJiti, type Jiti } from 'jiti'
import { ConfigurationError } from '../../errors.js'
import { codeOf, messageOf } from '../../util/error-shape.js'
import { emptyRecord, isRecord } from '../../util/record.js'

// Files of the project are TypeScript or JavaScript, with the paths of its tsconfig.json. One loader loads all of them, because a
// file that two loaders have loaded exists twice, with two classes for each model.

/** Loads files of a project. */
export class FileLoader {
  readonly #jiti: Jiti

  constructor(readonly folder: string) {
    this.#jiti = createJiti(join(folder, 'corm.config.ts'), { tsconfigPaths: true })
  }

  /** What a file exports by default; undefined if nothing. */
  async loadDefault(path: string): Promise<unknown> {
    const module = await this.load(path)
    // the loader returns the module itself in place of a missing default export
    return Object.hasOwn(module, 'default') ? module.default : undefined
  }

  /** What a file with this text would export by default. */
  async defaultOf(text: string, path: string): Promise<unknown> {
    const module = await this.#loaded(path, async () => this.#jiti.evalModule(text, { filename: path, async: true }))
    return module.default
  }

  /** What a file exports, by name. Throws ConfigurationError if it can't be loaded. */
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

/** The message without what Node and the loader add to it. */
function reasonOf(error: unknown): string {
  const [first = ''] = messageOf(error).split('\n')
  return first.replace('ParseError: ', '').trim() || 'it threw something without a message'
}

const advice = (error: unknown): string =>
  ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes(codeOf(error)) && /'corm(\/[a-z]+)?'/.test(messageOf(error))
    ? '. Install corm in the project: npm install corm'
    : ''

/** The place in the project that an error comes from, as `src/models/author.ts:12`. */
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
