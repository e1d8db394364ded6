import { type Kind, SAVES } from './models.js'

// The model in memory: the rows, and what each instance must hold. It knows what a write does, and nothing of how corm does it.

/** A value in a form that `===` compares. */
export type Value = string | number | boolean | null | undefined
export type Values = Record<string, Value>

/** What an instance must hold. */
export interface Twin {
  readonly kind: Kind
  values: Values
  /** What it knows of its row; null: it was never stored. */
  known: Values | null
  /** Its row was deleted through it. */
  gone: boolean
  /** The labels that were loaded. */
  labels: ReadonlySet<number> | null
}

interface Note {
  readonly first: string
  readonly last: string
  readonly restored: boolean
}

/** An open transaction. */
interface Level {
  readonly rows: Rows
  readonly lines: readonly string[]
  readonly links: ReadonlySet<string>
  undo: (() => void)[]
  notes: Map<Twin, Note>
}

type Rows = Readonly<Record<Kind, Map<number, Values>>>

const copyRows = ({ Thing, Note, Entry }: Rows): Rows => ({
  Thing: new Map(Thing),
  Note: new Map(Note),
  Entry: new Map(Entry),
})

/** What a write must fail with. */
export class Expected extends Error {
  constructor(readonly kind: string) {
    super(kind)
  }
}

export const STALE = 'StaleModelError changed'
export const GONE = 'StaleModelError gone'

export class Memory {
  rows: Rows = { Thing: new Map(), Note: new Map(), Entry: new Map() }
  lines: readonly string[] = []
  /** `thing:label` */
  links: ReadonlySet<string> = new Set()
  /** The calls of `afterCommit` so far. */
  readonly commits = new Map<Twin, string>()
  #levels: Level[] = []

  get depth(): number {
    return this.#levels.length
  }

  begin(): void {
    const { lines, links } = this
    this.#levels.push({ rows: copyRows(this.rows), lines, links, undo: [], notes: new Map() })
  }

  release(): void {
    const { undo, notes } = this.#levels.pop() as Level
    const outer = this.#levels.at(-1)
    outer?.undo.push(...undo)
    for (const [twin, note] of notes)
      if (outer === undefined) this.#commit(twin, note)
      else noteIn(outer.notes, twin, note)
  }

  rollback(): void {
    const { rows, lines, links, undo } = this.#levels.pop() as Level
    Object.assign(this, { rows, lines, links })
    for (const step of undo.reverse()) step()
  }

  /** All of it or nothing. */
  whole(work: () => void): void {
    this.begin()
    try {
      work()
    } catch (error) {
      this.rollback()
      throw error
    }
    this.release()
  }

  rowOf(twin: Twin): Values | undefined {
    return this.rows[twin.kind].get(twin.known?.id as number)
  }

  /** The row of a new instance. `filled`: what corm and the database fill in. */
  insert(twin: Twin, filled: Values): void {
    const blank = Object.keys(filled).filter((field) => twin.values[field] === undefined)
    for (const field of blank) twin.values[field] = filled[field]
    twin.known = { ...twin.values }
    this.rows[twin.kind].set(twin.known.id as number, { ...twin.known })
    this.#undo(() => {
      for (const field of blank) if (twin.values[field] === twin.known?.[field]) twin.values[field] = undefined
      twin.known = null
    })
  }

  /** Writes fields of the row. `set` are those that corm has given values, which the instance then holds. */
  update(twin: Twin, sent: Values, set: Values, held = false): void {
    const row = this.rowOf(twin)
    if (row === undefined) throw new Expected(GONE)
    if (twin.kind === 'Note' && 'version' in set && row.version !== twin.known?.version) throw new Expected(STALE)
    // a time that the code has assigned waits for the next save
    const isAssigned = twin.values.changed !== twin.known?.changed
    const { changed } = twin.values
    this.record(twin, Object.keys(set), held)
    Object.assign(twin.values, set, isAssigned && { changed })
    Object.assign(twin.known as Values, sent, set)
    this.rows[twin.kind].set(row.id as number, { ...row, ...sent, ...set })
  }

  /** Before what is known of a row changes. A rollback takes fields back that still hold what corm has set. */
  record(twin: Twin, set: readonly string[], held = false): void {
    const { known, gone } = twin
    twin.known = { ...known }
    const before = held ? { ...twin.values } : (known as Values)
    this.#undo(() => {
      for (const field of set) if (twin.values[field] === twin.known?.[field]) twin.values[field] = before[field]
      Object.assign(twin, { known, gone })
    })
  }

  /** corm gives fields other values, which are not sent yet. */
  assign(twin: Twin, values: Values): void {
    const held = { ...twin.values }
    Object.assign(twin.values, values)
    this.#undo(() => {
      for (const [field, value] of Object.entries(values))
        if (twin.values[field] === value) twin.values[field] = held[field]
    })
  }

  dirty(twin: Twin, only: readonly string[] = Object.keys(twin.values)): string[] {
    return only.filter((field) => twin.values[field] !== twin.known?.[field])
  }

  remove(twin: Twin): void {
    const row = this.rowOf(twin)
    if (twin.kind === 'Note' && row !== undefined && row.version !== twin.known?.version) throw new Expected(STALE)
    this.record(twin, [])
    twin.gone = true
    const id = twin.known?.id as number
    this.rows[twin.kind].delete(id)
    if (row !== undefined && twin.kind === 'Thing')
      this.links = new Set([...this.links].filter((link) => !link.startsWith(`${id}:`)))
    if (twin.kind === 'Entry') {
      this.lines = [...this.lines, `delete ${twin.values.name}`]
      this.note(twin, 'delete')
    }
  }

  /** A soft delete, or a restore; the times are those that the write sets. */
  mark(twin: Twin, deletes: boolean, { deletedAt, changed }: Values): void {
    const row = this.rowOf(twin)
    if (row === undefined && !deletes) throw new Expected(GONE)
    if (row === undefined) {
      this.record(twin, [])
      twin.gone = true
      return
    }
    const isMarked = row.deletedAt !== null
    if (isMarked === deletes) {
      // another instance did it: only the time is taken over
      this.record(twin, ['deletedAt', 'changed', 'version'], true)
      twin.values.deletedAt = row.deletedAt
      ;(twin.known as Values).deletedAt = row.deletedAt
      return
    }
    const version = (row.version as number) + 1
    this.update(twin, {}, { deletedAt: deletes ? deletedAt : null, changed, version }, true)
  }

  link(twin: Twin, wanted: ReadonlySet<number>): void {
    const id = twin.known?.id as number
    const others = [...this.links].filter((link) => !link.startsWith(`${id}:`))
    this.links = new Set([...others, ...[...wanted].map((label) => `${id}:${label}`)])
  }

  load(twin: Twin, labels: ReadonlySet<number>): void {
    const before = twin.labels
    twin.labels = labels
    this.#undo(() => {
      twin.labels = before
    })
  }

  labelsOf(twin: Twin): Set<number> {
    const start = `${twin.known?.id}:`
    return new Set(
      [...this.links].filter((link) => link.startsWith(start)).map((link) => Number(link.slice(start.length))),
    )
  }

  /** A save with the hooks of Entry: those before of all, then the rows, then those after. `id` is that of a new row. */
  saveEntries(twins: readonly Twin[], id: (twin: Twin) => Value, only?: readonly string[]): void {
    this.whole(() => {
      const named = twins.map(({ values }) => {
        const before = values.mark
        values.mark = `${values.name} ${values.amount}`
        return values.mark === before ? only : only && [...only, 'mark']
      })
      const actions = twins.map((twin, i) => this.#saveEntry(twin, id(twin), named[i]))
      for (const [i, twin] of twins.entries()) if (actions[i] !== null) this.note(twin, actions[i] as string)
      for (const [i, twin] of twins.entries()) if (actions[i] !== null) this.#saved(twin, actions[i] as string, id)
    })
  }

  #saveEntry(twin: Twin, id: Value, only?: readonly string[]): 'insert' | 'update' | null {
    const isNew = twin.known === null
    if (isNew) this.insert(twin, { id })
    const fields = isNew ? [] : this.dirty(twin, only)
    if (fields.length > 0) this.update(twin, Object.fromEntries(fields.map((field) => [field, twin.values[field]])), {})
    return isNew ? 'insert' : fields.length > 0 ? 'update' : null
  }

  #saved(twin: Twin, action: string, id: (twin: Twin) => Value): void {
    const { values } = twin
    this.lines = [...this.lines, `${action} ${values.name}`]
    if (action === 'update' && String(values.name).endsWith('!')) throw new Expected('Enough')
    if ((values.amount as number) >= SAVES) return
    values.amount = (values.amount as number) + 1
    this.saveEntries([twin], id)
  }

  note(twin: Twin, action: string): void {
    const level = this.#levels.at(-1)
    const note = { first: action, last: action, restored: false }
    if (level !== undefined) noteIn(level.notes, twin, note)
  }

  #commit(twin: Twin, { first, last }: Note): void {
    const isGone = last === 'delete'
    if (first === 'insert' && isGone) return
    this.commits.set(twin, `${this.commits.get(twin) ?? ''} ${first === 'insert' ? first : last}`)
  }

  #undo(step: () => void): void {
    this.#levels.at(-1)?.undo.push(step)
  }
}

function noteIn(notes: Map<Twin, Note>, twin: Twin, later: Note): void {
  const earlier = notes.get(twin)
  notes.set(twin, earlier === undefined ? later : { ...later, first: earlier.first })
}
