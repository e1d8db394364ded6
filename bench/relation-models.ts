import { Field, Model, Relation } from 'corm'

export class Article extends Model({ title: Field.string() }, { table: 'articles' }) {
  static tags = Relation.manyToMany(() => Tag, { through: 'articles_tags' })
}

export class Tag extends Model({ name: Field.string() }, { table: 'tags' }) {}

export class Company extends Model({ name: Field.string() }, { table: 'companies' }) {
  static departments = Relation.hasMany(() => Department)
}

export class Department extends Model(
  { name: Field.string(), companyId: Field.foreignKey(() => Company) },
  { table: 'departments' },
) {
  static employees = Relation.hasMany(() => Employee)
}

export class Employee extends Model(
  { name: Field.string(), age: Field.integer(), departmentId: Field.foreignKey(() => Department) },
  { table: 'employees' },
) {}

export class Photo extends Model({ url: Field.string() }, { table: 'photos' }) {}

export class Video extends Model({ url: Field.string(), seconds: Field.integer() }, { table: 'videos' }) {}

export class Note extends Model({ body: Field.string(), ...Field.morphs('notable') }, { table: 'notes' }) {
  static notable = Relation.morphTo([() => Photo, () => Video])
}

export class Parent extends Model({ name: Field.string() }, { table: 'parents' }) {
  static children = Relation.hasMany(() => Child)
}

export class Child extends Model(
  { name: Field.string(), parentId: Field.foreignKey(() => Parent) },
  { table: 'children' },
) {}

export const relationModels = [Article, Tag, Company, Department, Employee, Photo, Video, Note, Parent, Child] as const
