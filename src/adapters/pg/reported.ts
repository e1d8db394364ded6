import type { PgClient } from './client.js'

/** Changed by the server itself, when a standby is promoted. */
const OF_THE_SERVER = new Set(['in_hot_standby'])

/**
 * Settings of a session that the server reports whenever they change, whatever changes them: a function that a query calls, a
 * trigger, a rule. The time zone and the form of dates are among them.
 */
export class Reported {
  readonly #now = new Map<string, string>()
  #wanted: ReadonlyMap<string, string> | null = null
  readonly #changed = new Set<string>()

  constructor({ connection }: PgClient) {
    connection.on('parameterStatus', ({ parameterName, parameterValue }) => this.#note(parameterName, parameterValue))
  }

  /** Whether a setting is not what it was when the session was set up. */
  get changed(): boolean {
    return this.#changed.size > 0
  }

  /** From now on they are as they should be. */
  settle(): void {
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
