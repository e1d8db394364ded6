import type { PgClient } from './client.js'

/** The server changes this one itself when a standby is promoted. */
const OF_THE_SERVER = new Set(['in_hot_standby'])

/**
 * The session settings that the server reports on every change, even by a function, a trigger or a rule. The time zone
 * and the date style are among them.
 */
export class ReportedSettings {
  readonly #now = new Map<string, string>()
  #wanted: ReadonlyMap<string, string> | null = null
  readonly #changed = new Set<string>()

  constructor({ connection }: PgClient) {
    connection.on('parameterStatus', ({ parameterName, parameterValue }) => this.#note(parameterName, parameterValue))
  }

  /** Whether a setting differs from when the session was set up. */
  get changed(): boolean {
    return this.#changed.size > 0
  }

  /** Takes the current settings as the right ones. */
  accept(): void {
    this.#wanted = new Map(this.#now)
  }

  #note(name: string, value: string): void {
    if (OF_THE_SERVER.has(name)) return
    this.#now.set(name, value)
    const wanted = this.#wanted?.get(name)
    if (wanted === undefined || wanted === value) this.#changed.delete(name)
    else this.#changed.add(name)
  }
}
