/**
 * Source files without a test of their own beside them, each with the reason. A name that ends
 * with a slash is a whole folder.
 *
 * @type {Readonly<Record<string, string>>}
 */
export const UNTESTED = {}
