import type { SchemaState } from '../../ast/schema.js'
import { MigrationError } from '../../errors.js'
import { whyNoFill } from '../../migration/fills.js'
import type { MakeResult } from '../../migration/make.js'
import type { RenameQuestion } from '../../migration/renames.js'
import { chooseOne, write } from '../ask.js'
import type { CommandOutput } from '../output.js'
import type { Answers } from './answers.js'

/** The questions that `make` can't decide. */
export interface Questions extends Pick<Extract<MakeResult, { readonly kind: 'questions' }>, 'renames' | 'fills'> {
  readonly to: SchemaState
  /** The defaults of models for new rows, as texts, by `table.column`. */
  readonly defaults: ReadonlyMap<string, string>
}

const nameOf = ({ table, from }: RenameQuestion): string => (table === null ? from : `${table}.${from}`)
const whatIs = ({ table }: RenameQuestion): string => (table === null ? 'table' : 'column')
const percent = (score: number): string => `${Math.round(score * 100)} % similar`

/** The option that confirms a rename. */
const renameOption = (question: RenameQuestion, to: string): string =>
  question.table === null
    ? `--rename-table ${quote(`${question.from}:${to}`)}`
    : `--rename ${quote(`${nameOf(question)}:${to}`)}`
const dropOption = (question: RenameQuestion): string => `--drop ${quote(nameOf(question))}`

/** Quotes a word for a shell. */
const quote = (word: string): string => (/^[\w.:=@%+,/-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)

/** Asks on a terminal and adds the answers to the given ones. */
export async function ask(questions: Questions, answers: Answers): Promise<void> {
  const [question] = questions.renames
  if (question === undefined) {
    for (const name of questions.fills) {
      const why = whyNoFill(questions.to, name)
      if (why !== null) throw new MigrationError(why)
      const given = questions.defaults.get(name) ?? ''
      answers.fills.set(name, await write(`The value of ${name} for the existing rows?`, given))
    }
    return
  }
  // asked one at a time, because the next question may offer the same new name
  const { table, from, candidates } = question
  const to = await chooseOne(`The ${whatIs(question)} ${nameOf(question)} is gone. What became of it?`, [
    ...candidates.map((each) => ({
      value: `to:${each.to}`,
      label: `It is now ${each.to}.`,
      hint: percent(each.score),
    })),
    { value: 'gone', label: 'It was removed.', hint: 'its data stays in the database until "make --drop-retired"' },
  ])
  const answer = to === 'gone' ? null : to.slice('to:'.length)
  if (table === null) answers.tables.set(from, answer)
  else answers.columns.set(`${table}.${from}`, answer)
}

/** Prints the commands that answer the questions. */
export function printQuestions(questions: Questions, words: readonly string[], output: CommandOutput): void {
  const command = ['corm', ...words].map(quote).join(' ')
  const { renames, fills, to, defaults } = questions
  const isOne = renames.length + fills.length === 1
  const shown = (option: string) => (isOne ? `  ${command} ${option}` : `  ${option}`)
  const lines = [
    ...renames.flatMap((question) => [
      `The ${whatIs(question)} ${nameOf(question)} is gone. Was it renamed, or removed?`,
      ...question.candidates.map(({ to, score }) => `${shown(renameOption(question, to))}   # ${percent(score)}`),
      shown(dropOption(question)),
      '',
    ]),
    ...fills.flatMap((name) => {
      const why = whyNoFill(to, name)
      if (why !== null) return [why, '']
      const given = defaults.get(name)
      const what =
        given === undefined
          ? `The new column ${name} is NOT NULL and has no default in the database.`
          : `The new column ${name} is NOT NULL, and its default is one that the program gives to new rows.`
      return [
        `${what} Which value do existing rows get?`,
        shown(given === undefined ? `--fill ${quote(`${name}=`)}…` : `--fill ${quote(`${name}=${given}`)}`),
        '',
      ]
    }),
    isOne ? 'Nothing was written. Run one of these commands.' : `Nothing was written. Add one of each to: ${command}`,
  ]
  output.note(lines.join('\n'))
  output.result({
    status: 'questions',
    renames: renames.map((question) => ({
      table: question.table,
      from: question.from,
      candidates: question.candidates.map(({ to, score }) => ({ to, score, option: renameOption(question, to) })),
      drop: dropOption(question),
    })),
    fills: fills.map((column) => {
      const why = whyNoFill(to, column)
      if (why !== null) return { column, impossible: why }
      return { column, option: `--fill ${quote(`${column}=${defaults.get(column) ?? ''}`)}` }
    }),
  })
}
