// A run of all tests takes long. On a machine without database servers `npm test` leaves these out (CORM_TEST_LONG=0), and takes
// three to four minutes. CI and runs with a server have all of them.

export const leavesLongOut = process.env.CORM_TEST_LONG === '0'

/** Left out: they start many processes, build the package, install from the npm registry, or try thousands of random cases. */
export const longFiles: readonly string[] = [
  'cli/drift',
  'cli/migrate-hands',
  'cli/migrate-interrupted',
  'cli/project',
  'docs/quickstart',
  'examples/frameworks',
  'examples/nextjs-installed',
  'examples/testing',
  'fuzz/queries-pglite',
  'package',
  'suite/fixtures-memory',
  'suite/leaks',
  'suite/long-key-lists',
  'suite/long-statements',
  'suite/migrators-cold-starts',
  'suite/migrators-killed',
  'suite/poisoned',
  'unit/migration/field-kinds',
  'unit/migration/states',
]

/** Run on SQLite only: what they test is the same code for every database, or they write many rows. */
export const longOnPglite: readonly string[] = [
  'docs/blocks',
  'examples/semantic-search',
  'suite/bad-arguments',
  'suite/bulk',
  'suite/bulk-update',
  'suite/conditions-refused',
  'suite/factories',
  'suite/field-refusals',
  'suite/field-values',
  'suite/instances-random',
  'suite/key-identity',
  'suite/links-at-once',
  'suite/locked-scopes',
  'suite/migrate-fills',
  'suite/names',
  'suite/options',
  'suite/pages-cursor',
  'suite/pages-keyset-proof',
  'suite/passwords',
  'suite/plan-cache',
  'suite/raw-text',
  'suite/same-row-at-once',
  'suite/schema-members',
  'suite/schema-reversed',
  'suite/scopes-removed',
  'suite/statements-of-many',
  'suite/stored-values',
  'suite/transactions-waiting',
]
