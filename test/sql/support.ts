import { type CompiledSQL, Field, Model, Relation } from 'corm'
import { expect } from 'vitest'

export class Author extends Model({
  name: Field.string({ max: 120 }),
  bio: Field.text({ nullable: true }),
  age: Field.integer({ nullable: true }),
  role: Field.enum(['writer', 'editor'], { default: 'writer' }),
  joined: Field.dateTime({ nullable: true }),
}) {
  static books = Relation.hasMany(() => Book)
}

export class Book extends Model({
  title: Field.string({ max: 200 }),
  price: Field.decimal({ precision: 10, scale: 2 }),
  stock: Field.integer({ default: 0 }),
  views: Field.bigInteger({ default: 0n }),
  rating: Field.float({ nullable: true }),
  inPrint: Field.boolean({ default: true }),
  printed: Field.date({ nullable: true }),
  authorId: Field.foreignKey(() => Author, { nullable: true }),
  body: Field.text({ lazy: true, nullable: true }),
}) {
  static author = Relation.belongsTo(() => Author)
}

/** A statement and its parameters: `['select ?', 1]`. */
type Text = readonly [sql: string, ...parameters: unknown[]]
type Texts = { sqlite: Text; postgres: Text; mysql: Text; mariadb?: Text }
type Compiles = (options: { dialect: 'sqlite' | 'postgres' | 'mysql' }) => CompiledSQL

/** What a query is in each dialect, to the letter; needs no server. MariaDB is told apart where it differs from MySQL. */
export function expectSql(query: { toSQL: Compiles } | Compiles, texts: Texts): void {
  const compile: Compiles = typeof query === 'function' ? query : (options) => query.toSQL(options)
  const answered = (dialect: string): Text => {
    const { sql, parameters } = compile({ dialect: dialect as 'mysql' })
    return [sql, ...parameters]
  }
  const { sqlite, postgres, mysql, mariadb = mysql } = texts
  expect({
    sqlite: answered('sqlite'),
    postgres: answered('postgres'),
    mysql: answered('mysql'),
    mariadb: answered('mariadb'),
  }).toEqual({ sqlite, postgres, mysql, mariadb })
}
