import cliProgress from 'cli-progress'
import type { FixtureProgress } from '../fixtures/types.js'
import { shown } from './output.js'

/** A progress bar on stderr, if that is a terminal. */
export class ProgressBar {
  readonly #bar: cliProgress.SingleBar | null
  #isStarted = false

  constructor() {
    const format = '{bar} {percentage}% | {rows} rows | {model}'
    this.#bar =
      process.stderr.isTTY === true
        ? new cliProgress.SingleBar({ format, stream: process.stderr, hideCursor: true, clearOnComplete: true })
        : null
  }

  readonly update = ({ model, rows, done }: FixtureProgress): void => {
    const values = { rows, model: shown(model) }
    if (!this.#isStarted) this.#bar?.start(100, 0, values)
    this.#isStarted = true
    this.#bar?.update(Math.floor((done ?? 0) * 100), values)
  }

  stop(): void {
    this.#bar?.stop()
  }
}
