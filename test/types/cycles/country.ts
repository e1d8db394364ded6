// Foreign keys in a circle over three files, and relations both ways: country → capital → mayor → country.
import { type Entity, Field, Model, Relation } from 'corm'
import { City } from './city.js'
import { Mayor } from './mayor.js'

export class Country extends Model({
  name: Field.string(),
  capitalId: Field.foreignKey(() => City, { nullable: true }),
  unionId: Field.foreignKey(() => Country, { nullable: true, onDelete: 'setNull' }),
}) {
  static capital = Relation.belongsTo(() => City)
  static cities = Relation.hasMany(() => City)
  static citizens = Relation.hasMany(() => Mayor)
  static union = Relation.belongsTo(() => Country)
  static members = Relation.hasMany(() => Country, { foreignKey: 'unionId' })

  static large() {
    return this.query().with('cities.mayor').where('name', '!=', '')
  }
  neighbours(this: Entity<typeof Country, 'union.members'>) {
    return this.union?.members.filter((member) => member.id !== this.id) ?? []
  }
}
