/** The page number of a query string; 1 if it is anything else. */
export const pageNumber = (text: unknown): number => (/^[1-9]\d{0,5}$/.test(String(text)) ? Number(text) : 1)
