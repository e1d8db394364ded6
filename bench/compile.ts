import { range } from './data.js'
import { quartiles } from './measure.js'
import { Item, unseenModel } from './models.js'

const WARM_UP = 10
const MODELS = 8
const SEEN = 20_000

type Operator = '=' | '!=' | '<' | '<=' | '>' | '>='
const OPERATORS: readonly Operator[] = ['=', '!=', '<', '<=', '>', '>=']

/** Microseconds to build and compile the three-condition query: of a form seen before, and of one never seen. */
export async function measureCompile(rounds: number): Promise<{ seen: number; first: number }> {
  const seen: number[] = []
  const first: number[] = []
  for (let i = 0; i < rounds + WARM_UP; i++) {
    const again = compileAgain()
    const anew = range(MODELS).map(compileAnew)
    if (i < WARM_UP) continue
    seen.push(again)
    first.push(...anew)
    await new Promise(setImmediate)
  }
  return { seen: quartiles(seen)[1], first: quartiles(first)[1] }
}

const build = (model: typeof Item, num: number) =>
  model.where('active', true).where('num', '>=', num).where('score', '<', 90).orderBy('num').limit(20)

function compileAgain(): number {
  let length = 0
  const start = performance.now()
  for (let i = 0; i < SEEN; i++) length += build(Item, i).toSQL().sql.length
  const time = performance.now() - start
  if (length === 0) throw new Error('Nothing was compiled.')
  return (time / SEEN) * 1000
}

/** No two queries share a step: each starts with a column and operator that its model has not seen. */
function compileAnew(): number {
  const model = unseenModel()
  // what a model prepares once is not part of a query
  model.query().limit(1).toSQL()
  let count = 0
  const start = performance.now()
  for (const operator of OPERATORS) {
    model.where('num', operator, 5).where('active', true).where('score', '<', 90).orderBy('num').limit(20).toSQL()
    model.where('title', operator, 'x').where('active', true).where('num', '>=', 5).orderBy('num').limit(20).toSQL()
    model.where('score', operator, 90).where('active', true).where('num', '>=', 5).orderBy('num').limit(20).toSQL()
    model.where('note', operator, 'x').where('active', true).where('num', '>=', 5).orderBy('num').limit(20).toSQL()
    count += 4
  }
  return ((performance.now() - start) / count) * 1000
}
