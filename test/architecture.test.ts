import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, it } from 'vitest'

/**
 * What a folder of src may import; a row names only rows above it. `dialect` is the contract (the files in dialect itself),
 * `dialect/*` the folders in it; `(types)` after a name allows `import type` only. Every folder may also import types from
 * `types`. Dialects don't import each other, nor do adapters; they share `dialect/*.ts` and `adapters/adapter.ts`.
 */
const allowed: Record<string, string> = {
  types: '',
  errors: '',
  util: 'errors',
  ast: 'util',
  compiler: 'ast errors util',
  driver: 'errors util',
  dialect: 'ast compiler driver(types) errors util',
  'dialect/*': 'ast compiler dialect driver(types) errors util',
  adapters: 'dialect dialect/* driver errors util',
  execution: 'dialect driver errors util',
  files: 'errors util',
  field: 'ast errors files util',
  country: 'errors field util',
  metadata: 'ast errors field util',
  query: 'ast errors execution(types) field metadata util',
  schema: 'ast dialect driver(types) errors field metadata query util',
  database: 'ast compiler dialect driver errors execution files metadata schema util',
  config: 'database errors util',
  hydrate: 'ast compiler(types) dialect errors execution(types) field metadata util',
  relation: 'ast errors execution(types) hydrate metadata query util',
  serialize: 'errors field hydrate metadata query relation util',
  model:
    'ast compiler(types) database dialect driver(types) errors execution field files hydrate metadata query relation schema serialize util',
  migration: 'ast database dialect driver errors execution field hydrate metadata model query schema util',
  doctor: 'database dialect errors execution metadata model util',
  fixtures: 'ast(types) errors execution field hydrate metadata model query schema util',
  inspect: 'ast database dialect errors execution field metadata model query relation schema util',
  testing:
    'ast database dialect driver errors execution field hydrate metadata migration model query relation schema util',
  cli: '*',
  index: '*',
}

/**
 * The rooms of a folder: its folders, and the files that stand in it, each a room of its own. A room imports only those that
 * come before it. Folders without a row have none but files, or folders that don't import each other.
 */
const rooms: Record<string, string> = {
  metadata:
    'class-name naming descriptor model-field translation attribute key write-needs metadata indexes foreign-keys full-text relation',
  query:
    'argument-counts options shape expression public columns link path condition runner statement pages scopes builder',
  model: 'runtime read write related nested face',
  cli: 'option-values output call spec count ask interrupt production progress table failure project erd make migrate command commands program main',
}

/** Single imports beside the table: "file > folder", with the reason. */
const allowedImports: Record<string, string> = {
  'cli/command/shell.ts > index': 'The prompt has all that the package exports.',
  'database/connect.ts > adapters': 'Loads the adapter that the URL names, when it is first needed.',
  'testing/contents.ts > cli': 'Loads the migrations of a folder as the command line does.',
  'dialect/named.ts > dialect/*': 'Lists the dialects by name, for toSQL({ dialect }) without a connection.',
}

/** Files with a dialect's name in a string, with the reason. */
const dialectNames: Record<string, string> = {
  'database/connect.ts': 'The URL scheme names the adapter.',
  'types/call-options.ts': 'The names that users give to toSQL({ dialect }).',
  'types/migration.ts': 'The names by which a migration gives SQL.',
}

/** Files over 400 lines, with the reason. */
const longFiles: Record<string, string> = {
  'index.ts': 'The list of what the package exports.',
  'types/query.ts':
    'Queries return entities, entities have relations, and relations are queries: two files would import each other.',
  'country/data.ts': 'A line for each country and currency.',
}

/** "file > function" over 60 lines, with the reason. */
const longFunctions: Record<string, string> = {
  'ast/structure.ts > #inner': 'One case for each kind of node.',
  'query/statement/parts.ts > add': 'One case for each kind of step.',
}

/** "file > function" with more than four parameters, with the reason. */
const longParameters: Record<string, string> = {
  'hydrate/origin.ts > constructor': 'One is made for each insert: an object of parameters would be a second.',
  'dialect/sqlite/decimals.ts > a function': 'The arguments of a function in SQL.',
}

/** Where a table may be named that is no model's: the gate puts no conditions on it. */
const plainTables: Record<string, string> = {
  'ast/bases.ts': 'Has what all tables have.',
  'query/columns/table.ts': 'Makes the tables of models.',
  'query/statement/select.ts': 'Reads from a common table expression.',
  'dialect/sqlite/full-text.ts': 'Joins the FTS5 table of a model to its rows.',
  'query/builder/joins.ts': 'Joins a common table expression, or a table that the user names.',
  'query/statement/parts.ts': 'A source that is no node yet.',
}

/**
 * Who runs statements in addition to the folders that are there for it (`database`, `execution`, what is below them,
 * `model/read` and `model/write/send`), and what else has a method of that name.
 */
const runsStatements: Record<string, string> = {
  'model/write/locked.ts': 'Reads the rows that were written, through the locked scopes.',
  'model/write/turns.ts': 'Runs work in its turn: no statements.',
  'model/face/truncate.ts': 'Empties tables.',
  'model/runtime/run.ts': 'Hands on the calls of a transaction.',
  'schema/obstacles.ts': 'Makes and drops what shows whether rows stand in the way of a change.',
  'schema/steps.ts': 'Hands the session of a migration to the rebuild of a table.',
  'migration/lock.ts': 'Takes and releases the lock of migrations.',
  'migration/losses.ts': 'Asks whether a column that goes holds values.',
  'migration/migrator.ts': 'Prepares the session of migrations.',
  'migration/pooler.ts': 'Asks whether a pooler is between.',
  'migration/record.ts': 'Makes the table of migrations; its rows are a model.',
  'migration/runner.ts': 'Runs the steps of migrations.',
  'migration/stops.ts': 'Asks for the sizes of tables.',
  'fixtures/load.ts': 'Defers foreign keys, and finds rows that point nowhere.',
  'testing/databases.ts': 'Makes and drops databases of tests.',
  'util/ambient.ts': 'Runs work in an async context: no statements.',
}

/** The write path: who sends what writes rows. Everything else hands instances, rows and queries to a function of these. */
const senders: Record<string, string> = {
  'model/write/persist.ts': 'Instances: their turn, hooks, checks, guards, undo, statements, originals.',
  'model/write/persist-rows.ts': 'Rows without instances.',
  'model/write/persist-query.ts': 'Rows of a query.',
  'model/write/persist-one.ts': 'The steps of persist for one instance, without a promise.',
  'model/write/plain-save.ts': 'The same for save() of a plain model, without a description of the change.',
  'model/write/upsert.ts':
    'Rows with a conflict clause: the instance of a row that is new gets what an insert gives it.',
  'model/write/mark.ts': 'One of these steps, with the rows that follow a soft delete.',
  'model/write/cascade.ts': 'Rows that follow a soft delete.',
  'model/write/persist-embeddings.ts': 'Vectors alone: no autoNow field follows, so update() is not what it does.',
  'model/write/first-or-create.ts': 'Inserts or locks by one statement, where neither hooks nor guards have a say.',
}

/** Who makes nodes that write in addition to `model/write/send`, with the reason. */
const writeNodes: Record<string, string> = {
  'query/builder/changes.ts': 'What the rows of a query get, as the write path takes it.',
  'query/builder/query-data.ts': 'Steps of a query, which only the write path takes.',
  'query/statement/assemble.ts': 'The statement of such a query.',
}

/** Where lists of keys become conditions, each with as many as the dialect takes in a statement. */
const keyConditions: Record<string, string> = {
  'query/link/key-condition.ts': 'Writes the conditions; a list that the user gave to a query is that query.',
  'model/runtime/key-lists.ts': 'The lists of every other call.',
  'model/related/pairs.ts': 'Pairs of several owners: a list for each owner.',
}

/**
 * Functions by which a folder takes what only folders above it can do: calls that go up, which no import shows. The caller is
 * `model/face/define.ts`, or the file that is named.
 */
const upward: Record<string, string> = {
  'database/raw.ts > gateRawBy': 'SQL of the user passes the gate of queries.',
  'database/session.ts > migrateBy': 'connect({ migrate }) runs migrations (migration/register.ts).',
  'execution/n-plus-one.ts > switchDetection': 'The setting that the next one hears of.',
  'execution/n-plus-one.ts > whenDetectionSwitched': 'The settings of the process turn it on and off.',
  'field/country.ts > registerCountries': 'The data of countries is an entry point of its own (country/index.ts).',
  'metadata/descriptor.ts > describeBy':
    'Descriptors show what relations find out of them (metadata/relation/resolve.ts).',
  'metadata/relation/pivot.ts > makePivotsBy': 'A join table without a model gets one.',
  'model/runtime/runtime.ts > setRunner': 'Queries run as the read and write paths do.',
  'model/runtime/runtime.ts > whenPrepared': 'What a model needs before its first use.',
  'testing/factory/registry.ts > makePlainRowsBy':
    'Factories make the rows of models without one (testing/factory/factory.ts).',
}

/**
 * Names that a type of users (in `types`, or `fixtures/types.ts`) shares with one other type: the class or the value that it
 * describes, or its options as corm reads them.
 */
const publicTwins =
  'Attributes CaseSteps ComputedOptions CteRef CustomRelation EmbeddingOptions EncryptedOptions Executor ' +
  'FieldOptions FileRules ForeignKeyOption FullTextOptions GlobalScope JoinOptions JoinedTables LinkedRows ' +
  'LoadOptions MigrationColumn ModelBase ModelOptions ModelSchemas ModelStatics NearestOptions Order PasswordHash ' +
  'PasswordOptions PendingMany PendingOne Predicate QueryLike RelatedOwner RelatedRows RelationOptions ScopesOption ' +
  'SearchOptions SlugOptions Sql TransactionOptions TranslatedOptions UnitedRows UpsertOptions VectorIndexOptions'

/** Other names of types that several files declare, with the reason. */
const sharedNames: Record<string, string> = {
  Entity:
    'Both are what users know by this name: an instance, with its relations in types/query.ts, by their names in types/entity.ts.',
  Intent: 'ast and driver do not know each other.',
  ModelClass: 'Of a model class the configuration needs to know that it is a class.',
  Value: 'Used by two files of types, which have no names that are not public but their own.',
}

/** Who looks at the text of SQL, with the reason. corm's own statements have an intent, and trees that can be asked. */
const readsSql: Record<string, string> = {
  'adapters/better-sqlite3/connection.ts': 'SQL of the user: whether it may leave something on its connection.',
  'adapters/mysql2/client.ts': 'SQL of the user: whether it is an INSERT, whose count the server gives in another way.',
  'adapters/mysql2/session.ts': 'SQL of the user: whether it may take a lock that the connection keeps.',
  'adapters/mysql2/watch.ts': 'SQL of the user: whether it may end its transaction.',
  'dialect/postgres/plain.ts': 'SQL of the user: whether it surely leaves nothing on its connection.',
  'dialect/postgres/session.ts':
    'SQL of the user: whether it ends its transaction. The server says ROLLBACK for a savepoint too.',
  'dialect/mysql/errors.ts': 'The error of a part of an upsert that has no text of its own.',
  'dialect/mysql/key-length.ts': 'The type of a column that the user has written.',
  'dialect/mysql/types.ts': 'A column as the compiler has written it: a name alone, or an expression.',
  'query/expression/sql.ts': 'SQL of the user in an expression: whether it holds a query.',
}

/**
 * Variables that change at the top of a file, in the folders that a query or a write goes through, with the reason. What holds
 * for one query or one write (its scopes, its executor, its limits) goes along as a parameter.
 */
const moduleVariables: Record<string, string> = {
  'ast/structure.ts > lastNumber': 'Numbers what is compared by its number.',
  'hydrate/hydrator.ts > plans': 'Counts the generated functions, of which there is a limit.',
  'hydrate/states.ts > texts': 'Counts the texts that are kept, of which there is a limit.',
  'metadata/relation/pivot.ts > makeModel': 'Set once: makes the model of a join table.',
  'model/read/extra-values.ts > settersMade': 'Counts the generated functions, of which there is a limit.',
  'model/runtime/events.ts > added': 'Whether there are listeners at all.',
  'model/runtime/runtime.ts > runner': 'Set once: what runs queries.',
  'model/runtime/runtime.ts > takingGuarded':
    "The constructor of the user's class stands between the call and what it is for.",
  'model/write/originals.ts > moment': 'Orders what a rollback restores.',
  'model/write/row-code.ts > plans': 'Counts the generated functions, of which there is a limit.',
  'model/write/write-metadata.ts > last': 'The answer to the last question.',
  'model/write/write-metadata.ts > lastMeta': 'The last question.',
  'query/expression/made.ts > made': 'Operators are functions that get nothing from the query of their callback.',
  'query/path/callback.ts > depth': 'Numbers the callbacks that run, each inside the one before.',
  'relation/key.ts > readersMade': 'Counts the generated functions, of which there is a limit.',
}

/** Names of exported functions and values that several files declare, with the reason. */
const sharedValues: Record<string, string> = {
  column: 'What migrations call for the columns of a new table, with and without its public type.',
  migration: 'What users call to write one, and what each dialect says of them.',
  translated: 'As users call it, and what it does.',
}

/** Functions that keep what they are given, where it goes down or stays in its room. */
const keepsBelow: Record<string, string> = {
  'hydrate/marks.ts > setMarks': 'The values for cursors that rows had, by instance.',
  'hydrate/scales.ts > rememberScales': 'The scales of values that a query added, for what shows them.',
  'model/write/after-commit.ts > deferHooks': 'The hooks that a write runs when its transaction is over.',
  'query/expression/made.ts > track': 'The expressions that a callback has made.',
  'testing/factory/registry.ts > registerMaker': 'The factories of models.',
}

/** Steps of the write path, which are no ways into it. */
const steps = /^(send[A-Z]\w*|(write|insert|remove)One|insertPrepared|markInstance|cascade(Rows|Before|Instance))$/

const root = fileURLToPath(new URL('..', import.meta.url))
const src = join(root, 'src')

interface Import {
  readonly to: string
  readonly typeOnly: boolean
}

const paths = existsSync(src) ? readdirSync(src, { recursive: true, encoding: 'utf8' }) : []
const files = new Map(
  paths
    .filter((path) => path.endsWith('.ts'))
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
    .map((path) => [path, parse(path)]),
)

function parse(path: string): ts.SourceFile {
  return ts.createSourceFile(path, readFileSync(join(src, path), 'utf8'), ts.ScriptTarget.Latest, true)
}

function visit(node: ts.Node, enter: (node: ts.Node) => void): void {
  enter(node)
  node.forEachChild((child) => visit(child, enter))
}

function isTypeOnly(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(node)) {
    const named = node.exportClause && ts.isNamedExports(node.exportClause) ? node.exportClause.elements : []
    return node.isTypeOnly || (named.length > 0 && named.every((element) => element.isTypeOnly))
  }
  const clause = node.importClause
  if (clause === undefined || clause.isTypeOnly) return clause !== undefined
  const named = clause.namedBindings && ts.isNamedImports(clause.namedBindings) ? clause.namedBindings.elements : []
  return clause.name === undefined && named.length > 0 && named.every((element) => element.isTypeOnly)
}

/** Every import of another file of src: static, re-exported, dynamic, and `import('…')` in a type. */
function importsOf(path: string): Import[] {
  const found: Import[] = []
  const add = (specifier: ts.Node | undefined, typeOnly: boolean) => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return
    const { text } = specifier
    // by the name of the package, which tsconfig.json knows too
    if (/^corm(\/|$)/.test(text)) found.push({ to: 'index.ts', typeOnly })
    if (text.startsWith('.')) found.push({ to: posix.join(dirname(path), text).replace(/\.js$/, '.ts'), typeOnly })
  }
  visit(files.get(path) as ts.SourceFile, (node) => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) add(node.moduleSpecifier, isTypeOnly(node))
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], false)
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true)
    else if (ts.isExternalModuleReference(node)) add(node.expression, false)
  })
  return found
}

/** The folder of src that a file is in, its room there, and the order of the folder's rooms. */
function roomOf(path: string): { folder: string; room: string; order: readonly string[] | undefined } {
  const [folder = '', room = ''] = path.replace(/\.ts$/, '').split('/')
  return { folder, room, order: rooms[folder]?.split(' ') }
}

/** In a folder of a folder. */
const isInFolder = (path: string) => path.split('/').length > 2

/** The row of the table that a file belongs to. */
function folderOf(path: string): string {
  const [first = '', ...rest] = path.replace(/\.ts$/, '').split('/')
  return first === 'dialect' && rest.length > 1 ? 'dialect/*' : first
}

function mayImport(from: string, { to, typeOnly }: Import): boolean {
  const [folder, target] = [folderOf(from), folderOf(to)]
  const row = allowed[folder]?.split(' ') ?? []
  if (target === 'index') return false
  if (folder === 'dialect/*' && target === 'dialect/*') return dialectOf(from) === dialectOf(to)
  if (folder === 'adapters' && target === 'adapters') return to === 'adapters/adapter.ts' || isPartOf(to, from)
  if (folder === target || row[0] === '*' || row.includes(target)) return true
  return typeOnly && (target === 'types' || row.includes(`${target}(types)`))
}

const dialectOf = (path: string) => path.split('/')[1]

/** An adapter of several files: `pg.ts` with `pg/line.ts`, `pg/url.ts` … */
function isPartOf(to: string, from: string): boolean {
  const stem = (path: string) => path.split('/')[1]?.replace(/\.ts$/, '')
  return stem(to) === stem(from)
}

/** Fails with one sentence per line. */
function expectNone(wrong: readonly string[]): void {
  expect(wrong, `\n${wrong.join('\n')}\n`).toEqual([])
}

function lineCount(text: string): number {
  return text.replace(/\n$/, '').split('\n').length
}

/** The lines between the braces of a function's body. */
function bodyLines(node: ts.Node): number {
  if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return 0
  const body = node.body as ts.Node
  return ts.isBlock(body) ? Math.max(0, lineCount(body.getText()) - 2) : lineCount(body.getText())
}

function nameOf(node: ts.Node): string {
  const named = (node as ts.NamedDeclaration).name ?? (node.parent as ts.NamedDeclaration).name
  if (ts.isConstructorDeclaration(node)) return 'constructor'
  return named?.getText() ?? 'a function'
}

/** The files that users import, from the exports of package.json. */
function entryPoints(): string[] {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { exports: Record<string, unknown> }
  return Object.values(manifest.exports)
    .map((target) => (target as { default?: string }).default?.replace('./dist/', '').replace(/\.js$/, '.ts'))
    .filter((path) => path !== undefined && files.has(path)) as string[]
}

it('has a row of allowed imports for every folder, and for no others', () => {
  const folders = new Set([...files.keys()].map(folderOf))
  const missing = [...folders].filter((folder) => !(folder in allowed))
  const gone = Object.keys(allowed).filter((folder) => !folders.has(folder))
  expectNone([
    ...missing.map((folder) => `src/${folder} has no row in the table at the top of this file.`),
    ...gone.map((folder) => `The table at the top of this file has a row for src/${folder}, which does not exist.`),
  ])
})

it('lists every folder below those that it may import', () => {
  const order = Object.keys(allowed)
  const upward = Object.entries(allowed).flatMap(([folder, row]) =>
    row
      .split(' ')
      .map((name) => name.replace('(types)', ''))
      .filter((name) => name !== '' && name !== '*' && order.indexOf(name) >= order.indexOf(folder))
      .map((name) => `The row of ${folder} names ${name}, which is not above it.`),
  )
  expectNone(upward)
})

it('imports between folders only as the table allows', () => {
  const wrong = [...files.keys()].flatMap((path) =>
    importsOf(path)
      .filter((imported) => !mayImport(path, imported) && !(`${path} > ${folderOf(imported.to)}` in allowedImports))
      .map(
        ({ to, typeOnly }) => `${path} imports ${typeOnly ? 'a type of ' : ''}${to}, which ${folderOf(path)} may not.`,
      ),
  )
  expectNone(wrong)
})

it('imports between the rooms of a folder in one direction', () => {
  const wrong = [...files.keys()].flatMap((path) => {
    const { folder, room, order } = roomOf(path)
    if (order === undefined) return []
    if (!order.includes(room)) return [`${path} is in the room ${room}, which the row of ${folder} has not.`]
    return importsOf(path)
      .map(({ to }) => ({ to, ...roomOf(to) }))
      .filter((target) => target.folder === folder && order.indexOf(target.room) > order.indexOf(room))
      .map((target) => `${path} imports ${target.to}: the room ${target.room} comes after ${room}.`)
  })
  expectNone(wrong)
})

it('has a row of rooms for every folder whose folders import each other', () => {
  const wrong = [...files.keys()].flatMap((path) => {
    const { folder, room, order } = roomOf(path)
    if (order !== undefined || folder === 'dialect' || folder === 'adapters') return []
    return importsOf(path)
      .filter(
        ({ to }) => roomOf(to).folder === folder && roomOf(to).room !== room && isInFolder(to) && isInFolder(path),
      )
      .map(({ to }) => `${path} imports ${to}, and src/${folder} has no row of rooms.`)
  })
  expectNone(wrong)
})

it('has no circles between the folders and files of a folder, however deep', () => {
  // for each folder: which of its folders and files imports which
  const inside = new Map<string, Map<string, Set<string>>>()
  for (const path of files.keys())
    for (const { to } of importsOf(path)) {
      const [from, target] = [path.split('/'), to.split('/')]
      let depth = 0
      while (depth < from.length - 1 && from[depth] === target[depth]) depth++
      const [a, b, parent] = [from[depth] as string, target[depth] as string, from.slice(0, depth).join('/')]
      if (a === b) continue
      const graph = inside.get(parent) ?? new Map<string, Set<string>>()
      inside.set(parent, graph.set(a, (graph.get(a) ?? new Set()).add(b)))
    }
  const wrong: string[] = []
  for (const [parent, graph] of inside) {
    const done = new Set<string>()
    const walk = (name: string, trail: string[]) => {
      if (trail.includes(name)) wrong.push(`src/${parent}: ${[...trail.slice(trail.indexOf(name)), name].join(' > ')}`)
      if (done.has(name) || trail.includes(name)) return
      for (const next of graph.get(name) ?? []) walk(next, [...trail, name])
      done.add(name)
    }
    for (const name of graph.keys()) walk(name, [])
  }
  expectNone(wrong)
})

/** The names that a file declares at its top by `const` and `let`. */
function variablesOf(file: ts.SourceFile): ReadonlySet<string> {
  const lists = file.statements.filter(ts.isVariableStatement)
  return new Set(lists.flatMap(({ declarationList }) => declarationList.declarations.map(({ name }) => name.getText())))
}

/** Whether a function keeps what it is given in a variable of its file: `x = given`, `x.push(given)`, `x.set(key, given)`. */
function keeps(
  made: ts.FunctionLikeDeclaration,
  given: ts.ParameterDeclaration,
  variables: ReadonlySet<string>,
): boolean {
  const isGiven = (node: ts.Node | undefined) => node?.getText() === given.name.getText()
  let found = false
  if (made.body !== undefined)
    visit(made.body, (node) => {
      if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken)
        found ||= isGiven(node.right) && variables.has(node.left.getText())
      if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return
      const { expression, name } = node.expression
      if (/^(push|add|set)$/.test(name.text) && variables.has(expression.getText()))
        found ||= isGiven(node.arguments.at(-1))
    })
  return found
}

it('names every call that reaches up', () => {
  const declared = [...files].flatMap(([path, file]) => {
    const variables = variablesOf(file)
    return file.statements
      .filter((node) => ts.isFunctionDeclaration(node) || ts.isVariableStatement(node))
      .filter(({ modifiers }) => modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword))
      .flatMap((node): readonly (ts.FunctionDeclaration | ts.ArrowFunction)[] =>
        ts.isFunctionDeclaration(node)
          ? [node]
          : node.declarationList.declarations.flatMap(({ initializer }) =>
              initializer !== undefined && ts.isArrowFunction(initializer) ? [initializer] : [],
            ),
      )
      .filter((made) => ts.isArrowFunction(made) || made.type?.getText() === 'void')
      .filter((made) => made.parameters.some((given) => keeps(made, given, variables)))
      .map((made) => `${path} > ${nameOf(made)}`)
  })
  const listed = Object.keys({ ...upward, ...keepsBelow })
  expect(declared.filter((entry) => !listed.includes(entry))).toEqual([])
  expect(listed.filter((entry) => !declared.includes(entry))).toEqual([])
})

it('has no import cycles, type imports included', () => {
  const done = new Set<string>()
  const cycles: string[] = []
  const walk = (path: string, trail: string[]) => {
    if (trail.includes(path)) cycles.push([...trail.slice(trail.indexOf(path)), path].join(' imports '))
    if (done.has(path) || trail.includes(path)) return
    if (files.has(path)) for (const { to } of importsOf(path)) walk(to, [...trail, path])
    done.add(path)
  }
  for (const path of files.keys()) walk(path, [])
  expectNone(cycles)
})

it('names no dialect in a string outside dialect, adapters and cli', () => {
  const wrong: string[] = []
  for (const [path, file] of files) {
    if (/^(dialect|adapters|cli)\//.test(path) || path in dialectNames) continue
    visit(file, (node) => {
      if (!ts.isStringLiteralLike(node) && !ts.isTemplateLiteralToken(node)) return
      if (ts.isImportDeclaration(node.parent) || ts.isExportDeclaration(node.parent)) return
      if (ts.isCallExpression(node.parent) && node.parent.expression.kind === ts.SyntaxKind.ImportKeyword) return
      const text = node.text.replaceAll(/dialect: '\w+'/g, '') // how an error shows the call toSQL({ dialect })
      if (!/sqlite|postgres|mysql|mariadb|pglite|clickhouse/i.test(text)) return
      const { line } = file.getLineAndCharacterOfPosition(node.getStart())
      wrong.push(`${path}:${line + 1} says ${node.getText()}; ask a capability of the dialect instead.`)
    })
  }
  expectNone(wrong)
})

it('keeps files within 400 lines and functions within 60', () => {
  const wrong: string[] = []
  for (const [path, file] of files) {
    const lines = lineCount(file.text)
    if (lines > 400 && !(path in longFiles)) wrong.push(`${path} has ${lines} lines.`)
    visit(file, (node) => {
      const length = bodyLines(node)
      if (length <= 60 || `${path} > ${nameOf(node)}` in longFunctions) return
      wrong.push(`${path} > ${nameOf(node)} has a body of ${length} lines.`)
    })
  }
  expectNone(wrong)
})

it('keeps lists of parameters within four', () => {
  const wrong: string[] = []
  for (const [path, file] of files) {
    visit(file, (node) => {
      if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return
      const { length } = node.parameters.filter(({ name }) => name.getText() !== 'this')
      if (length <= 4 || `${path} > ${nameOf(node)}` in longParameters) return
      wrong.push(`${path} > ${nameOf(node)} has ${length} parameters; let those that belong together be one object.`)
    })
  }
  expectNone(wrong)
})

it('compiles no statement that has not passed the gate', () => {
  const wrong: string[] = []
  for (const [path, file] of files) {
    visit(file, (node) => {
      if (ts.isAsExpression(node) && /\bGated\b/.test(node.type.getText()) && path !== 'query/scopes/gate.ts')
        wrong.push(
          `${path} says of a statement that it has passed the gate; call what query/scopes/pass.ts has for it.`,
        )
      const isTable =
        (ts.isSpreadAssignment(node) && node.expression.getText() === 'TABLE') ||
        (ts.isPropertyAssignment(node) &&
          node.name.getText() === 'kind' &&
          ts.isStringLiteral(node.initializer) &&
          node.initializer.text === 'table')
      if (isTable && !(path in plainTables))
        wrong.push(
          `${path} makes a table that does not say whose rows it holds; call tableOf() of query/columns/table.ts.`,
        )
      const isCompile =
        ts.isCallExpression(node) &&
        /\.(compile|compileInline)$/.test(node.expression.getText()) &&
        /\bas\b/.test(node.getText())
      if (isCompile) wrong.push(`${path} casts what it compiles: ${node.getText()}`)
    })
  }
  expectNone(wrong)
})

it('writes rows by the write path only', () => {
  const wrong: string[] = []
  const order = Object.keys(allowed)
  for (const [path, file] of files) {
    const sends = path.startsWith('model/write/send/') || path in senders
    if (order.indexOf(folderOf(path)) < order.indexOf('model') || sends) continue
    visit(file, (node) => {
      if (ts.isPropertyAccessExpression(node) || ts.isBindingElement(node)) {
        const text = (ts.isBindingElement(node) ? (node.propertyName ?? node.name) : node.name).getText()
        // a query with an update or delete on it; what users call (update, delete, restore) goes by way of persist
        if (/^(assigning|deleting|marked)$/.test(text))
          wrong.push(`${path} takes .${text}(), which goes around persist: call update(), delete() or restore().`)
      }
      if (ts.isImportSpecifier(node) || ts.isExportSpecifier(node)) {
        const { text } = node.propertyName ?? node.name
        if (steps.test(text))
          wrong.push(`${path} takes ${text}(), which goes around persist: call a function of model/write/persist*.ts.`)
      }
    })
    for (const { to } of wholeImportsOf(file, path))
      if (to.startsWith('model/write/'))
        wrong.push(`${path} takes all of ${to}: name what it needs, so that this test sees it.`)
  }
  expectNone(wrong)
})

/** Imports that name nothing: `import * as`, `export *`, and `import('…')`. */
function wholeImportsOf(file: ts.SourceFile, path: string): { readonly to: string }[] {
  const found: { readonly to: string }[] = []
  const add = (specifier: ts.Node | undefined) => {
    if (specifier !== undefined && ts.isStringLiteralLike(specifier) && specifier.text.startsWith('.'))
      found.push({ to: posix.join(dirname(path), specifier.text) })
  }
  visit(file, (node) => {
    if (ts.isNamespaceImport(node)) add((node.parent.parent as ts.ImportDeclaration).moduleSpecifier)
    if (ts.isExportDeclaration(node) && (node.exportClause === undefined || ts.isNamespaceExport(node.exportClause)))
      add(node.moduleSpecifier)
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node.arguments[0])
  })
  return found
}

it('makes the nodes of writes where they are sent, or of the steps of a query', () => {
  const wrong: string[] = []
  for (const [path, file] of files) {
    if (/^(types|ast|model\/write\/send)\//.test(path) || path in writeNodes) continue
    visit(file, (node) => {
      if (!ts.isPropertyAssignment(node) || node.name.getText() !== 'kind' || !ts.isStringLiteral(node.initializer))
        return
      if (/^(insert|update|delete)$/.test(node.initializer.text))
        wrong.push(`${path} makes a node that writes: model/write/send does, from what persist gives it.`)
    })
  }
  expectNone(wrong)
})

it('learns what a statement does from its tree, not from its text', () => {
  const readers = new Set<string>()
  for (const [path, file] of files) {
    // definitions that a database returns are texts
    if (/^(types|inspect)\/|\/catalog\/|^schema\/mentions|sql-tokens|catalog-words/.test(path)) continue
    visit(file, (node) => {
      if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return
      const { expression, name } = node.expression
      const isSearch = /^(match|matchAll|search|includes|startsWith|endsWith|indexOf|replace|replaceAll)$/.test(
        name.text,
      )
      const asked = /^(test|exec)$/.test(name.text) ? node.arguments[0] : isSearch ? expression : undefined
      const isSql = path === 'query/expression/sql.ts' ? /^text$/ : /(^|\.)sql$/
      if (asked !== undefined && isSql.test(asked.getText())) readers.add(path)
    })
  }
  expect([...readers].filter((path) => !(path in readsSql))).toEqual([])
  expect(Object.keys(readsSql).filter((path) => !readers.has(path))).toEqual([])
})

it('keeps nothing of a query or a write in a variable of a file', () => {
  const found = [...files].flatMap(([path, { statements }]) => {
    if (!/^(ast|compiler|metadata|query|hydrate|relation|serialize|model)\//.test(path)) return []
    const lists = statements.filter(ts.isVariableStatement).map(({ declarationList }) => declarationList)
    const changing = lists.filter(({ flags }) => (flags & ts.NodeFlags.Const) === 0)
    return changing.flatMap(({ declarations }) => declarations.map(({ name }) => `${path} > ${name.getText()}`))
  })
  expect(found.sort()).toEqual(Object.keys(moduleVariables).sort())
})

it('runs statements in the files that are there for it', () => {
  const callers = new Set<string>()
  for (const [path, file] of files) {
    if (/^(driver|adapters|execution|database|dialect|model\/read|model\/write\/send)\//.test(path)) continue
    visit(file, (node) => {
      if (!ts.isPropertyAccessExpression(node)) return
      const { parent } = node
      const isCall = ts.isCallExpression(parent) && parent.expression === node && parent.arguments.length > 0
      if (!isCall && !(ts.isPropertyAssignment(parent) && parent.initializer === node)) return
      if (/^(run|runMany|runTogether|batch|atomically)$/.test(node.name.text)) callers.add(path)
    })
  }
  const wrong = [...callers].filter((path) => !(path in runsStatements))
  expectNone(
    wrong.map((path) => `${path} runs a statement itself: those of models are run by model/read and model/write/send.`),
  )
  expect(Object.keys(runsStatements).filter((path) => !callers.has(path))).toEqual([])
})

it('names keys in lists that a statement has place for', () => {
  const wrong: string[] = []
  for (const [path, file] of files) {
    if (path in keyConditions) continue
    visit(file, (node) => {
      if (ts.isImportSpecifier(node) && (node.propertyName ?? node.name).text === 'holdsKeys')
        wrong.push(`${path} imports holdsKeys(), which takes any number of keys: call keyLists() of key-lists.ts.`)
    })
  }
  expectNone(wrong)
})

it('compares keys by what is stored, and not value by value', () => {
  const wrong: string[] = []
  for (const [path, file] of files)
    visit(file, (node) => {
      if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return
      const { expression, name } = node.expression
      const ofKeys = /([kK]eys?|near|far)$/.test(expression.getText()) && /^(every|some)$/.test(name.text)
      if (ofKeys && /\]\s*[!=]==\s*[\w.?!]+\[/.test(node.arguments[0]?.getText() ?? ''))
        wrong.push(`${path} compares the values of keys itself: identityOf() of a Key knows which are the same.`)
    })
  expectNone(wrong)
})

it('makes statements in one place, which says what they are for', () => {
  const wrong: string[] = []
  for (const [path, file] of files) {
    // drivers set up their own connections
    if (path === 'execution/statement.ts' || /^(adapters|driver)\//.test(path)) continue
    visit(file, (node) => {
      if (ts.isNewExpression(node) && node.expression.getText() === 'NamedStatement')
        wrong.push(`${path} makes a statement itself: call a function of execution/statement.ts.`)
      if (ts.isAsExpression(node) && node.type.getText() === 'NamedStatement')
        wrong.push(`${path} says of an object that it is a statement: call a function of execution/statement.ts.`)
      const says = ts.isPropertyAssignment(node) && node.name.getText() === 'intent'
      if (says && ts.isStringLiteral(node.initializer) && path !== 'database/sandbox.ts')
        wrong.push(`${path} says what a statement is for: its tree does, or a function of execution/statement.ts.`)
    })
  }
  expectNone(wrong)
})

it('runs hooks in the write path only', () => {
  const callers = [...files.keys()].filter((path) => {
    const names: string[] = []
    visit(files.get(path) as ts.SourceFile, (node) => {
      if (ts.isImportSpecifier(node)) names.push((node.propertyName ?? node.name).text)
    })
    return names.includes('betweenHooks')
  })
  expect(callers).toEqual(['model/write/persist.ts'])
})

it('asks a form what steps it has, and does not look through them', () => {
  const wrong: string[] = []
  for (const [path, { text }] of files) {
    if (path === 'query/shape.ts') continue
    for (const [found] of text.matchAll(/steps\(\)\s*\.(some|find|findLast)\(/g))
      wrong.push(`${path} has ${found}…: has(), last() and each() of a shape answer that.`)
  }
  expectNone(wrong)
})

it('declares a type of one name in one file', () => {
  const declared = new Map<string, Set<string>>()
  for (const [path, file] of files)
    visit(file, (node) => {
      if (!ts.isTypeAliasDeclaration(node) && !ts.isInterfaceDeclaration(node) && !ts.isClassDeclaration(node)) return
      const name = node.name?.text ?? ''
      declared.set(name, (declared.get(name) ?? new Set()).add(path))
    })
  const isPublic = (path: string) => path.startsWith('types/') || path === 'fixtures/types.ts'
  const twins = publicTwins.split(' ')
  const shared = [...declared].filter(([, { size }]) => size > 1)
  const wrong = shared.flatMap(([name, places]) => {
    const paths = [...places]
    if (name in sharedNames || (twins.includes(name) && paths.length === 2 && paths.some(isPublic))) return []
    return `${paths.join(' and ')} declare "${name}": import it if it means the same, else say in its name what it is.`
  })
  const gone = [...twins, ...Object.keys(sharedNames)].filter((name) => !shared.some(([each]) => each === name))
  expectNone([...wrong, ...gone.map((name) => `"${name}" is declared in one file: it needs no exception.`)])
})

it('declares a function or value that is exported in one file', () => {
  const declared = new Map<string, Set<string>>()
  const add = (name: string, path: string) => declared.set(name, (declared.get(name) ?? new Set()).add(path))
  // dialects and drivers do the same work each in its own way, and commands have one function by one name
  const placeOf = (path: string) =>
    (/^(dialect|adapters|compiler|cli\/command)\//.exec(path)?.[0] ?? path).replace(/^(adapters|compiler)/, 'dialect')
  for (const [path, { statements }] of files)
    for (const node of statements) {
      if (!ts.canHaveModifiers(node) || path === 'query/public.ts' || path.startsWith('types/')) continue
      if (!ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) continue
      if (ts.isFunctionDeclaration(node) && node.name !== undefined) add(node.name.text, placeOf(path))
      if (ts.isVariableStatement(node))
        for (const { name } of node.declarationList.declarations) add(name.getText(), placeOf(path))
    }
  const wrong = [...declared]
    .filter(([name, places]) => places.size > 1 && !(name in sharedValues))
    .map(([name, places]) => `${[...places].join(' and ')} export "${name}": say in the name of one what it is.`)
  expectNone(wrong)
})

it('declares every error class in the folder errors', () => {
  const wrong: string[] = []
  for (const [path, file] of files) {
    if (path.startsWith('errors/')) continue
    visit(file, (node) => {
      if (!ts.isClassLike(node)) return
      const parent = node.heritageClauses?.find((clause) => clause.token === ts.SyntaxKind.ExtendsKeyword)
      if (/Error$/.test(node.name?.text ?? '') || /Error$/.test(parent?.types[0]?.expression.getText() ?? '')) {
        wrong.push(`${path} declares the error class ${node.name?.text ?? '(without a name)'}.`)
      }
    })
  }
  expectNone(wrong)
})

it('exports every type that declarations of an app may name', () => {
  const entries = ['index.ts', 'migration/index.ts'].map((path) => readFileSync(join(root, 'src', path), 'utf8'))
  const exported = [
    ...entries.join('\n').matchAll(/export type \{([^}]*)\} from '\.{1,2}\/types\/([\w-]+)\.js'/g),
  ].flatMap(([, names = '', file]) => names.split(',').map((name) => `${file} > ${name.trim().split(' as ')[0]}`))
  const declared = [...files.keys()]
    .filter((path) => path.startsWith('types/'))
    .flatMap((path) => {
      const text = readFileSync(join(root, 'src', path), 'utf8')
      const names = [...text.matchAll(/^export (?:interface|type) (\w+)/gm)].map(([, name]) => name)
      return names.map((name) => `${path.slice('types/'.length, -'.ts'.length)} > ${name}`)
    })
  expect(declared.filter((name) => !exported.includes(name))).toEqual([])
})

it('documents every public export', () => {
  const entries = entryPoints()
  const options: ts.CompilerOptions = { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2023, types: [] }
  const program = ts.createProgram({ rootNames: entries.map((path) => join(src, path)), options })
  const checker = program.getTypeChecker()
  const wrong = entries.flatMap((path) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(join(src, path)) as ts.SourceFile)
    return (module ? checker.getExportsOfModule(module) : [])
      .map((symbol) => ({
        name: symbol.name,
        target: symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol,
      }))
      .filter(({ target }) =>
        target.declarations?.some((node) => !node.getSourceFile().fileName.includes('node_modules')),
      )
      .filter(({ target }) => target.getDocumentationComment(checker).length === 0)
      .map(({ name, target }) => {
        const file = target.declarations?.[0]?.getSourceFile().fileName ?? path
        return `"${name}" of src/${path} has no docstring (${relative(root, file)}).`
      })
  })
  expectNone(wrong)
})

it('keeps its allow-lists free of entries that no longer apply', () => {
  const lists = [allowedImports, dialectNames, longFiles, longFunctions, longParameters, writeNodes, moduleVariables]
  const listed = [...lists, plainTables, runsStatements, senders, keyConditions, upward, keepsBelow].flatMap(
    Object.keys,
  )
  const gone = listed.filter((entry) => !files.has(entry.split(' > ')[0] as string))
  expectNone(gone.map((entry) => `"${entry}" is on an allow-list, but there is no such file.`))
})
