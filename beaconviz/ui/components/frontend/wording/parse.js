// The values that a person types or pastes.

import { shown } from "./names.js";

/** @import { MatrixKind } from "../matrix/sides.js" */
/** @import { Units } from "./brushes.js" */

const LIMIT = 1e4;

/**
 * A value as it was typed. For a beacon, "×10" and "÷2" are factors of the odds.
 * @param {string} text
 * @param {MatrixKind} kind
 * @param {Units} document
 * @throws {Error} that says what was expected and how to mend it
 */
export function parse(text, kind, { reading, scale }) {
  const typed = text
    .trim()
    .replace(/−/g, "-")
    .replace(/^([^,]*),([^,]*)$/, "$1.$2");
  const value = kind === "beacon" ? beaconValue(typed, scale) : Number(typed);
  const given = `“${shown(text.trim(), 20)}”`;
  if (typed === "" || Number.isNaN(value)) {
    throw new Error(`${given} is not a number: type one such as 1, -2.5 or 1e3`);
  }
  if (!Number.isFinite(value) || Math.abs(value) > LIMIT) {
    throw new Error(`${given} is out of range: use values from −10000 to 10000`);
  }
  if (kind === "marker" && reading === "mask" && value !== 0 && value !== 1) {
    throw new Error(`${given} is not a mask value: use 0 (may not attend) or 1 (may attend)`);
  }
  return value;
}

/**
 * @param {string} typed
 * @param {number} scale
 */
function beaconValue(typed, scale) {
  const factor = typed.match(/^([×x*÷/])\s*(.+)$/i);
  if (!factor) return Number(typed);
  const size = Number(factor[2]);
  if (size <= 0) throw new Error("odds are more than 0: type ×2 or ÷2");
  return ((/[÷/]/.test(factor[1]) ? -1 : 1) * Math.log(size)) / scale;
}

/**
 * A block of values from a spreadsheet: rows of numbers, null for an empty cell.
 * @param {string} text
 * @param {MatrixKind} kind
 * @param {Units} document
 */
export function parseBlock(text, kind, document) {
  const lines = text.replace(/\r\n?/g, "\n").replace(/\n$/, "").split("\n");
  return lines.map((line) =>
    line.split("\t").map((cell) => (cell.trim() === "" ? null : parse(cell, kind, document))),
  );
}
