import { Field, Model, Relation } from 'corm'
import { Country } from './country.js'
import { Mayor } from './mayor.js'

export class City extends Model({
  name: Field.string(),
  countryId: Field.foreignKey(() => Country),
  mayorId: Field.oneToOne(() => Mayor, { nullable: true }),
}) {
  static country = Relation.belongsTo(() => Country)
  static mayor = Relation.belongsTo(() => Mayor)

  large() {
    return Country.large()
  }
}
