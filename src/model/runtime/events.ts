import { quoted, UsageError } from '../../errors.js'
import { isModel, metadataOf } from '../../metadata/metadata.js'
import type { Events } from '../../types/events.js'
import type { HookName } from '../../types/hooks.js'
import { ambient, NO_AMBIENT, withAmbient } from '../../util/ambient.js'
import { requireFunction } from '../../util/arguments.js'
import { nearest } from '../../util/names.js'
import { HOOK_NAMES } from './hooked.js'

// Functions from outside the classes that run with their hooks. They are kept by the names of models, so that they stay when
// a development server loads a class again.

type Listener = (...given: never[]) => unknown

interface ListenerEntry {
  readonly listener: Listener
  readonly once: boolean
  /** Entries run in the order in which they were added, whatever they listen to. */
  readonly order: number
}

const ALL = '*'
/** By `Post.afterInsert`, or by `*`. */
const entries = new Map<string, ListenerEntry[]>()
let added = 0

/** The models that were used, and the names of listeners that were reported because none of them has it. */
const models = new Set<string>()
const reported = new Set<string>()

/** Notes a model that is used for the first time. */
function noteModel(model: string): void {
  models.add(model)
  for (const key of entries.keys()) reportTypo(key)
}

/** Reports a listener for a name that is nearly that of a model, and not the name of any that was used. */
function reportTypo(key: string): void {
  const name = key.slice(0, Math.max(0, key.lastIndexOf('.')))
  if (name === '' || models.has(name) || reported.has(key)) return
  const model = nearest(name, models)
  if (model === undefined) return
  reported.add(key)
  process.emitWarning(
    `A function listens to the event ${quoted(key)}, but no model that was used so far is called ${quoted(name)}. Did you mean ${quoted(model)}?`,
    { type: 'CormWarning', code: 'CORM_UNKNOWN_EVENT' },
  )
}

/** Whether anybody listens to anything: one look at a number where nobody does. */
export const eventsAreOn = (): boolean => entries.size > 0

/** Whether anybody here listens to this event of a model. `*` hears of writes: loading is asked for by its name. */
export function isHeard(model: string, event: HookName): boolean {
  if (entries.size === 0 || ambient()?.withoutEvents === true) return false
  if (!models.has(model)) noteModel(model)
  return entries.has(`${model}.${event}`) || (event !== 'afterLoad' && entries.has(ALL))
}

/** Runs what listens to an event of an instance, one after the other. */
export async function emit(model: string, event: HookName, instance: object, detail: unknown): Promise<void> {
  if (!isHeard(model, event)) return
  const name = `${model}.${event}`
  const named = entries.get(name) ?? []
  const general = event === 'afterLoad' ? [] : (entries.get(ALL) ?? [])
  for (const entry of [...named, ...general].sort((a, b) => a.order - b.order)) {
    const isGeneral = general.includes(entry)
    if (entry.once) remove(isGeneral ? ALL : name, (other) => other === entry)
    const listener = entry.listener as (...given: unknown[]) => unknown
    await (isGeneral ? listener({ model, event, instance, ...detailsOf(event, detail) }) : listener(instance, detail))
  }
}

const detailsOf = (event: HookName, detail: unknown): object =>
  event === 'onChange' ? { previous: detail } : event === 'afterCommit' ? (detail as object) : {}

function add(key: string, listener: Listener, once: boolean): () => void {
  const entry: ListenerEntry = { listener, once, order: added++ }
  entries.set(key, [...(entries.get(key) ?? []), entry])
  reportTypo(key)
  return () => remove(key, (other) => other === entry)
}

function remove(key: string, isMeant: (entry: ListenerEntry) => boolean): void {
  const left = entries.get(key)?.filter((entry) => !isMeant(entry)) ?? []
  if (left.length === 0) entries.delete(key)
  else entries.set(key, left)
}

/** What was named, and the function that came with it. */
function read(call: string, given: readonly unknown[]): [key: string, listener: Listener] {
  const [subject, second, third] = given
  const [key, listener] =
    typeof subject === 'string' ? [keyOf(subject, call), second] : [keyOfModel(subject, second, call), third]
  requireFunction(listener, call)
  return [key, listener as Listener]
}

function keyOf(name: string, call: string): string {
  const end = name.lastIndexOf('.')
  if (name === ALL || (end > 0 && isEvent(name.slice(end + 1)))) return name
  throw new UsageError(
    `${call} was given the event ${quoted(name)}. Write the model and the event ('Post.afterInsert'), or '*'. ${EVENTS}`,
  )
}

function keyOfModel(model: unknown, event: unknown, call: string): string {
  if (!isModel(model))
    throw new UsageError(`${call} takes a model and an event (Post, 'afterInsert'), 'Post.afterInsert', or '*'.`)
  if (!isEvent(event))
    throw new UsageError(`${call} was given an event that "${metadataOf(model).name}" does not have. ${EVENTS}`)
  return `${metadataOf(model).name}.${event}`
}

const isEvent = (event: unknown): event is HookName => HOOK_NAMES.some((name) => name === event)

const EVENTS = `The events are ${HOOK_NAMES.join(', ')}.`

/** Adds listeners to the hooks of models, from outside their classes. */
export const events: Events = {
  on: (...given: unknown[]) => add(...read('events.on()', given), false),
  once: (...given: unknown[]) => add(...read('events.once()', given), true),
  off: (...given: unknown[]) => {
    const [key, listener] = read('events.off()', given)
    remove(key, (entry) => entry.listener === listener)
  },
}

/** Runs `work` without the listeners of `events.on` and returns its result. The hook methods of classes still run. */
export function withoutEvents<R>(work: () => Promise<R> | R): Promise<R> {
  requireFunction(work, 'withoutEvents()')
  return withAmbient({ ...(ambient() ?? NO_AMBIENT), withoutEvents: true }, async () => work())
}
