import { Field, Model, Relation, setDefaultLocale, sql, withLocale } from 'corm'
import { afterEach, describe, expect, it } from 'vitest'
import { EMPTY, type SchemaState } from '../../src/ast/schema.js'
import { metadataOf } from '../../src/metadata/metadata.js'
import { driftOf } from '../../src/migration/drift.js'
import { describeDifference } from '../../src/schema/catalog/difference.js'
import { diffStates } from '../../src/schema/diff.js'
import { stateOfModels } from '../../src/schema/from-models.js'
import { applied, reversed } from '../../src/schema/operation/index.js'
import { recordQueries } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'
import { dropAll } from '../support/migrations.js'
import { runOperations } from '../support/schema-run.js'

// The indexes of what is shown of a translated field. On MariaDB they are over hidden columns.

const title = <const L extends readonly string[]>(max: number, ...locales: L) =>
  Field.translated(Field.string({ max }), { locales, index: 'shown' })

class Story extends Model({ title: title(99, 'en', 'fr'), note: Field.string({ nullable: true }) }) {
  static shelves = Relation.hasMany(() => Shelf)
}
class Shelf extends Model({
  label: title(50, 'en', 'fr'),
  storyId: Field.foreignKey(() => Story, { nullable: true }),
}) {
  static story = Relation.belongsTo(() => Story)
}

const table = { table: 'stories' }
const Title = Model({ title: title(99, 'en', 'fr') }, table) as unknown as typeof Plain
const Plain = Model({ title: Field.translated(Field.string({ max: 99 }), { locales: ['en', 'fr'] }) }, table)
const Longer = Model({ title: title(300, 'en', 'fr') }, table)
const Text = Model(
  { title: Field.translated(Field.text({ nullable: true }), { locales: ['en', 'fr'], index: 'shown' }) },
  table,
)
const More = Model({ title: title(99, 'en', 'fr', 'es') }, table)
const Renamed = Model({ heading: title(99, 'en', 'fr') }, table)

const stateOf = (model: typeof Plain) => stateOfModels([metadataOf(class Stories extends model {})])
const HARD = { removal: 'hard', dropRetired: true } as const

afterEach(() => setDefaultLocale('en'))

describeDatabases('the index of what is shown', (database) => {
  afterEach(() => dropAll(database.db))
  /** Its server has no index over an expression. */
  const hides = () => database.kind === 'mysql'
  const drift = async (state: SchemaState) =>
    (await driftOf(database.db, state, { ignore: [], own: [] })).differences.map(describeDifference)

  async function seed() {
    await database.db.createTables([Story, Shelf])
    await Story.insertMany(
      Array.from({ length: 200 }, (_, i) => ({
        titleEn: i % 2 === 0 ? `t${i}` : null,
        titleFr: i % 3 > 0 ? `f${i}` : '',
      })).map((row) => (row.titleEn === null && row.titleFr === '' ? { titleEn: 'none' } : row)),
    )
  }

  it('is used by conditions and orders, with or without other tables', async () => {
    await seed()
    const { db } = database
    const fr = <T>(work: () => T) => withLocale('fr', work)
    expect(await fr(() => Story.where('title', 'f7').count())).toBe(1)
    expect(await fr(() => Story.where('title', 't6').count())).toBe(1)
    expect(await Story.where('title', 'f7').count()).toBe(1)
    expect(await Story.where('title', 't6').count()).toBe(1)
    const plans = await Promise.all([
      fr(() => Story.where('title', 'f7').explain()),
      fr(() => Story.query().orderBy('title').limit(3).explain()),
      Story.where('title', 't6').explain(),
    ])
    // on so few rows, servers may read them all
    const used = plans.map((plan) => /stories_title_shown_(en|fr)_index/.exec(plan)?.[1])
    if (database.facts.quick) expect(used).toEqual(['fr', 'fr', 'en'])
    if (hides()) expect([used[0], used[2]]).toEqual(['fr', 'en'])
    const [first] = await Story.where('title', 't6')
    await Shelf.createMany([{ labelEn: 'a', storyId: first!.id }, { labelFr: 'b' }])
    expect(
      await Shelf.query()
        .whereHas('story', (s) => s.where('title', 't6'))
        .pluck('label'),
    ).toEqual(['a'])
    expect(await Shelf.where('story.title', 't6').orderBy('story.title').pluck('label')).toEqual(['a'])
    expect(await Story.where((c) => c.title.in(Story.where('id', first!.id).select('title'))).pluck('title')).toEqual([
      't6',
    ])
    expect(
      await Story.query()
        .whereHas('shelves', (s) => s.where((c) => c.label.eq('a')))
        .orderBy('-title')
        .pluck('title'),
    ).toEqual(['t6'])
    const union = Story.where('title', 't6').select('title').unionAll(Story.where('title', 'f7').select('title'))
    expect((await union).map((row) => row.title).sort()).toEqual(['f7', 't6'])
    // in writes, the columns themselves are read
    expect(await Story.where('title', 't6').update({ note: 'x', titleEn: 'six' })).toBe(1)
    expect(await Story.where('title', 'six').pluck('note')).toEqual(['x'])
    expect(await Story.where('title', 'f7').delete()).toBe(1)
    const [row] = await db.select<object>(sql.raw('select * from stories where id = 1'))
    expect(Object.keys(row ?? {}).sort()).toEqual(['id', 'note', 'title_en', 'title_fr'])
  })

  it('is over the expression that queries read', async () => {
    const { db } = database
    const { events } = await recordQueries(() => db.createTables([Story]), db)
    const made = events.map((event) => event.sql).filter((text) => text.includes('_shown_'))
    const name = (locale: string) => `stories_title_shown_${locale}_index`
    const filled = (column: string) => `if(char_length(\`${column}\`) > 0, \`${column}\`, null)`
    const hidden = (locale: string, column: string, columns: readonly string[]) =>
      `alter table \`stories\` add column \`${column}\` varchar(99) generated always as (coalesce(${columns.map(filled).join(', ')})) virtual invisible, add index \`${name(locale)}\` (\`${column}\`)`
    expect(made).toEqual(
      hides()
        ? [
            hidden('en', 'title_en_shown_bd2fd62bd8', ['title_en', 'title_fr']),
            hidden('fr', 'title_fr_shown_dc1677df93', ['title_fr', 'title_en']),
          ]
        : [
            `create index "${name('en')}" on "stories" ((coalesce(nullif("title_en", ''), nullif("title_fr", ''))))`,
            `create index "${name('fr')}" on "stories" ((coalesce(nullif("title_fr", ''), nullif("title_en", ''))))`,
          ],
    )
    expect(await drift(stateOfModels([metadataOf(Story)]))).toEqual([])
    await db.dropTables([Story])
  })

  describe('in migrations', () => {
    const changes = { longer: Longer, text: Text, 'another language': More, 'no index': Plain, 'other names': Renamed }
    for (const [what, model] of Object.entries(changes))
      it(`follows a change to ${what}, and back`, async () => {
        const { db } = database
        const before = stateOf(Title)
        const wanted = stateOf(model as typeof Plain)
        let state = await runOperations(db, diffStates(EMPTY, before, HARD), EMPTY)
        await db.execute(sql.raw("insert into stories (title_en, title_fr) values ('a', ''), ('b', 'c')"))
        const operations =
          what === 'other names'
            ? ['en', 'fr'].map((locale) => ({
                op: 'renameColumn' as const,
                table: 'stories',
                from: `title_${locale}`,
                to: `heading_${locale}`,
              }))
            : []
        const all = [
          ...operations,
          ...diffStates(
            operations.reduce((s, each) => applied(each, s), state),
            wanted,
            HARD,
          ),
        ]
        const states = [state]
        for (const each of all) states.push(applied(each, states.at(-1) as SchemaState))
        const back = all
          .map((each, i) => reversed(each, states[i] as SchemaState))
          .reverse()
          .flat()
        state = await runOperations(db, all, state)
        expect(await drift(state)).toEqual([])
        if (operations.length === 0) expect(await drift(wanted)).toEqual([])
        state = await runOperations(db, back, state)
        expect(await drift(state)).toEqual([])
        const rows = await db.select<{ title_en: string }>(sql.raw('select title_en from stories order by title_en'))
        expect(rows.map((row) => row.title_en)).toEqual(['a', 'b'])
      })
  })
})
