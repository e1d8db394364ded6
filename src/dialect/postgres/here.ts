/** The schema of the connection, as its oid. A cast of current_schema() to regnamespace would fold upper case. */
export const HERE = '(select oid from pg_catalog.pg_namespace where nspname = current_schema())'
