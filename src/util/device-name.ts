const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)$/

/**
 * Whether Windows keeps a name, in lower case and without its extension, for a device.
 * https://learn.microsoft.com/windows/win32/fileio/naming-a-file
 */
export const isDeviceName = (name: string): boolean => DEVICE.test(name)
