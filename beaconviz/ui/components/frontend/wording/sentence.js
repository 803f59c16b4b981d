// What a cell of M or A does, as a sentence.

import { ALL } from "../matrix/matrix.js";
import { attendsTo, columnName, rowName } from "./names.js";
import { number, odds, signed } from "./numbers.js";

/** @import * as Messages from "../messages/types.d.ts" */
/** @import { Matrix } from "../matrix/matrix.js" */

const SINGLE_CELLS = "edit single cells, not whole rows or columns";
const NO_EFFECT = " — no effect: this model does not attend to later positions";

/**
 * "was → Apple: A = +5.7 adds 1.0 to the logit, odds ×2.7". With the marker given, a beacon's
 * sentence also says what M does to this cell of A.
 * @param {Matrix} matrix
 * @param {number} i
 * @param {number} j
 * @param {Messages.EditorState} document
 * @param {Matrix | null} [marker]
 */
export function sentence(matrix, i, j, document, marker = null) {
  const row = rowName(document, i);
  const column = columnName(matrix.kind, document, j);
  if (!matrix.accepts(i, j)) return refusal(row, column, i, j);
  const value = matrix.value(i, j);
  const pair = `${row} ${attendsTo(document)} ${column}`;
  if (value === null) return `${pair}: click to fill it with the brush`;
  if (matrix.kind === "marker") {
    const text = markerSentence(row, column, pair, value, i, j, document.reading);
    return text + zeroRow(matrix, i) + noEffect(matrix, i, j, document);
  }
  const text = beaconSentence(pair, value, document.scale);
  const effect = value && marker ? effectOfMarker(marker, i, j, document) : "";
  return text + (effect || noEffect(matrix, i, j, document));
}

/**
 * Whether the model never attends to the pairs above the matrix's diagonal. In the product reading
 * M has other pairs: a row may use the scores of a later one.
 * @param {Pick<Matrix, "neutralIsIdentity">} matrix
 * @param {Pick<Messages.EditorState, "causal">} document
 */
export const hidesLaterColumns = ({ neutralIsIdentity }, { causal }) =>
  Boolean(causal && !neutralIsIdentity);

/**
 * @param {Matrix} matrix
 * @param {number} i
 * @param {number} j
 * @param {Messages.EditorState} document
 */
function noEffect(matrix, i, j, document) {
  return hidesLaterColumns(matrix, document) && i !== ALL && j > i ? NO_EFFECT : "";
}

/**
 * Why a cell of M between steps cannot be edited.
 * @param {string} row
 * @param {string} column
 * @param {number} i
 * @param {number} j
 */
function refusal(row, column, i, j) {
  if (i === ALL || j === ALL) {
    return `A step can use only its own scores and those of earlier steps: ${SINGLE_CELLS}`;
  }
  return `${row} cannot use the scores of ${column}: they do not exist yet`;
}

/**
 * @param {string} pair
 * @param {number} value
 * @param {number} scale
 */
function beaconSentence(pair, value, scale) {
  if (value === 0) return `${pair}: A = 0, nothing added`;
  const logit = number(Math.abs(value) * scale, 2);
  const change = value > 0 ? `adds ${logit} to` : `takes ${logit} from`;
  return `${pair}: A = ${signed(value)} ${change} the logit, odds ${odds(value, scale)}`;
}

/**
 * What M does to the beacon at (i, j): it mixes, multiplies or hides S + A.
 * @param {Matrix} marker
 * @param {number} i
 * @param {number} j
 * @param {Messages.EditorState} document
 */
function effectOfMarker(marker, i, j, document) {
  if (i === ALL || j === ALL) return "";
  if (document.reading === "product") return usersOfRow(marker, i, document);
  const value = /** @type {number} */ (marker.value(i, j));
  if (document.reading === "mask") return value ? "" : " — but M hides this pair";
  return value === 1 ? "" : ` — M multiplies it by ${number(value)}`;
}

/**
 * The rows that use the scores of row i, where these are not row i alone.
 * @param {Matrix} marker
 * @param {number} i
 * @param {Messages.EditorState} document
 */
function usersOfRow(marker, i, document) {
  const rows = Array.from({ length: marker.rows }, (_, k) => k).filter(
    (k) => marker.value(k, i) !== 0,
  );
  if (!rows.length) return ` — but no row of M uses the scores of ${rowName(document, i)}`;
  if (rows.length === 1 && rows[0] === i) return "";
  const names = rows.slice(0, 3).map((k) => rowName(document, k, 16));
  return ` — used by ${names.join(", ")}${rows.length > 3 ? " …" : ""} through M`;
}

/**
 * @param {string} row
 * @param {string} column
 * @param {string} pair
 * @param {number} value
 * @param {number} i
 * @param {number} j
 * @param {Messages.EditorState["reading"]} reading
 */
function markerSentence(row, column, pair, value, i, j, reading) {
  if (reading === "mask") return `${row} ${value ? "may" : "may not"} attend to ${column}`;
  if (reading === "gate") {
    return `${pair}: ${value === 1 ? "score unchanged (×1)" : `score ×${number(value)}`}`;
  }
  if (i === j && i !== ALL) return `${row} uses its own scores (×${number(value)})`;
  if (value === 0) return `${row} does not use the scores of ${column} (×0)`;
  return `${row} uses the scores of ${column} (×${number(value)})`;
}

/**
 * What a row of zeros does.
 * @param {Matrix} matrix
 * @param {number} i
 */
function zeroRow(matrix, i) {
  if (i === ALL) return "";
  const row = matrix.dense.subarray(i * matrix.columns, (i + 1) * matrix.columns);
  if (row.some((value) => value !== 0)) return "";
  return matrix.reading === "mask"
    ? " — its row of M is all 0: the row is not edited"
    : " — its row of M is all 0: its attention is spread evenly";
}
