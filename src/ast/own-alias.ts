const MARK = '\0'

/** The alias of a table that corm adds to a statement. No table of the user can have the same name. */
export const ownAlias = (text: string): string => `${MARK}${text}`

/** The alias as written in SQL, if no other table has that name. */
export const aliasText = (alias: string): string => (alias.startsWith(MARK) ? alias.slice(MARK.length) : alias)
