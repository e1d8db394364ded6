import type { BeginOptions } from '../../driver/driver.js'
import { UnsupportedError } from '../../errors.js'

const ISOLATION = {
  'read committed': 'read committed',
  'repeatable read': 'repeatable read',
  serializable: 'serializable',
} as const

export function beginSql({ isolation, readOnly, deferrable, mode }: BeginOptions): string[] {
  if (mode !== undefined) throw new UnsupportedError('The transaction option "mode"', 'MySQL', 'Leave it out.')
  if (deferrable === true) throw new UnsupportedError('The transaction option "deferrable"', 'MySQL', 'Leave it out.')
  if (isolation !== undefined && !Object.hasOwn(ISOLATION, isolation))
    throw new UnsupportedError('This isolation level', 'MySQL', `Choose from: ${Object.keys(ISOLATION).join(', ')}.`)
  const start = readOnly === true ? 'start transaction read only' : 'start transaction'
  // without SESSION or GLOBAL, the level is set for the next transaction only
  return isolation === undefined ? [start] : [`set transaction isolation level ${ISOLATION[isolation]}`, start]
}
