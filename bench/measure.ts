import type { Contender, MaybePromise } from './contender.js'
import type { Line } from './lines.js'

export interface Sides {
  readonly corm: Contender
  readonly raw: Contender
}

export interface Measured {
  readonly name: string
  /** corm / raw: first quartile, median, third quartile. */
  readonly ratio: readonly [number, number, number]
  /** Milliseconds of one raw job, the median. */
  readonly raw: number
  readonly rounds: number
}

const WARM_UP = 3
/** Milliseconds that one measurement takes about: short jobs are repeated. */
const LENGTH = 20
const MOST = 200

let turns = 0
let now = () => performance.now()

/** Counts the processor's time instead of the clock's: of work in this process only, it says more on a busy machine. */
export function countProcessorTime(): void {
  now = () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  }
}

/** Both sides do the job, in turns; each round gives one ratio. */
export async function measure(line: Line, sides: Sides, rounds: number): Promise<Measured> {
  await check(line, sides)
  let times = 1
  for (let i = 0; i < WARM_UP; i++) {
    const [, raw] = await round(line, sides, times, i)
    times = Math.min(MOST, Math.max(1, Math.round((times * LENGTH) / raw)))
  }
  const ratios: number[] = []
  const raws: number[] = []
  for (let i = 0; i < rounds; i++) {
    const [corm, raw] = await round(line, sides, times, i)
    ratios.push(corm / raw)
    raws.push(raw / times)
  }
  return { name: line.name, ratio: quartiles(ratios), raw: quartiles(raws)[1], rounds }
}

/** A comparison means something only when both sides did the same. */
async function check(line: Line, sides: Sides): Promise<void> {
  const turn = ++turns
  const outcomes: string[] = []
  for (const side of [sides.raw, sides.corm]) {
    await line.before?.(side)
    outcomes.push(await line.outcome(side, await line.run(side, turn)))
    await line.after?.(side)
  }
  if (outcomes[0] !== outcomes[1])
    throw new Error(`"${line.name}": the sides differ.\n  raw  ${outcomes[0]}\n  corm ${outcomes[1]}`)
}

/** Milliseconds of corm and of raw; who is first changes from round to round. */
async function round(line: Line, { corm, raw }: Sides, times: number, index: number): Promise<[number, number]> {
  const first = turns + 1
  turns += times
  if (index % 2 === 0) {
    const mine = await sample(line, corm, first, times)
    return [mine, await sample(line, raw, first, times)]
  }
  const theirs = await sample(line, raw, first, times)
  return [await sample(line, corm, first, times), theirs]
}

// No forced garbage collection in between: when no object of a class survives one, the engine forgets what it learned of
// the class, and what is measured is how it learns it again.
async function sample(line: Line, side: Contender, first: number, times: number): Promise<number> {
  await line.before?.(side)
  // the event loop goes round in every program: only then does the engine report what was collected
  await new Promise(setImmediate)
  const start = now()
  for (let i = 0; i < times; i++) {
    const result: MaybePromise<unknown> = line.run(side, first + i)
    if (result instanceof Promise) await result
  }
  const time = now() - start
  await line.after?.(side)
  return time
}

export function quartiles(values: readonly number[]): [number, number, number] {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (part: number) => {
    const place = (sorted.length - 1) * part
    const low = sorted[Math.floor(place)]!
    return low + (sorted[Math.ceil(place)]! - low) * (place % 1)
  }
  return [at(0.25), at(0.5), at(0.75)]
}
