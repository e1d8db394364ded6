import type { Statement } from './driver.js'

/** Milliseconds in which a connection that had died while it was idle shows it. One that dies later may have done the work. */
export const AT_ONCE = 100

/** Whether a statement of corm's only reads: it may be sent again when its connection turns out to be dead. */
export const onlyReads = ({ intent, hasRawSql }: Statement): boolean => intent === 'read' && !hasRawSql
