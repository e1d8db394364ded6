import { Database, DefinitionError, Field, Model, Relation, sql } from 'corm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { looseField, looseModel, looseRelation } from '../support/loose.js'

let db: Database

beforeAll(async () => {
  db = await Database.connect('sqlite::memory:')
})
afterAll(() => db.close())

/** The message of the DefinitionError that defining or validating throws. */
function refusal(define: () => unknown): string {
  try {
    const model = define()
    db.validate([model])
  } catch (error) {
    expect(error).toBeInstanceOf(DefinitionError)
    expect(error).toMatchObject({ name: 'DefinitionError', code: 'DEFINITION' })
    return (error as Error).message
  }
  throw new Error('The definition was accepted.')
}

class Owner extends Model({ name: Field.string() }) {}
class Token extends Model({ key: Field.uuid({ primaryKey: true }) }) {}
class Pair extends Model({ a: Field.integer({ primaryKey: true }), b: Field.integer({ primaryKey: true }) }) {}

describe('names of fields', () => {
  const reserved = [
    'save',
    'update',
    'delete',
    'isDirty',
    'toJSON',
    'pk',
    'related',
    'isPersisted',
    'clone',
    'restore',
    'forceDelete',
  ]
  const ofAnyObject = ['then', 'constructor', 'toString', 'valueOf', 'hasOwnProperty', '__proto__']

  it.each([...reserved, ...ofAnyObject])('refuses a field called "%s" and says what to write instead', (name) => {
    const fields = JSON.parse(`{"${name}": 1}`) as Record<string, unknown>
    Object.defineProperty(fields, name, { value: Field.string(), enumerable: true })
    expect(refusal(() => looseModel(fields))).toBe(
      `A field can't be called "${name}": that is a member of Model. Rename the field, and set { column: '${name}' }.`,
    )
  })

  it.each(['author.name', '-name', ''])('refuses "%s", which no condition could name', (name) => {
    expect(refusal(() => looseModel({ [name]: Field.string() }))).toBe(
      `"${name}" can't name a field: no dots, and no "-" at the start.`,
    )
  })

  it('refuses what is not made by Field', () => {
    expect(refusal(() => looseModel({ name: 'string' }))).toBe(
      'The field "name" is not made by Field: write name: Field.string().',
    )
  })

  it('refuses a field outside Model()', () => {
    class Stray extends Model({ name: Field.string() }) {
      static age = Field.integer()
    }
    expect(refusal(() => Stray)).toBe('"Stray.age" is a field outside Model(). Move it into Model({ age: … }).')
  })

  it('refuses a class field that would overwrite a column', () => {
    class Shadowed extends looseModel({ name: Field.string() }) {
      name = undefined
    }
    const message =
      '"Shadowed" redeclares its field "name" as a class field, which would overwrite it. Write: declare name: …'
    expect(() => new (Shadowed as any)({ name: 'x' })).toThrow(message)
    class Shadowed2 extends looseModel({ name: Field.string() }, { table: 'shadowed' }) {
      name = undefined
    }
    expect(() => (Shadowed2 as any).make({ name: 'x' })).toThrow('Write: declare name: …')
  })

  it('takes a declared class field', () => {
    class Declared extends Model({ name: Field.string() }) {
      declare name: 'a' | 'b'
    }
    expect(new Declared({ name: 'a' }).name).toBe('a')
  })
})

describe('names of relations', () => {
  it('refuses a relation called like a field', () => {
    class Thing extends looseModel({ owner: Field.string(), ownerId: Field.foreignKey(() => Owner) }) {
      static owner = Relation.belongsTo(() => Owner)
    }
    expect(refusal(() => Thing)).toBe('"Thing.owner" is both a field and a relation. Rename one of them.')
  })

  it.each(['save', 'load', 'query', 'where', 'create', 'find', 'toJSON', 'then', 'valueOf', 'schema'])(
    'refuses a relation called "%s"',
    (name) => {
      const Thing = class Thing extends looseModel({ ownerId: Field.foreignKey(() => Owner) }) {}
      Object.defineProperty(Thing, name, { value: Relation.belongsTo(() => Owner), configurable: true })
      expect(refusal(() => Thing)).toBe(
        `"Thing.${name}" can't be a relation: "${name}" is a member of Model. Rename the relation.`,
      )
    },
  )

  it('refuses a class field that would hide a relation', () => {
    class Hiding extends looseModel({ ownerId: Field.foreignKey(() => Owner) }) {
      static owner = Relation.belongsTo(() => Owner)
      owner = null
    }
    expect(() => new Hiding()).toThrow(
      '"Hiding" redeclares its relation "owner" as a class field, which would overwrite it. Write: declare owner: …',
    )
  })
})

describe('columns and options', () => {
  it('refuses two fields with one column', () => {
    class Twice extends Model({ name: Field.string(), title: Field.string({ column: 'name' }) }) {}
    expect(refusal(() => Twice)).toBe(
      '"Twice.title" and "Twice.name" have the same column "name". Set { column } on one of them.',
    )
  })

  it('refuses columns that differ by case only, which not every database tells apart', () => {
    class Cased extends Model({ name: Field.string(), title: Field.string({ column: 'NAME' }) }) {}
    expect(refusal(() => Cased)).toBe(
      '"Cased.title" and "Cased.name" have the same column "NAME". Set { column } on one of them.',
    )
  })

  it('refuses two names that the naming makes one', () => {
    class Folded extends Model({ userId: Field.integer(), userID: Field.integer() }) {}
    expect(refusal(() => Folded)).toBe(
      '"Folded.userID" and "Folded.userId" have the same column "user_id". Set { column } on one of them.',
    )
  })

  it.each(['', 'a\0b'])('refuses the column name %j', (column) => {
    class Columned extends Model({ name: Field.string({ column }) }) {}
    expect(refusal(() => Columned)).toBe(
      '"Columned.name" has a column name that no database takes: it is empty, or has a NUL character. Set another { column }.',
    )
  })

  it('refuses an unknown option of a field and lists the known ones', () => {
    const message = refusal(() => class Opted extends looseModel({ name: looseField.string!({ uniqe: true }) }) {})
    expect(message).toMatch(/^"Opted\.name" has no option "uniqe"\. Did you mean "unique"\? It takes nullable, .*max/)
  })

  it('refuses an option of another kind of field', () => {
    expect(refusal(() => class Opted extends looseModel({ on: looseField.boolean!({ max: 3 }) }) {})).toMatch(
      /^"Opted\.on" has no option "max"\. It takes nullable, /,
    )
  })

  it('refuses an unknown option of a model and lists the known ones', () => {
    expect(refusal(() => looseModel({ name: Field.string() }, { tabel: 'x' }))).toMatch(
      /^Model\(\) has no option "tabel"\. Did you mean "table"\? It takes table, database, /,
    )
  })

  it('refuses an unknown naming', () => {
    expect(refusal(() => class Named extends looseModel({ a: Field.string() }, { naming: 'kebab' }) {})).toBe(
      `The option "naming" of Model() must be 'snake_case' or 'camelCase', or a function.`,
    )
  })

  it('refuses a nullable primary key', () => {
    const define = () => class Keyed extends Model({ a: Field.integer({ primaryKey: true, nullable: true }) }) {}
    expect(refusal(define)).toBe('"Keyed.a" is a primary key and can\'t be nullable. Remove one of the two.')
  })

  it.each([
    ['a value of another type', looseField.integer?.({ default: 'one' }), 'it expects an integer, not a string.'],
    ['a text that is too long', Field.string({ max: 2, default: 'abc' }), 'it must have at most 2 characters.'],
    ['a number outside the limits', Field.integer({ min: 1, default: 0 }), 'it must be at least 1.'],
    ['none of an enum', looseField.enum?.(['a', 'b'], { default: 'c' }), 'it must be one of "a", "b".'],
    ['none of the choices', Field.integer({ choices: [1, 2], default: 3 }), 'it is not one of its "choices".'],
    ['no e-mail address', Field.email({ default: 'nobody' }), 'it must be an e-mail address.'],
  ])('refuses as a default %s', (_, field, message) => {
    expect(refusal(() => class Preset extends looseModel({ a: field }) {})).toBe(
      `"Preset.a" can't hold its "default": ${message}`,
    )
  })

  it.each(['autoNow', 'autoNowAdd'])('refuses a default of a field with %s', (name) => {
    const made = looseField.dateTime?.({ [name]: true, default: () => new Date() })
    expect(refusal(() => class Stamped extends looseModel({ at: made }) {})).toBe(
      `"Stamped.at" has both "${name}" and "default". Remove one of the two.`,
    )
    // other programs that insert rows need it
    class Shared extends looseModel({ at: looseField.dateTime?.({ [name]: true, dbDefault: 'now' }) }) {}
    db.validate([Shared])
  })

  it('refuses a lazy primary key', () => {
    expect(refusal(() => class Late extends Model({ code: Field.string({ primaryKey: true, lazy: true }) }) {})).toBe(
      '"Late.code" is a primary key and can\'t be lazy: corm needs it of each row. Remove "lazy".',
    )
  })

  it('takes defaults in each form that data may have', () => {
    class Preset extends Model({
      price: Field.decimal({ scale: 2, default: '1.0', choices: ['1.00', 2] }),
      empty: Field.string({ min: 2, default: '', allowEmpty: true }),
      made: Field.integer({ max: 1, default: () => 2 }),
      day: Field.date({ default: '2024-02-29' }),
      list: Field.array(Field.string(), { default: [] }),
    }) {}
    expect(Preset.hasField('price')).toBe(true)
    db.validate([Preset])
  })

  it('refuses null as the default of a field that is not nullable', () => {
    expect(refusal(() => class Nulled extends Model({ a: Field.integer({ default: null }) }) {})).toBe(
      '"Nulled.a" has the default null but is not nullable. Add { nullable: true }, or another default.',
    )
  })

  it('refuses plain text as SQL for generated', () => {
    expect(refusal(() => class Sqled extends looseModel({ a: looseField.integer!({ generated: '1' }) }) {})).toBe(
      '"Sqled.a" needs SQL for "generated": { generated: sql`…` }.',
    )
  })

  it.each([
    [
      'what the field can not hold',
      { dbDefault: '1' },
      `can't hold its "dbDefault": it expects an integer, not a string`,
    ],
    ['what is for other fields', { dbDefault: 'now' }, `can't hold its "dbDefault"`],
    ['a function', { dbDefault: () => 1 }, 'What the program makes is a "default".'],
    ['null', { dbDefault: null, nullable: true }, 'Leave it out'],
  ])('refuses %s as the default of the database', (_, options, message) => {
    const define = () => class Filled extends looseModel({ a: looseField.integer!(options) }) {}
    expect(refusal(define)).toContain(`"Filled.a" `)
    expect(refusal(define)).toContain(message)
  })

  it('refuses an index over a field that is not there', () => {
    const define = () => class Indexed extends looseModel({ a: Field.integer() }, { indexes: ['b'] }) {}
    expect(refusal(define)).toBe('An index of "Indexed" names the field "b", which it does not have. Did you mean "a"?')
  })

  it('refuses a check that is no condition', () => {
    const define = () =>
      class Checked extends looseModel({ a: Field.integer() }, { checks: { positive: () => true } }) {}
    expect(refusal(define)).toBe('The check "positive" of "Checked" must be a condition: c => c.price.gte(0).')
  })

  it.each([
    [{ precision: 0 }],
    [{ precision: 66 }],
    [{ precision: 5, scale: 6 }],
    [{ precision: 40, scale: 31 }],
    [{ precision: 2.5 }],
  ])('refuses a decimal with %j', (options) => {
    expect(() => looseField.decimal!(options)).toThrow(
      new DefinitionError(
        'Field.decimal() needs a precision of 1 to 65 and a scale of 0 to 30, not above the precision.',
      ),
    )
  })

  it('refuses other field arguments that mean nothing', () => {
    expect(() => looseField.dateTime!({ precision: 7 })).toThrow('needs a precision of 0 to 6 digits')
    expect(() => looseField.char!(0)).toThrow('Field.char() needs the number of characters: Field.char(2).')
    expect(() => looseField.enum!([])).toThrow('Field.enum() needs at least one value, and all of one type')
    expect(() => looseField.enum!(['a', 1])).toThrow('Field.enum() needs at least one value, and all of one type')
    for (const value of [true, null, {}, Symbol('a'), 1n])
      expect(() => looseField.enum!(['a', value])).toThrow('Field.enum() takes texts or numbers')
    expect(() => looseField.custom!({ type: 'money' })).toThrow(
      'The option "type" of Field.custom() must be \'smallInteger\', ',
    )
    expect(() => looseField.foreignKey!(Owner.name)).toThrow('Field.foreignKey(() => User)')
    expect(() => looseField.foreignKey!(() => Owner, { onDelete: 'explode' })).toThrow(
      `The option "onDelete" of Field.foreignKey() must be 'cascade', 'restrict', 'setNull', 'setDefault' or 'noAction'.`,
    )
  })
})

describe('keys and relations', () => {
  it('refuses a foreign key whose key type disagrees with its target', () => {
    class Wrong extends Model({ ownerId: Field.foreignKey(() => Owner, { key: 'uuid' }) }) {}
    expect(refusal(() => Wrong)).toBe(
      `"Wrong.ownerId" has { key: 'uuid' }, but the key of "Owner" is of type 'integer'. Write { key: 'integer' }.`,
    )
    class Silent extends Model({ tokenId: Field.foreignKey(() => Token) }) {}
    expect(refusal(() => Silent)).toBe(
      `"Silent.tokenId" has { key: 'integer' }, but the key of "Token" is of type 'uuid'. Write { key: 'uuid' }.`,
    )
  })

  it('refuses one foreign key to a key of several fields', () => {
    class Single extends Model({ pairId: Field.foreignKey(() => Pair) }) {}
    expect(refusal(() => Single)).toBe(
      '"Single.pairId" points at "Pair", whose key has several fields. A foreign key takes one; add one field per key field.',
    )
  })

  it('refuses setNull on a foreign key that is not nullable', () => {
    class Kept extends Model({ ownerId: Field.foreignKey(() => Owner, { onDelete: 'setNull' }) }) {}
    expect(refusal(() => Kept)).toBe(
      `"Kept.ownerId" has onDelete or onUpdate 'setNull', but is not nullable. Add { nullable: true }.`,
    )
  })

  it('refuses setDefault on a foreign key whose column has no default', () => {
    class Moved extends Model({ ownerId: Field.foreignKey(() => Owner, { onDelete: 'setDefault' }) }) {}
    expect(refusal(() => Moved)).toBe(
      `"Moved.ownerId" has onDelete or onUpdate 'setDefault', but its column has no default. Add { dbDefault }.`,
    )
    class Emptied extends Model({
      ownerId: Field.foreignKey(() => Owner, { onDelete: 'setDefault', nullable: true }),
      firstId: Field.foreignKey(() => Owner, { onDelete: 'setDefault', dbDefault: 1 }),
    }) {}
    expect(Emptied.hasField('ownerId')).toBe(true)
    db.validate([Emptied])
  })

  it('refuses a relation without a foreign key to go by', () => {
    class Lonely extends Model({ name: Field.string() }) {
      static owner = Relation.belongsTo(() => Owner)
    }
    expect(refusal(() => Lonely)).toBe(
      '"Lonely.owner" expects "ownerId" on "Lonely", but "Lonely" has no such field. Add it, or pass { foreignKey }.',
    )
    class Childless extends Model({ name: Field.string() }) {
      static owners = Relation.hasMany(() => Owner)
    }
    expect(refusal(() => Childless)).toBe(
      '"Childless.owners" expects "childlessId" on "Owner", but "Owner" has no such field. Add it, or pass { foreignKey }.',
    )
  })

  it('refuses a relation that could go by two foreign keys', () => {
    const keys = { fromId: Field.foreignKey(() => Owner), toId: Field.foreignKey(() => Owner) }
    class Transfer extends Model(keys) {
      static owner = Relation.belongsTo(() => Owner)
    }
    expect(refusal(() => Transfer)).toBe(
      '"Transfer.owner" is ambiguous: "fromId" and "toId" on "Transfer" fit. Pass { foreignKey }.',
    )
    class Holder extends Model({ name: Field.string() }) {
      static moves = Relation.hasMany(() => Move)
    }
    class Move extends Model({ fromId: Field.foreignKey(() => Holder), toId: Field.foreignKey(() => Holder) }) {}
    expect(refusal(() => Holder)).toBe(
      '"Holder.moves" is ambiguous: "fromId" and "toId" on "Move" fit. Pass { foreignKey }.',
    )
  })

  it('refuses a foreignKey option that names no field, and names the near miss', () => {
    class Slip extends Model({ ownerId: Field.foreignKey(() => Owner) }) {
      static owner = Relation.belongsTo(() => Owner, { foreignKey: 'ownerID' })
    }
    expect(refusal(() => Slip)).toBe(
      `"Slip.owner" has { foreignKey: 'ownerID' }, but "Slip" has no such field. Did you mean "ownerId"?`,
    )
  })

  it('refuses a relation to what is no model, and tells of circular imports', () => {
    class Missing extends Model({ ownerId: Field.integer() }) {
      static owner = looseRelation.belongsTo!(() => undefined)
    }
    expect(refusal(() => Missing)).toBe(
      '"Missing.owner": A model class was expected: class User extends Model({ … }) {}. Circular imports leave it undefined: refer to it by a function, () => User.',
    )
    expect(() => looseRelation.hasMany!(Owner.name)).toThrow(
      'Relation.hasMany() needs a function that returns the model: Relation.hasMany(() => Book).',
    )
    expect(() => looseRelation.hasMany!(() => Owner, { foreignkey: 'x' })).toThrow(
      'Relation.hasMany() has no option "foreignkey". Did you mean "foreignKey"? It takes foreignKey, localKey, onSoftDelete.',
    )
  })
})

describe('classes', () => {
  it('refuses a class that extends a model without extend()', () => {
    class Manager extends Owner {}
    expect(refusal(() => Manager)).toBe(
      '"Manager" extends the model "Owner" directly. Write class Manager extends Owner.extend({ … }) {}.',
    )
  })

  it.each(['a', 'xy'])('refuses the class name "%s", which looks like the work of a minifier', (name) => {
    const define = () => Object.defineProperty(class extends Model({ a: Field.integer() }) {}, 'name', { value: name })
    expect(refusal(define)).toBe(
      `The model "${name}" has a name that looks like a minifier's. Give it { table } in Model's options.`,
    )
  })

  it('takes a minified class name when the table is given', () => {
    class q extends Model({ a: Field.integer() }, { table: 'questions' }) {}
    expect(() => db.validate([q])).not.toThrow()
  })

  it('refuses a class without a name', () => {
    expect(refusal(() => class extends Model({ a: Field.integer() }) {})).toBe(
      'A model class needs a name: class User extends Model({ … }) {}.',
    )
  })

  it('refuses to create the table of an abstract model', async () => {
    class Base extends Model({ a: Field.integer({ dbDefault: sql`1` }) }, { abstract: true }) {}
    await expect(db.createTables([Base])).rejects.toThrow(
      '"Base" is abstract: it has no table. Create the models that extend it.',
    )
  })

  it('refuses to query an abstract model, also inside another query', async () => {
    class Base extends Model({ a: Field.integer() }, { abstract: true }) {}
    const message = '"Base" is abstract: it has no table. Use the models that extend it.'
    await expect(Base.query()).rejects.toThrow(message)
    await expect(Base.create({ a: 1 })).rejects.toThrow(message)
    await expect(Owner.query().whereIn('id', Base.query().select('a'))).rejects.toThrow(message)
    expect(new Base({ a: 1 }).a).toBe(1)
  })

  it('refuses what is no model class', () => {
    expect(() => db.validate([undefined])).toThrow(DefinitionError)
    expect(() => db.validate([class Plain {}])).toThrow('Plain')
  })
})
