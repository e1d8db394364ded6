const MARK = '\0'

/** The alias of a table that corm adds to a statement. No table of the user can have the same name. */
export const ownAlias = (text: string): string => `${MARK}${text}`

/** What an alias is called in SQL, where no other table is called so. */
export const aliasText = (alias: string): string => (alias.startsWith(MARK) ? alias.slice(MARK.length) : alias)
