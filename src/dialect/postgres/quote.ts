// Names and texts of any length in SQL. The compiler's own quote() refuses names that the server would cut.

/** A string literal. */
export const quotedText = (value: string) => `'${value.replaceAll("'", "''")}'`
/** A name as it stands in SQL. */
export const sqlName = (name: string) => `"${name.replaceAll('"', '""')}"`
