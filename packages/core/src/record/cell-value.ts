/**
 * What a cell of a column can hold. `json` cells may hold any JSON value, and bigints in it.
 * Which of these a column holds is a matter of its type (`schema/data-type.ts`).
 */
export type CellValue = string | number | bigint | boolean | Uint8Array | object | null
