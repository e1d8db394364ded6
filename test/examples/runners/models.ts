import { Field, Model } from 'corm'

export class Author extends Model({ name: Field.string({ max: 50 }) }, { table: 'runner_authors' }) {}
