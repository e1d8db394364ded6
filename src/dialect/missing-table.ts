/** What to do where the server says that a table does not exist. */
export const CREATE_TABLE = 'If it is the table of a model, create it: run "corm migrate up", or db.createTables().'
