import { Database, DefinitionError, Field, Model, Relation } from 'corm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { looseField, looseModel, looseRelation } from '../support/loose.js'

/** The message of the DefinitionError that using this relation gives. */
function refusal(model: unknown, name: string): string {
  try {
    ;(model as any).query().whereHas(name).toSQL({ dialect: 'sqlite' })
  } catch (error) {
    expect(error).toBeInstanceOf(DefinitionError)
    return (error as Error).message
  }
  throw new Error(`"${name}" was accepted`)
}

/** Models made without their types. */
const make = (fields: object, options: object = {}) => looseModel(fields, options) as any

class Writer extends Model({ name: Field.string() }) {}
class Blog extends Model({ name: Field.string() }) {}
class Text extends Model({
  writerId: Field.foreignKey(() => Writer),
  editorId: Field.foreignKey(() => Writer),
  code: Field.string({ unique: true }),
  ...Field.morphs('placeable'),
}) {
  static placeable = Relation.morphTo([() => Blog])
}

describe('relations that do not fit', () => {
  it('a model without a function around it', () => {
    expect(() => looseRelation.hasMany!(Blog)).toThrow(DefinitionError)
    expect(() => looseRelation.hasMany!(Blog)).toThrow('Relation.hasMany(() => Blog)')
    expect(() => looseRelation.morphTo!([Blog])).toThrow('Relation.morphTo([() => Blog])')
  })

  it('ambiguous keys are told, with the way out', () => {
    class Ambiguous extends make({}, { table: 'writers' }) {
      static texts = looseRelation.hasMany!(() => Text)
    }
    expect(refusal(Ambiguous, 'texts')).toContain('"Ambiguous.texts" expects "ambiguousId"')
    class Owner extends make({}) {
      static texts = looseRelation.hasMany!(() => OwnedTwice)
    }
    class OwnedTwice extends make({
      firstId: Field.foreignKey(() => Owner as never),
      secondId: Field.foreignKey(() => Owner as never),
    }) {
      static owner = looseRelation.belongsTo!(() => Owner)
      static first = looseRelation.belongsTo!(() => Owner)
    }
    expect(refusal(Owner, 'texts')).toMatch(/ambiguous.*"firstId" and "secondId".*foreignKey/)
    expect(refusal(OwnedTwice, 'owner')).toMatch(/ambiguous.*"firstId" and "secondId".*foreignKey/)
    expect(() => (OwnedTwice as any).query().whereHas('first').toSQL({ dialect: 'sqlite' })).not.toThrow()
  })
  it('of several keys, the one named after the model is taken', () => {
    class Person extends make({}) {
      static letters = looseRelation.hasMany!(() => Letter)
      static places = looseRelation.manyToMany!(() => Place, { through: () => Letter })
    }
    class Place extends make({}) {}
    class Letter extends make({
      senderId: Field.foreignKey(() => Person as never),
      personId: Field.foreignKey(() => Person as never),
      placeId: Field.foreignKey(() => Place as never),
      otherPlaceId: Field.foreignKey(() => Place as never),
    }) {}
    const keys = (name: string) => (Person as any).query().whereHas(name).toSQL({ dialect: 'sqlite' }).sql as string
    expect(keys('letters')).toContain('"letters"."person_id" = "people"."id"')
    expect((Person as any).query().where('places.id', 1).toSQL({ dialect: 'sqlite' }).sql).toContain('"place_id"')
    expect(keys('places')).toContain('"corm_pivot"."person_id" = "people"."id"')
  })
  it('keys and models that are not there', () => {
    class Broken extends make({ title: Field.string() }) {
      static writer = looseRelation.belongsTo!(() => Writer)
      static named = looseRelation.belongsTo!(() => Writer, { foreignKey: 'writer' })
      static local = looseRelation.hasMany!(() => Text, { foreignKey: 'code', localKey: 'titel' })
      static texts = looseRelation.hasMany!(() => Text)
      static nothing = looseRelation.belongsTo!(() => undefined)
      static noModel = looseRelation.hasMany!(() => class Plain {})
      static notes = looseRelation.morphMany!(() => Text, 'notable')
      static links = looseRelation.manyToMany!(() => Writer, { through: () => Text, foreignKey: 'brokenId' })
      static keyed = looseRelation.manyToMany!(() => Writer, {
        through: () => Text,
        foreignKey: 'brokenId',
        otherKey: 'writerId',
      })
      static far = looseRelation.hasManyThrough!(() => Writer, { through: () => Blog })
      static none = looseRelation.hasManyThrough!(() => Writer, {})
    }
    expect(refusal(Broken, 'writer')).toMatch(/"Broken\.writer" expects "writerId" on "Broken"/)
    expect(refusal(Broken, 'named')).toMatch(/foreignKey: 'writer'.*no such field/)
    expect(refusal(Broken, 'local')).toMatch(/localKey: 'titel'.*no such field.*title/)
    expect(refusal(Broken, 'texts')).toContain('brokenId')
    expect(refusal(Broken, 'nothing')).toContain('Broken.nothing')
    expect(refusal(Broken, 'noModel')).toContain('Broken.noModel')
    expect(refusal(Broken, 'notes')).toMatch(/"notableId" and "notableType" on "Text".*Field\.morphs\('notable'\)/)
    expect(refusal(Broken, 'links')).toMatch(/foreignKey: 'brokenId'.*no such field/)
    expect(refusal(Broken, 'keyed')).toMatch(/foreignKey: 'brokenId'.*no such field/)
    expect(refusal(Broken, 'far')).toMatch(/uses the model "Blog"/)
    expect(refusal(Broken, 'none')).toMatch(/through/)
  })
  it('keys that can never be the same', () => {
    class Unlike extends make({ code: Field.integer(), text: Field.string(), when: Field.dateTime() }) {
      static texts = looseRelation.hasMany!(() => Text, { foreignKey: 'code', localKey: 'id' })
      static whens = looseRelation.hasMany!(() => Text, { foreignKey: 'code', localKey: 'when' })
      static fine = looseRelation.hasMany!(() => Text, { foreignKey: 'code', localKey: 'text' })
      static uneven = looseRelation.hasMany!(() => Text, { foreignKey: ['code', 'writerId'], localKey: 'text' })
    }
    expect(refusal(Unlike, 'texts')).toMatch(/an integer.*a text/)
    expect(refusal(Unlike, 'whens')).toMatch(/dateTime/)
    expect(refusal(Unlike, 'uneven')).toMatch(/pairs 2 fields/)
    expect(() => (Unlike as any).query().whereHas('fine').toSQL({ dialect: 'sqlite' })).not.toThrow()
  })
  it('two relations would have one table', () => {
    class Shared extends make({}) {
      static first = looseRelation.manyToMany!(() => Writer)
      static second = looseRelation.manyToMany!(() => Writer)
      static third = looseRelation.manyToMany!(() => Writer, { through: 'third_table' })
      static same = looseRelation.manyToMany!(() => Writer, { through: 'x', foreignKey: 'k', otherKey: 'k' })
      static self = looseRelation.manyToMany!(() => Shared, { foreignKey: 'selfId', otherKey: 'selfId' })
    }
    expect(refusal(Shared, 'first')).toMatch(/"Shared\.first" and "Shared\.second" would have one table/)
    expect(() => (Shared as any).query().whereHas('third').toSQL({ dialect: 'sqlite' })).not.toThrow()
    expect(refusal(Shared, 'same')).toMatch(/both keys in "k"/)
    expect(refusal(Shared, 'self')).toMatch(/both keys in "selfId"/)
  })
  it('symmetrical to another model', () => {
    class Lopsided extends make({}) {
      static writers = looseRelation.manyToMany!(() => Writer, { symmetrical: true })
    }
    expect(refusal(Lopsided, 'writers')).toMatch(/symmetrical.*another one/)
  })
  it('morphs that do not fit', () => {
    class First extends make({}, { morphName: 'thing' }) {}
    class Second extends make({}, { morphName: 'thing' }) {}
    class Holder extends make({ ...Field.morphs('a'), ...Field.morphs('b'), ...Field.morphs('c', { key: 'uuid' }) }) {
      static a = looseRelation.morphTo!([() => First, () => Second])
      static b = looseRelation.morphTo!([() => Writer, () => Writer])
      static c = looseRelation.morphTo!([() => Writer])
      static d = looseRelation.morphTo!([() => Writer])
      static none = looseRelation.morphTo!([], { foreignKey: 'aId', typeKey: 'aType' })
    }
    expect(refusal(Holder, 'a')).toMatch(/"First" and "Second".*"thing".*morphName/)
    expect(refusal(Holder, 'b')).toMatch(/names "Writer" twice/)
    expect(refusal(Holder, 'c')).toMatch(/a text.*an integer/)
    expect(refusal(Holder, 'd')).toMatch(/"dId" and "dType"/)
    expect(refusal(Holder, 'none')).toMatch(/needs the list of its related models/)
    class Stranger extends make({}) {
      static text = looseRelation.morphOne!(() => Text, 'placeable')
      static texts = looseRelation.morphMany!(() => Text, 'placeable')
    }
    for (const name of ['text', 'texts'])
      expect(refusal(Stranger, name)).toMatch(/"Text\.placeable".*does not name "Stranger".*\(\) => Stranger/)
  })
  it('a member called pivot, where rows have the join table', () => {
    class Pivoted extends make({ pivot: looseField.string!() }) {}
    class Linker extends make({}) {
      static pivoted = looseRelation.manyToMany!(() => Pivoted)
    }
    expect(refusal(Linker, 'pivoted')).toMatch(/member "pivot"/)
    class Doubled extends make({}) {
      static writers = looseRelation.manyToMany!(() => Writer, { pivot: { writerId: Field.integer() } })
      static blogs = looseRelation.manyToMany!(() => Blog, { pivot: { position: 5 } })
      static texts = looseRelation.manyToMany!(() => Writer, { through: () => Text, pivot: { x: Field.integer() } })
    }
    expect(refusal(Doubled, 'writers')).toMatch(/pivot field "writerId".*keys/)
    expect(refusal(Doubled, 'blogs')).toMatch(/pivot field "position".*Field/)
    expect(refusal(Doubled, 'texts')).toMatch(/its table has a model/)
  })
  it('options and arguments that a kind does not know', () => {
    const { hasMany, belongsTo, manyToMany, morphTo, morphMany, custom } = looseRelation as Record<
      string,
      (...args: any[]) => any
    >
    const thunk = () => Writer
    const cases: [() => unknown, RegExp][] = [
      [() => hasMany!(thunk, { foreginKey: 'x' }), /hasMany\(\).*"foreginKey".*foreignKey/],
      [() => belongsTo!(thunk, { through: thunk }), /"through"/],
      [() => manyToMany!(thunk, { typeKey: 'x' }), /"typeKey"/],
      [() => morphMany!(thunk, 'x', { pivot: {} }), /"pivot"/],
      [() => hasMany!('Writer'), /function that returns the model/],
      [() => hasMany!(undefined), /function that returns the model/],
      [() => morphTo!(thunk), /list of functions/],
      [() => morphTo!([Writer, 'Blog']), /function that returns the model/],
      [() => morphMany!(thunk), /name of its morph fields/],
      [() => morphMany!(thunk, ''), /name of its morph fields/],
      [() => custom!({}), /many, link/],
      [() => custom!({ many: true }), /many, link/],
    ]
    for (const [define, message] of cases) expect(define, String(define)).toThrow(message)
    // what the prototype of Object has is no option
    expect(() => hasMany!(thunk, JSON.parse('{"__proto__": {"foreignKey": "x"}}'))).toThrow(/__proto__/)
  })
  it('a relation that is not there', () => {
    class Sparse extends make({}) {
      static writers = looseRelation.manyToMany!(() => Writer)
    }
    expect(() => (Sparse as any).with('writer')).toThrow(/no relation "writer".*writers/)
  })
})

describe('db.validate()', () => {
  let db: Database
  beforeAll(async () => {
    db = await Database.connect('sqlite::memory:')
  })
  afterAll(() => db.close())

  it('finds what is broken before anything runs', () => {
    class Good extends make({ name: Field.string() }) {
      static texts = looseRelation.hasMany!(() => Text, { foreignKey: 'code', localKey: 'name' })
    }
    expect(() => db.validate([Good, Writer, Blog, Text] as never)).not.toThrow()
    const broken = {
      hasMany: looseRelation.hasMany!(() => Good),
      belongsTo: looseRelation.belongsTo!(() => Good, { foreignKey: 'nothing' }),
      manyToMany: looseRelation.manyToMany!(() => Writer, { symmetrical: true }),
      throughNothing: looseRelation.hasManyThrough!(() => Writer, { through: () => Good }),
      morphMany: looseRelation.morphMany!(() => Text, 'notable'),
      morphOne: looseRelation.morphOne!(() => Text, 'placeable'),
      morphTo: looseRelation.morphTo!([() => Writer]),
      morphToMany: looseRelation.morphToMany!(() => Writer, 'x', { through: () => Good }),
      morphedByMany: looseRelation.morphedByMany!(() => Writer, 'x', { through: () => Good }),
      customOne: looseRelation.custom!({ many: false, link: () => ({ from: 'nothing', to: 'id' }) })(() => Good),
      customMany: looseRelation.custom!({ many: true, link: () => ({ from: ['id', 'name'], to: 'id' }) })(() => Good),
    }
    for (const [name, relation] of Object.entries(broken)) {
      class Bad extends make({ name: Field.string() }) {}
      Object.assign(Bad, { [name]: relation })
      expect(() => db.validate([Good, Bad] as never), name).toThrow(DefinitionError)
      expect(() => db.validate([Good, Bad] as never), name).toThrow(`"Bad.${name}"`)
    }
  })
  it('the two sides of a table must agree on it', async () => {
    class Left extends make({}) {
      static rights = looseRelation.manyToMany!(() => Right, { pivot: { rank: Field.integer() } })
    }
    class Right extends make({}) {
      static lefts = looseRelation.manyToMany!(() => Left, { pivot: { rank: Field.string() } })
    }
    expect(() => db.validate([Left, Right] as never)).toThrow(/"Left\.rights" and "Right\.lefts".*rank/)
    await expect(db.createTables([Left, Right] as never)).rejects.toThrow(/"Left\.rights" and "Right\.lefts".*rank/)
  })
})
