/** The folder of the repository, with a slash at its end. */
export const root: string
/** Bundles the package into a folder: a file for each entry, and the parts that several share. */
export function bundle(folder: string): Promise<void>
