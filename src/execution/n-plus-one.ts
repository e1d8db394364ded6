import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { QueryResult } from '../driver/driver.js'
import { NPlusOneError } from '../errors.js'
import { ambient, enterAmbient, NO_AMBIENT, withAmbient } from '../util/ambient.js'
import type { MaybePromise } from '../util/maybe-promise.js'
import { type UserCall, userCall } from '../util/user-line.js'

// Looks for N+1 queries: reads of one text, from one line of the user's code, one after the other or side by side in the
// same flow of work. A flow is what async contexts carry on from a first read: each read leaves a mark there.
//
// - A context that carries the flow's last mark goes on with it.
// - One that carries an older mark does so if the function that waits for it waited for the first read too: a loop that
//   calls others to read. Else it was begun there and lives on its own, like a server's connection: a new flow.
// - In a piece of work that `withRequest` marks, all reads belong together.
// - Elsewhere, reads that are begun next to each other may be a fan-out or two pieces of work: each goes on in a flow of its own, and
//   only their first ones are counted together.

/** What a read is for, in words for people. */
export interface Purpose {
  readonly model: string | null
  /** As in `Author.books`. */
  readonly relation: string | null
  /** What to write instead of many such reads. */
  readonly fix: string
}

/** A read that a user's code called. */
export class UserRead {
  constructor(
    readonly call: Call,
    readonly purpose: () => Purpose,
  ) {}
}

export type Detection = false | 'warn' | 'throw'

/** Like statements that are one group too many. */
const THRESHOLD = 5
/** Groups that a flow remembers; older ones are forgotten. */
const GROUPS = 100
/** Milliseconds without a read after which a flow has ended: what asks every now and then is no loop over rows. */
const PAUSE = 1000

type Counts = Map<string, number>

/** What a context carries. */
class Mark {
  constructor(readonly flow: Flow) {}
}

interface Flow {
  /** The user said that all of its work belongs together. */
  readonly marked: boolean
  /** What it counts for: since the detection was switched on last. */
  readonly since: object
  /** The functions that waited for its first read; null before that. */
  functions: ReadonlySet<string> | null
  head: Mark | null
  /** Groups that were reported, of this flow and those that were parted from it. */
  readonly reported: Map<string, true>
  readonly counts: Counts
  /** As `counts` were when the reads under way began, */
  before: Counts
  /** and what began since then, here and in the flows that were parted from this one. */
  meanwhile: Counts
  underWay: number
  last: number
}

let mode: Detection = false
let since: object = {}
const listeners: ((on: boolean) => void)[] = []

/** Switches the detection on or off, and begins to count again. */
export function switchDetection(to: Detection): void {
  mode = to
  since = {}
  unsubscribe(REQUESTS, beginFlow)
  if (mode !== false) subscribe(REQUESTS, beginFlow)
  for (const listener of listeners) listener(mode !== false)
}

/** Calls `listener` when the detection is switched on or off. */
export function whenDetectionSwitched(listener: (on: boolean) => void): void {
  listeners.push(listener)
}

/** Set by Node's HTTP server in the context of each request, of which a connection may carry many. */
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
  return withAmbient({ ...(ambient() ?? NO_AMBIENT), flow: new Mark(newFlow(true)) }, work)
}

function enter(flow: Flow): Flow {
  const mark = new Mark(flow)
  flow.head = mark
  enterAmbient({ ...(ambient() ?? NO_AMBIENT), flow: mark })
  return flow
}

/** The flow for a read that begins in this context. */
function flowHere({ root, functions }: UserCall): Flow {
  const mark = ambient()?.flow
  if (mark instanceof Mark && mark.flow.marked && mark.flow.since === since) return goingOn(mark.flow)
  const flow = mark instanceof Mark && goesOn(mark, root) ? mark.flow : newFlow()
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

function goesOn(mark: Mark, root: string): boolean {
  const { flow } = mark
  if (flow.since !== since || hasEnded(flow)) return false
  return flow.head === mark || flow.functions?.has(root) === true
}

const hasEnded = (flow: Flow) => flow.underWay === 0 && performance.now() - flow.last > PAUSE

/** Counted as under way until the function that runs has come to its end. */
function holdForNow(flow: Flow): Flow {
  flow.underWay++
  queueMicrotask(() => {
    flow.underWay--
    flow.last = performance.now()
  })
  return flow
}

interface Call {
  readonly flow: Flow
  readonly line: string
}

/** An awaited query is sent when nothing shows the awaiting line any more. */
let called: Call | null = null

/** Notes the user's call here and now; what comes of it is to be run by the answer. */
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

function callHere(): Call | null {
  const from = userCall()
  return from && { flow: holdForNow(flowHere(from)), line: from.line }
}

/** Notes that a read is made for the user's code that runs; undefined where there is none to report. */
export function noteRead(purpose: () => Purpose): UserRead | undefined {
  const call = called ?? callHere()
  return call === null ? undefined : new UserRead(call, purpose)
}

/** Counts a read that is about to be sent. Reports its group, or throws, when that is one too many. */
export function counting(
  sql: string,
  { call: { flow, line }, purpose }: UserRead,
  send: () => MaybePromise<QueryResult>,
): () => MaybePromise<QueryResult> {
  // it may have been switched since
  if (flow.since !== since) return send
  const group = `${line}\n${sql}`
  const count = counted(flow, group)
  if (count >= THRESHOLD && !flow.reported.has(group)) {
    put(flow.reported, group, true)
    report(line, count, purpose())
  }
  return () => {
    const result = send()
    if (!(result instanceof Promise)) holdForNow(flow)
    else {
      flow.underWay++
      const settled = () => {
        flow.underWay--
        flow.last = performance.now()
      }
      result.then(settled, settled)
    }
    return result
  }
}

function counted(flow: Flow, group: string): number {
  const own = (flow.counts.get(group) ?? 0) + 1
  const meanwhile = (flow.meanwhile.get(group) ?? 0) + 1
  put(flow.counts, group, own)
  put(flow.meanwhile, group, meanwhile)
  return Math.max(own, (flow.before.get(group) ?? 0) + meanwhile)
}

/** Keeps the most recently used groups: the first one is removed. */
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
