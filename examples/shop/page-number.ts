/** The page number of a query string; 1 for anything that is none. */
export const pageNumber = (text: unknown): number => (/^[1-9]\d{0,5}$/.test(String(text)) ? Number(text) : 1)
