import { expect, it } from 'vitest'
import { metadataOf } from '../../src/metadata/metadata.js'
import { driftOf } from '../../src/migration/drift.js'
import { describeDifference } from '../../src/schema/catalog/difference.js'
import { stateOfModels } from '../../src/schema/from-models.js'
import { describeDatabases } from '../support/databases.js'
import { models } from '../support/models.js'

describeDatabases('drift', (database) => {
  it('is none after createTables', async () => {
    const { db } = database
    await db.createTables(models)
    const state = stateOfModels(models.map(metadataOf))
    const { differences } = await driftOf(db, state, { ignore: [], own: [] })
    expect(differences.map(describeDifference)).toEqual([])
  })
})
