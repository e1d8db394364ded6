import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { NPlusOneError } from '../errors.js'
import { ambient, enterAmbient, NO_AMBIENT, withAmbient } from '../util/ambient.js'
import type { MaybePromise } from '../util/maybe-promise.js'
import { type UserCall, userCall } from '../util/user-line.js'

// Detects N+1 queries: reads with the same SQL text, from the same line of the user's code, in one flow of work. A flow
// is what async contexts carry on from a first read. Each read leaves a mark in its context.
//
// - A context with the flow's last mark continues the flow.
// - A context with an older mark continues it if the function that waits for it also waited for the first read, as in a
//   loop that calls other functions to read. Otherwise the work was started there and lives independently, like a server's
//   connection: it gets a new flow.
// - In a piece of work that `withRequest` marks, all reads belong together.
// - Elsewhere, reads that start next to each other may be a fan-out or two pieces of work. Each continues in its own
//   flow, and only their first reads are counted together.

/** What a read is for, in words for the warning. */
export interface Purpose {
  readonly model: string | null
  /** For example `Author.books`. */
  readonly relation: string | null
  /** What to write instead of many such reads. */
  readonly fix: string
}

/** A read that the user's code started. */
export class UserRead {
  constructor(
    readonly call: CallSite,
    readonly purpose: () => Purpose,
  ) {}
}

export type Detection = false | 'warn' | 'throw'

/** The number of similar statements that is reported. */
const THRESHOLD = 5
/** How many groups a flow remembers; it forgets the oldest first. */
const GROUPS = 100
/** A flow ends after this many milliseconds without a read: code that polls now and then is not a loop over rows. */
const PAUSE = 1000

type Counts = Map<string, number>

/** What an async context carries. */
class FlowMark {
  constructor(readonly flow: Flow) {}
}

interface Flow {
  /** The user marked all work of this flow as belonging together. */
  readonly marked: boolean
  /** Identifies the time since the detection was last switched on; older flows are not counted. */
  readonly since: object
  /** The functions that waited for the first read; null before the first read. */
  functions: ReadonlySet<string> | null
  head: FlowMark | null
  /** The groups that were reported, in this flow and in those split off from it. */
  readonly reported: Map<string, true>
  readonly counts: Counts
  /** `counts` as they were when the running reads began. */
  before: Counts
  /** The reads that began since then, here and in flows that were split off from this one. */
  meanwhile: Counts
  underWay: number
  last: number
}

let mode: Detection = false
let since: object = {}
const listeners: ((on: boolean) => void)[] = []

/** Switches the detection on or off, and resets the counts. */
export function switchDetection(to: Detection): void {
  mode = to
  restartDetection()
  unsubscribe(REQUESTS, beginFlow)
  if (mode !== false) subscribe(REQUESTS, beginFlow)
  for (const listener of listeners) listener(mode !== false)
}

/** Counts from here on: what was read before does not belong to what follows, such as the test before this one. */
export function restartDetection(): void {
  since = {}
}

/** Calls `listener` when the detection is switched on or off. */
export function whenDetectionSwitched(listener: (on: boolean) => void): void {
  listeners.push(listener)
}

/** Node's HTTP server sets this for each request; one connection may carry many requests. */
const REQUESTS = 'http.server.request.start'

function beginFlow(): void {
  enter(newFlow())
}

function newFlow(marked = false): Flow {
  const counted = { counts: new Map(), before: new Map(), meanwhile: new Map() }
  const last = performance.now()
  return { since, marked, functions: null, head: null, reported: new Map(), ...counted, underWay: 0, last }
}

/** Runs `work` as a separate flow. */
export function inFlow<R>(work: () => Promise<R>): Promise<R> {
  if (mode === false) return work()
  return withAmbient({ ...(ambient() ?? NO_AMBIENT), flow: new FlowMark(newFlow(true)) }, work)
}

function enter(flow: Flow): Flow {
  const mark = new FlowMark(flow)
  flow.head = mark
  enterAmbient({ ...(ambient() ?? NO_AMBIENT), flow: mark })
  return flow
}

/** The flow for a read that begins in this context. */
function flowHere({ root, functions }: UserCall): Flow {
  const mark = ambient()?.flow
  if (mark instanceof FlowMark && mark.flow.marked && mark.flow.since === since) return goingOn(mark.flow)
  const flow = mark instanceof FlowMark && goesOn(mark, root) ? mark.flow : newFlow()
  flow.functions ??= functions
  if (flow.underWay > 0) return enter({ ...flow, counts: new Map(flow.before), underWay: 0 })
  flow.before = new Map(flow.counts)
  flow.meanwhile = new Map()
  return enter(flow)
}

function goingOn(flow: Flow): Flow {
  if (hasEnded(flow)) {
    flow.counts.clear()
    flow.meanwhile.clear()
  }
  return flow
}

function goesOn(mark: FlowMark, root: string): boolean {
  const { flow } = mark
  if (flow.since !== since || hasEnded(flow)) return false
  return flow.head === mark || flow.functions?.has(root) === true
}

const hasEnded = (flow: Flow) => flow.underWay === 0 && performance.now() - flow.last > PAUSE

/** Counts the flow as busy until the running function has ended. */
function holdForNow(flow: Flow): Flow {
  flow.underWay++
  queueMicrotask(() => {
    flow.underWay--
    flow.last = performance.now()
  })
  return flow
}

interface CallSite {
  readonly flow: Flow
  readonly line: string
}

/** The call is noted early: when an awaited query is sent, the stack no longer shows the awaiting line. */
let called: CallSite | null = null

/** Notes the user's call now. The returned function runs the work that belongs to it. */
export function noteCall(): <R>(work: () => R) => R {
  const call = callHere()
  return (work) => {
    const outer = called
    called = call
    try {
      return work()
    } finally {
      called = outer
    }
  }
}

function callHere(): CallSite | null {
  const from = userCall()
  return from && { flow: holdForNow(flowHere(from)), line: from.line }
}

/** Notes a read that the running user code makes; undefined if there is nothing to report. */
export function noteRead(purpose: () => Purpose): UserRead | undefined {
  const call = called ?? callHere()
  return call === null ? undefined : new UserRead(call, purpose)
}

/**
 * Counts a read before it is sent. Reports or throws if its group has become too large. Returns what must know of the result;
 * null: nothing.
 */
export function countRead(sql: string, { call: { flow, line }, purpose }: UserRead): Flow | null {
  // the detection may have been switched since the read was noted
  if (flow.since !== since) return null
  const group = `${line}\n${sql}`
  const count = counted(flow, group)
  if (count >= THRESHOLD && !flow.reported.has(group)) {
    put(flow.reported, group, true)
    report(line, count, purpose())
  }
  return flow
}

/** The reads of a flow belong together for as long as one of them is under way. */
export function noteSent(flow: Flow, result: MaybePromise<unknown>): void {
  if (!(result instanceof Promise)) {
    holdForNow(flow)
    return
  }
  flow.underWay++
  const done = () => {
    flow.underWay--
    flow.last = performance.now()
  }
  result.then(done, done)
}

function counted(flow: Flow, group: string): number {
  const own = (flow.counts.get(group) ?? 0) + 1
  const meanwhile = (flow.meanwhile.get(group) ?? 0) + 1
  put(flow.counts, group, own)
  put(flow.meanwhile, group, meanwhile)
  return Math.max(own, (flow.before.get(group) ?? 0) + meanwhile)
}

/** Sets the entry as the most recent one and removes the oldest beyond the limit. */
function put<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key)
  map.set(key, value)
  const [first] = map.keys()
  if (map.size > GROUPS && first !== undefined) map.delete(first)
}

function report(line: string, count: number, { model, relation, fix }: Purpose): void {
  const name = relation ?? model
  const what = name === null ? '' : ` for "${name}"`
  const message = `N+1 queries: ${line} ran ${count} similar queries${what}. ${fix}`
  if (mode === 'throw') throw new NPlusOneError(message, model, relation, line)
  process.emitWarning(message, { type: 'CORM_N_PLUS_ONE', code: 'CORM_N_PLUS_ONE' })
}
