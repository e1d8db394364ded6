import type { SchemaOperation, SchemaState } from '../../ast/schema.js'
import { hasOwnTable, type ModelMetadata } from '../../metadata/metadata.js'
import { type MakeRequest, type MakeResult, makeMigration } from '../../migration/make.js'
import { renamesOfModels } from '../../migration/renamed-from.js'
import { stateOfModels } from '../../schema/from-models.js'
import { applied, describeOperation, lossOf } from '../../schema/operation/index.js'
import { canAsk } from '../ask.js'
import type { CommandCall } from '../call.js'
import { type CommandOutput, shown } from '../output.js'
import type { Project } from '../project/project.js'
import { EXIT, type ExitCode } from '../spec.js'
import { type Answers, addGivenAnswers } from './answers.js'
import { defaultsOf, fillsFor } from './fill.js'
import { ask, printQuestions } from './questions.js'
import { writeFiles } from './write.js'

/**
 * The models whose tables migrations create. Models of other databases, and of views and tables of other programs, are left
 * out.
 */
export const migrated = (models: readonly ModelMetadata[], project: Project): readonly ModelMetadata[] =>
  project.own(models).filter(hasOwnTable)

/** The starting point of a new migration. */
export interface Start {
  readonly project: Project
  readonly from: SchemaState
  readonly parents: readonly string[]
}

export type MakeOutcome = MakeResult | { readonly kind: 'unanswered' }

/** Compares the models with a schema and asks the open questions. */
export async function makeFrom({ project, from, parents }: Start, call: CommandCall): Promise<MakeOutcome> {
  const models = migrated(await project.models(), project)
  const to = stateOfModels(models)
  const { tables, columns } = renamesOfModels(models, from)
  const answers: Answers = { tables: new Map(tables), columns: new Map(columns), fills: new Map() }
  addGivenAnswers(answers, call, from)
  const {
    options,
    arguments: [name = null],
  } = call
  for (;;) {
    const request: MakeRequest = {
      from,
      to,
      parents,
      renames: answers,
      fills: fillsFor(to, answers.fills),
      name,
      now: new Date(),
      dropRetired: options.flag('drop-retired'),
      dialect: project.dialect,
      safe: options.flag('safe'),
    }
    const made = makeMigration(request)
    if (made.kind !== 'questions') return made
    const asked = { ...made, to, defaults: defaultsOf(models) }
    if (!canAsk(call.output)) {
      printQuestions(asked, call.words, call.output)
      return { kind: 'unanswered' }
    }
    await ask(asked, answers)
  }
}

/** Writes the file of a migration and reports its operations. */
export async function writeMade(made: MakeOutcome, { project, from }: Start, output: CommandOutput): Promise<ExitCode> {
  if (made.kind === 'unanswered' || made.kind === 'questions') return EXIT.question
  if (made.kind === 'nothing') {
    output.say('The models and the migrations agree: there is nothing to write.')
    output.result({ status: 'nothing' })
    return EXIT.done
  }
  const [file, contract = null] = await writeFiles(project, [made, ...(made.contract === null ? [] : [made.contract])])
  const operations = describeAll(from, made.operations)
  output.say(`wrote ${file}`, 'green')
  if (contract !== null)
    output.say(`wrote ${contract}, which "corm migrate up --contract" runs after the deployment`, 'green')
  for (const { what, loses } of operations) output.say(`  ${what}${loses === null ? '' : `, which loses ${loses}`}`)
  output.result({ status: 'written', id: made.id, file, contract, operations })
  return EXIT.done
}

export interface ChangeSummary {
  readonly what: string
  /** The data that is lost, as a phrase. */
  readonly loses: string | null
}

/** Describes each operation in a few words. */
export function describeAll(from: SchemaState, operations: readonly SchemaOperation[]): readonly ChangeSummary[] {
  let state = from
  return operations.map((operation) => {
    const loses = lossOf(operation, state)
    state = applied(operation, state)
    return { what: shown(describeOperation(operation)), loses: loses === null ? null : shown(loses) }
  })
}
