// The values that a brush offers, and what they do.

import { odds, signed } from "./numbers.js";

/** @import * as Messages from "../messages/types.d.ts" */
/** @import { MatrixKind } from "../matrix/sides.js" */

/** @typedef {[value: number, text: string, title: string]} Brush */
/** @typedef {Pick<Messages.EditorState, "reading" | "scale">} Units */

/** @type {Record<Messages.EditorState["reading"], Brush[]>} */
const MARKER_BRUSHES = {
  product: [
    [0, "0", "use none of its scores"],
    [0.5, "½", "use half of its scores"],
    [1, "1", "use its scores"],
  ],
  gate: [
    [0, "0", "set the score to 0"],
    [0.5, "½", "halve the score"],
    [1, "1", "keep the score"],
    [2, "2", "double the score"],
  ],
  mask: [
    [0, "0", "may not attend"],
    [1, "1", "may attend"],
  ],
};

/**
 * @param {MatrixKind} kind
 * @param {Units} document
 * @returns {Brush[]}
 */
export function brushes(kind, { reading, scale }) {
  if (kind === "marker") return MARKER_BRUSHES[reading];
  /** @param {number} factor */
  const forOdds = (factor) => Number((Math.log(factor) / scale).toPrecision(3));
  return [
    [-forOdds(10), "÷10", "a tenth of the odds"],
    [-forOdds(2), "÷2", "half the odds"],
    [forOdds(2), "×2", "twice the odds"],
    [forOdds(10), "×10", "ten times the odds"],
  ];
}

/**
 * The value of the brush when a document is opened.
 * @param {MatrixKind} kind
 * @param {Units} document
 */
export function firstBrush(kind, document) {
  if (kind === "beacon") return brushes(kind, document)[3][0];
  return document.reading === "product" ? 1 : 0;
}

/**
 * The line beside the title of an editor: what its values do.
 * @param {MatrixKind} kind
 * @param {number} brush
 * @param {Units & Pick<Messages.EditorState, "steps" | "head_size">} document
 */
export function explainBrush(kind, brush, document) {
  if (kind === "beacon") return explainBeacon(brush, document);
  const row = document.steps ? "step" : "word";
  return {
    product: `This ${row} uses the attention of the ${row}s in its row of M.`,
    gate: "M multiplies the score: 2 doubles it, 0 sets it to 0 (which does not hide the word).",
    mask: "1: may attend · 0: may not attend",
  }[document.reading];
}

/**
 * @param {number} brush
 * @param {Pick<Messages.EditorState, "scale" | "head_size">} document
 */
function explainBeacon(brush, { scale, head_size: size }) {
  if (!brush) return "A is added to the score";
  return `${signed(brush)} = ${odds(brush, scale)} the odds${size ? ` (d = ${size})` : ""}`;
}
