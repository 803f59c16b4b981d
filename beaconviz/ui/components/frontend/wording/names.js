// Names of rows and columns, for labels and sentences.

import { ALL } from "../matrix/matrix.js";
import { sides } from "../matrix/sides.js";

/** @import * as Messages from "../messages/types.d.ts" */
/** @import { MatrixKind, SideNames } from "../matrix/sides.js" */

/** @typedef {SideNames & Pick<Messages.EditorState, "steps">} NamedDocument */

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufefc]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is replaced
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

/**
 * A word for a label or a sentence: control characters made visible, the length bounded, and
 * right-to-left text isolated so that it does not reorder the text around it.
 * @param {string} word
 * @param {number} [limit] in characters
 */
export function shown(word, limit = 32) {
  const visible = String(word)
    .slice(0, 4 * limit)
    .replace(UNSEEN, "␣");
  const letters = Array.from(visible);
  const short = letters.length > limit ? `${letters.slice(0, limit - 1).join("")}…` : visible;
  return RIGHT_TO_LEFT.test(short) ? `\u2068${short}\u2069` : short;
}

/**
 * The name of a row in a sentence; steps are counted from 0, as in a design file.
 * @param {NamedDocument} document
 * @param {number} i
 * @param {number} [limit] in characters
 */
export function rowName(document, i, limit = 32) {
  const { steps } = document;
  if (i === ALL) return steps ? "every step" : "every word";
  const name = shown(sides("beacon", document).rows[i], limit);
  return steps ? `step ${i} (${name})` : name;
}

/**
 * @param {MatrixKind} kind
 * @param {NamedDocument} document
 * @param {number} j
 */
export function columnName(kind, document, j) {
  const { rows, columns } = sides(kind, document);
  if (columns === rows) return rowName(document, j);
  const isWritten = document.steps && columns === document.columns;
  if (j === ALL) return isWritten ? "every step" : "every word";
  return shown(columns[j]) + (isWritten ? ` (before step ${j})` : "");
}

/**
 * What stands between a row's and a column's name.
 * @param {Pick<Messages.EditorState, "steps">} document
 */
export const attendsTo = ({ steps }) => (steps ? "attends to" : "→");
