import {
  ForeignKeyViolationError,
  NotFoundError,
  PoolTimeoutError,
  StaleModelError,
  UniqueViolationError,
  ValidationError,
} from 'corm'

/** The response to an error that the client can do something about; null for all others. */
export function httpError(error: unknown): { status: 404 | 409 | 422 | 503; body: object } | null {
  if (error instanceof ValidationError) return { status: 422, body: { error: 'invalid', issues: error.issues } }
  if (error instanceof NotFoundError) return { status: 404, body: { error: 'not found' } }
  if (error instanceof UniqueViolationError) return { status: 409, body: { error: 'taken', fields: error.fields } }
  if (error instanceof ForeignKeyViolationError) return { status: 409, body: { error: 'related row' } }
  if (error instanceof StaleModelError) return { status: 409, body: { error: 'changed meanwhile' } }
  if (error instanceof PoolTimeoutError) return { status: 503, body: { error: 'busy' } }
  return null
}
