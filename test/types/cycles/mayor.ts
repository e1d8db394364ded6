import { type Entity, Field, Model, Relation } from 'corm'
import { City } from './city.js'
import { Country } from './country.js'

export class Mayor extends Model({
  name: Field.string(),
  countryId: Field.foreignKey(() => Country),
  deputyId: Field.foreignKey(() => Mayor, { nullable: true }),
}) {
  static country = Relation.belongsTo(() => Country)
  static city = Relation.hasOne(() => City)
  static deputy = Relation.belongsTo(() => Mayor)

  // the type of a method may name other models' relations without a circle
  home(this: Entity<typeof Mayor, 'city.country.capital.mayor'>) {
    return this.city?.country.capital?.mayor?.name
  }
}
