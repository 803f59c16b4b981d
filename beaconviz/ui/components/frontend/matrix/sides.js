// The two sides of a document's matrices: the names of their rows and columns.

/** @import * as Messages from "../messages/types.d.ts" */

/** @typedef {"marker" | "beacon"} MatrixKind */
/** @typedef {Pick<Messages.EditorState, "words" | "rows" | "columns" | "reading">} SideNames */

/**
 * @param {MatrixKind} kind
 * @param {SideNames} document
 */
export function sides(kind, { words, rows, columns, reading }) {
  const rowNames = rows ?? words;
  const queryByQuery = kind === "marker" && reading === "product";
  return { rows: rowNames, columns: queryByQuery ? rowNames : (columns ?? words) };
}

/**
 * Whether the columns of M differ from those of A and of the maps. In the product reading the
 * columns of M are queries, as its rows are.
 * @param {Pick<SideNames, "rows" | "columns" | "reading">} document
 */
export const markerHasOtherColumns = ({ reading, rows, columns }) =>
  reading === "product" && Boolean(rows || columns);

/**
 * @param {string[] | undefined} names
 * @param {string[] | undefined} others
 */
export const sameNames = (names, others) =>
  names === others ||
  (names !== undefined &&
    names.length === others?.length &&
    names.every((name, k) => name === others[k]));
