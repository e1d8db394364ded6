import { type AnyFields, type AnyQuery, Field, Model, type ModelStaticNames, Relation, type Statics } from 'corm'
import { fits, is } from './support/expect.js'

// what a relation can't be called is written out in the types: nothing is missing in the list, and it has nothing else
declare const written: ModelStaticNames
is<keyof Statics<AnyFields>>()(written)
fits<ModelStaticNames>('with')

// statics may use scopes and other statics of their own class: no return type has to be written
class Client extends Model({ name: Field.string(), vip: Field.boolean({ default: false }) }) {
  static pets = Relation.hasMany(() => Pet)

  static vips(query: AnyQuery<typeof Client>) {
    return query.where('vip', true)
  }
  static named(query: AnyQuery<typeof Client>, name: string) {
    return query.where('name', name)
  }
  static good(name: string) {
    return this.query().scope(this.vips).scope(Client.named, name).with('pets')
  }
  static tapped() {
    return this.query().tap(this.vips)
  }
  static maybe(only: boolean) {
    return this.query().when(only, this.vips)
  }
  static chosen(name: string | null) {
    return this.query().when(name, (query, given) => this.named(query, given))
  }
}
class Pet extends Model({ name: Field.string(), clientId: Field.foreignKey(() => Client) }) {}

export async function scoped() {
  is<string | undefined>()((await Client.good('Ada'))[0]?.pets[0]?.name)
  is<string | undefined>()((await Client.tapped())[0]?.name)
  is<string | undefined>()((await Client.maybe(true).with('pets'))[0]?.pets[0]?.name)
  is<string | undefined>()((await Client.chosen('Ada'))[0]?.name)
  // @ts-expect-error: the scope takes a name
  Client.query().scope(Client.named)
  // @ts-expect-error: a scope of another model
  Pet.query().scope(Client.vips)
}
