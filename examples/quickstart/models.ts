import { Field, Model, Relation } from 'corm'

export class Continent extends Model(
  {
    code: Field.char(2, { primaryKey: true }),
    name: Field.string({ max: 40 }),
  },
  { table: 'quickstart_continents' },
) {
  static countries = Relation.hasMany(() => Country)
}

export class Country extends Model(
  {
    code: Field.char(2, { primaryKey: true }),
    name: Field.string({ max: 80 }),
    native: Field.string({ max: 80 }),
    capital: Field.string({ max: 80, nullable: true }),
    /** The first of its currencies. */
    currency: Field.char(3, { nullable: true, index: true }),
    languages: Field.json<string[]>(),
    continentId: Field.foreignKey(() => Continent, { key: 'string' }),
  },
  { table: 'quickstart_countries' },
) {
  static continent = Relation.belongsTo(() => Continent)
  static cities = Relation.hasMany(() => City)
}

export class City extends Model(
  {
    /** The number that GeoNames gave it: no counter. */
    id: Field.integer({ primaryKey: true }),
    name: Field.string({ max: 120, index: true }),
    altName: Field.string({ max: 20, nullable: true }),
    featureCode: Field.string({ max: 10 }),
    adminCode: Field.string({ max: 20, nullable: true }),
    population: Field.integer(),
    latitude: Field.float(),
    longitude: Field.float(),
    countryId: Field.foreignKey(() => Country, { key: 'string' }),
    /** That of its country, kept here too: groups by continent then need one join less. */
    continentId: Field.foreignKey(() => Continent, { key: 'string' }),
  },
  { table: 'quickstart_cities' },
) {
  static country = Relation.belongsTo(() => Country)
  static continent = Relation.belongsTo(() => Continent)

  get position() {
    const latitude = `${Math.abs(this.latitude).toFixed(2)}° ${this.latitude < 0 ? 'S' : 'N'}`
    return `${latitude}, ${Math.abs(this.longitude).toFixed(2)}° ${this.longitude < 0 ? 'W' : 'E'}`
  }
}

/**
 * The names of the larger cities, for the text search. The index makes the insert of a name five times as slow, so the
 * small ones are left out.
 */
export class CityName extends Model(
  {
    cityId: Field.foreignKey(() => City, { primaryKey: true }),
    name: Field.string({ max: 120 }),
  },
  { table: 'quickstart_names', indexes: [{ fields: ['name'], fullText: true }] },
) {
  static city = Relation.belongsTo(() => City)
}

/** Where a city is on a sphere of radius 1. In a table of its own, because not every database has vectors. */
export class CityPoint extends Model(
  {
    /** No foreign key: to check one for each point would take longer than to store it. */
    cityId: Field.integer({ primaryKey: true }),
    point: Field.vector(3),
  },
  { table: 'quickstart_points' },
) {
  static city = Relation.belongsTo(() => City)
}

/** Those that every database can store: all except `CityPoint`. */
export const models = [Continent, Country, City, CityName] as const
