const MARK = '\0'

/** The alias of a table that corm brings into a statement: no table of the user's has it, whatever that is called. */
export const ownAlias = (text: string): string => `${MARK}${text}`

/** What an alias is called in SQL, where no other table is called so. */
export const aliasText = (alias: string): string => (alias.startsWith(MARK) ? alias.slice(MARK.length) : alias)
