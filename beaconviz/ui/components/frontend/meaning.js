// What values mean, in words; which values a brush offers; which numbers are accepted.

import { ALL } from "./matrix.js";
import { sides } from "./sides.js";

const LIMIT = 1e4;
const RTL = /[\u0590-\u08ff\ufb1d-\ufefc]/;

// A word for a label or a sentence: control characters made visible, length bounded, and
// right-to-left text kept from turning the words around it.
export function shown(word, limit = 32) {
  const visible = String(word).slice(0, 4 * limit).replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, "␣");
  const letters = Array.from(visible);
  const short = letters.length > limit ? letters.slice(0, limit - 1).join("") + "…" : visible;
  return RTL.test(short) ? `\u2068${short}\u2069` : short;
}

export function number(value, digits = 3) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  const text = size >= 1e4 || size < 1e-3 ? size.toExponential(1) : String(Number(size.toPrecision(digits)));
  return (value < 0 ? "−" : "") + text;
}

export const signed = (value) => (value > 0 ? "+" : "") + number(value);

export const percent = (value) => `${(100 * value).toFixed(1)} %`;

export function odds(value, scale) {
  const factor = Math.exp(Math.abs(value) * scale);
  const size = Number.isFinite(factor) && factor < 1e5 ? number(factor, 2) : "more than 10⁵";
  return (value < 0 ? "÷" : "×") + size;
}

// The brushes of a matrix: [value, label, title].
export function brushes(kind, { reading, scale }) {
  if (kind === "beacon") {
    const boost = (factor) => Number((Math.log(factor) / scale).toPrecision(3));
    return [
      [-boost(10), "÷10", "a tenth of the odds"],
      [-boost(2), "÷2", "half the odds"],
      [boost(2), "×2", "twice the odds"],
      [boost(10), "×10", "ten times the odds"],
    ];
  }
  if (reading === "mask") return [[0, "0", "may not look"], [1, "1", "may look"]];
  const marks = [[0, "0", "nothing"], [0.5, "½", "half"], [1, "1", "all"]];
  return reading === "gate" ? [...marks, [2, "2", "twice"]] : marks;
}

export function firstBrush(kind, document) {
  if (kind === "beacon") return brushes(kind, document).at(-1)[0];
  return document.reading === "product" ? 1 : 0;
}

// One line under the title of an editor.
export function explain(kind, brush, { reading, scale, head_size: size }) {
  if (kind === "beacon") {
    if (!brush) return "added to each score";
    return `${signed(brush)} = ${odds(brush, scale)} the odds${size ? ` (d = ${size})` : ""}`;
  }
  return {
    product: "a row attends the way its columns do",
    gate: "scales the pull of column on row",
    mask: "1: may look · 0: may not",
  }[reading];
}

// What a row is called in a sentence; steps are counted from 0, as in a design file.
export function rowName(document, i, limit = 32) {
  const { steps } = document;
  if (i === ALL) return steps ? "every step" : "every word";
  const name = shown(sides("beacon", document).rows[i], limit);
  return steps ? `step ${i} (${name})` : name;
}

function columnName(kind, document, j) {
  const { rows, columns } = sides(kind, document);
  if (columns === rows) return rowName(document, j);
  const written = document.steps && columns === document.columns;
  if (j === ALL) return written ? "every step" : "every word";
  return shown(columns[j]) + (written ? ` (before step ${j})` : "");
}

// How a sentence says that a row attends to a column.
export const looks = ({ steps }) => (steps ? "looks at" : "→");

// "was → Apple: A = +5.7 adds 1.0 to the logit, odds ×2.7". Given the marker, a beacon's
// sentence also says what the marker makes of it.
export function sentence(matrix, i, j, document, marker = null) {
  const from = rowName(document, i);
  const to = columnName(matrix.kind, document, j);
  if (!matrix.offers(i, j)) return refusal(from, to, i, j);
  const value = matrix.value(i, j);
  const both = `${from} ${looks(document)} ${to}`;
  if (value === null) return `${both}: fill with the brush`;
  const passed = value && matrix.kind === "beacon" && marker ? passedOn(marker, i, j, document) : "";
  const text = matrix.kind === "beacon"
    ? beaconSentence(both, value, document.scale) + passed
    : markerSentence(from, to, value, i, j, document.reading) + flatRow(matrix, i);
  return hidden(matrix, document) && i !== ALL && j > i && !passed ? text + AHEAD : text;
}

const AHEAD = " — without effect: this model looks back only";

// Whether the cells above a matrix's diagonal are pairs that the model never looks at. M's are other
// pairs in the product reading: a row may attend the way of a later one.
export const hidden = ({ identity }, { causal }) => Boolean(causal && !identity);

// Why a cell of steps cannot be written.
function refusal(from, to, i, j) {
  if (i === ALL || j === ALL) return "Steps attend the way of earlier ones: mark their cells one by one, not whole rows or columns";
  return `${from} cannot attend the way of ${to}, which is not written yet`;
}

function beaconSentence(both, value, scale) {
  if (value === 0) return `${both}: A = 0, nothing added`;
  const verb = value > 0 ? "adds" : "takes";
  const logit = number(Math.abs(value) * scale, 2);
  const way = value > 0 ? "to" : "from";
  return `${both}: A = ${signed(value)} ${verb} ${logit} ${way} the logit, odds ${odds(value, scale)}`;
}

// What the marker makes of a beacon at (i, j): S + A is mixed, scaled or hidden by M.
function passedOn(marker, i, j, document) {
  const { reading } = document;
  if (i === ALL || j === ALL) return "";
  const at = marker.value(i, j);
  if (reading === "gate") return at === 1 ? "" : ` — M scales it ×${number(at)}`;
  if (reading === "mask") return at ? "" : " — but M hides it";
  const rows = Array.from({ length: marker.rows }, (_, k) => k).filter((k) => marker.value(k, i) !== 0);
  if (!rows.length) return ` — but no row of M takes the scores of ${rowName(document, i)}`;
  if (rows.length === 1 && rows[0] === i) return "";
  const names = rows.slice(0, 3).map((k) => rowName(document, k, 16)).join(", ");
  return ` — felt by ${names}${rows.length > 3 ? " …" : ""}, through M`;
}

function markerSentence(from, to, value, i, j, reading) {
  if (reading === "mask") return `${from} ${value ? "may" : "may not"} look at ${to}`;
  if (reading === "gate") {
    return `pull from ${from} to ${to} ${value === 1 ? "unchanged (×1)" : `×${number(value)}`}`;
  }
  if (i === j && i !== ALL) {
    return value === 1 ? `${from} attends its own way (×1)` : `${from} keeps ×${number(value)} of its own way`;
  }
  if (value === 0) return `${from} takes nothing from ${to} (×0)`;
  return `${from} attends the way ${to} does (×${number(value)})`;
}

function flatRow(matrix, i) {
  if (i === ALL) return "";
  const row = matrix.dense.subarray(i * matrix.columns, (i + 1) * matrix.columns);
  if (row.some((value) => value !== 0)) return "";
  return matrix.reading === "mask"
    ? " — its row is all 0, so it is left as it was"
    : " — its row is all 0, so it looks everywhere alike";
}

// The number that was typed or pasted. Throws an Error that says how to mend it.
// In a beacon, "×10" or "÷2" mean the odds.
export function parse(text, kind, { reading, scale }) {
  const typed = text.trim().replace(/−/g, "-").replace(/^([^,]*),([^,]*)$/, "$1.$2");
  const factor = kind === "beacon" && typed.match(/^([×x*÷/])\s*(.+)$/i);
  let value = Number(factor ? factor[2] : typed);
  if (typed === "" || Number.isNaN(value)) {
    throw new Error(`“${shown(text.trim(), 20)}” is not a number: type one such as 1, -2.5 or 1e3`);
  }
  if (factor) value = (/[÷/]/.test(factor[1]) ? -1 : 1) * Math.log(value) / scale;
  if (Number.isNaN(value)) throw new Error("odds are more than 0: type ×2 or ÷2");
  if (!Number.isFinite(value) || Math.abs(value) > LIMIT) {
    throw new Error(`${number(value)} is out of range: use −10000 to 10000`);
  }
  if (kind === "marker" && reading === "mask" && value !== 0 && value !== 1) {
    throw new Error(`${number(value)} is not a mask value: use 0 (may not look) or 1 (may look)`);
  }
  return value;
}

// A block of values from a spreadsheet: rows of numbers, null for an empty cell.
export function parseBlock(text, kind, document) {
  const lines = text.replace(/\r\n?/g, "\n").replace(/\n$/, "").split("\n");
  return lines.map((line) =>
    line.split("\t").map((cell) => (cell.trim() === "" ? null : parse(cell, kind, document))),
  );
}
