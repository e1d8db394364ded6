// Usage: check.mjs <project> <folder> …
// Prints what the compiler says of the files of a project in these folders. What they import is not checked itself.
import { resolve, sep } from 'node:path'
import ts from 'typescript'

const [project, ...folders] = process.argv.slice(2).map((path) => resolve(path))
const { config } = ts.readConfigFile(resolve(project, 'tsconfig.json'), ts.sys.readFile)
const { options, fileNames, errors } = ts.parseJsonConfigFileContent(config, ts.sys, project)
const program = ts.createProgram(fileNames, options)
const files = program
  .getSourceFiles()
  .filter(({ fileName }) => folders.some((folder) => resolve(fileName).startsWith(folder + sep)))
const diagnostics = [
  ...errors,
  ...program.getOptionsDiagnostics(),
  ...program.getGlobalDiagnostics(),
  ...files.flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]),
]
const host = { getCanonicalFileName: (name) => name, getCurrentDirectory: () => project, getNewLine: () => '\n' }
process.stdout.write(ts.formatDiagnostics(diagnostics, host))
process.exitCode = diagnostics.length > 0 || files.length === 0 ? 1 : 0
