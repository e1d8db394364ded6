/** What the WITH of a view has that its query does not say. https://www.postgresql.org/docs/current/sql-createview.html */
export const VIEW_OPTIONS: readonly string[] = ['security_barrier', 'security_invoker']
