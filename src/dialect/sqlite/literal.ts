/** A text as SQLite reads it in a statement. */
export const textLiteral = (value: string): string => `'${value.replaceAll("'", "''")}'`
