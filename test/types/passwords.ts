import { Field, Model, type PasswordHash } from 'corm'
import { is } from './support/expect.js'

export class User extends Model({
  name: Field.string(),
  password: Field.password({ min: 8 }),
  pin: Field.password({ nullable: true, algorithm: 'argon2id' }),
  key: Field.password({ nullable: true, guarded: true }),
}) {}

export async function passwords() {
  const user = await User.create({ name: 'a', password: 'secret' })
  is<PasswordHash>()(user.password)
  is<PasswordHash | null>()(user.pin)
  is<boolean>()(await user.password.verify('a'))
  is<boolean>()(user.password.needsRehash)
  await user.update({ password: 'a', pin: null })
  await User.create({ name: 'b', password: user.password, pin: 'a' })
  await User.create({ name: 'b', password: 'a', key: 'a' }, { guarded: true })
  await User.where('pin', null).update({ password: 'a' })
  await User.query().whereNull('pin').count()
  User.query().where((c) => c.pin.isNull())
  // @ts-expect-error: required
  await User.create({ name: 'a' })
  // @ts-expect-error: guarded
  await User.create({ name: 'a', password: 'a', key: 'a' })
  // @ts-expect-error: not nullable
  await user.update({ password: null })
  // @ts-expect-error: a password is not compared
  User.where('password', 'a')
  // @ts-expect-error: a password is not compared
  User.where({ password: 'a' })
  // @ts-expect-error: a password is not compared
  User.query().where((c) => c.password.eq('a'))
  // @ts-expect-error: not a text
  user.password.length
  // @ts-expect-error: no such option
  Field.password({ max: 100 })
  // @ts-expect-error: no default
  Field.password({ default: 'a' })
}
