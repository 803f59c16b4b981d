// The numbers and names of the three attention maps, and which of them are in view.

import { ALL } from "../matrix/matrix.js";
import { sameNames, sides } from "../matrix/sides.js";
import { attendsTo, rowName, shown } from "../wording/names.js";
import { number, percent } from "../wording/numbers.js";

/** @import * as Messages from "../messages/types.d.ts" */
/** @import { Place } from "../drawing/grid.js" */
/** @import { MapName, Pointed } from "../workbench/bus.d.ts" */

const ROUNDING = 1e-5; // a smaller change is none

/** @typedef {(number | null)[]} Numbers of rows or columns in the editors; null: in none */
/** @typedef {Pick<Messages.EditorState, "words" | "rows" | "columns" | "reading" | "steps">} Names */

export class MapData {
  /**
   * @param {Messages.SizedMaps} maps
   * @param {Names} document
   */
  constructor(maps, document) {
    const { labels, baseline, edited } = maps;
    this.document = document;
    this.columnLabels = maps.columns ?? labels;
    const baselineLabels = maps.baseline_labels ?? labels;
    /** Whether baseline and edited have other rows, as two translations do. */
    this.rowsDiffer = !sameNames(baselineLabels, labels);
    const change = this.rowsDiffer
      ? new Float32Array(edited.length)
      : edited.map((value, k) => value - baseline[k]);
    /** @type {Record<MapName, Float32Array>} row by row */
    this.values = { baseline, edited, change };
    /** @type {Record<MapName, string[]>} */
    this.rowLabels = { baseline: baselineLabels, edited: labels, change: labels };
    const names = sides("beacon", document);
    /** @type {Numbers} */
    this.rowNumbers = maps.words ?? numbersOf(labels, names.rows);
    /** @type {Numbers} */
    this.columnNumbers = maps.columns
      ? (maps.column_words ?? numbersOf(maps.columns, names.columns))
      : this.rowNumbers;
    const { rows, columns } = inView(maps, this.columnLabels);
    const baselineRows = this.rowsDiffer ? baselineLabels.map((_, k) => k) : rows;
    /** @type {Record<MapName, number[]>} which rows are in view */
    this.rows = { baseline: baselineRows, edited: rows, change: rows };
    this.columns = columns; // which columns are in view
    /** The largest probability in view; both probability maps share this scale. */
    this.largest = Math.max(this.largestOf("baseline"), this.largestOf("edited")) || 1;
    const largestChange = this.largestOf("change");
    this.largestChange = largestChange < ROUNDING ? 0 : largestChange;
  }

  /** @param {MapName} name */
  largestOf(name) {
    let largest = 0;
    for (const i of this.rows[name]) {
      for (const j of this.columns) {
        largest = Math.max(largest, Math.abs(this.values[name][i * this.columnLabels.length + j]));
      }
    }
    return largest;
  }

  /**
   * The value of a cell in view.
   * @param {MapName} name
   * @param {Place} place in the view
   */
  value(name, { i, j }) {
    return this.values[name][this.rows[name][i] * this.columnLabels.length + this.columns[j]];
  }

  /**
   * A value on its colour scale, 0 … 1; that of changes is symmetric about ½.
   * @param {MapName} name
   * @param {number} value
   */
  tint(name, value) {
    if (name !== "change") return value / this.largest;
    return 0.5 + value / (2 * this.largestChange || 1);
  }

  /** @param {MapName} name */
  rowLabelsInView(name) {
    return this.rows[name].map((k) => this.rowLabels[name][k]);
  }

  columnLabelsInView() {
    return this.columns.map((k) => this.columnLabels[k]);
  }

  /**
   * Whether a map has rows that are in no editor: the editors have those of the edited text.
   * @param {MapName | undefined} name
   */
  hasOwnRows(name) {
    return this.rowsDiffer && name === "baseline";
  }

  /**
   * A cell of a map as the editors know it; null for a label.
   * @param {MapName} name
   * @param {Place | null} at
   * @returns {Pointed | null}
   */
  place(name, at) {
    if (!at || at.i === ALL || at.j === ALL) return null;
    const i = this.hasOwnRows(name) ? null : this.rowNumbers[this.rows.edited[at.i]];
    return { kind: "map", name, i, j: this.columnNumbers[this.columns[at.j]], label: at };
  }

  /**
   * Where a cell of an editor is in the maps; null where it is not in view.
   * @param {Pointed} place
   * @returns {Place | null}
   */
  find({ i, j }) {
    /** @type {(at: number | null, numbers: Numbers, view: number[]) => number} */
    const position = (at, numbers, view) =>
      at === ALL ? ALL : view.findIndex((k) => numbers[k] === at);
    const at = {
      i: position(i, this.rowNumbers, this.rows.edited),
      j: position(j, this.columnNumbers, this.columns),
    };
    const missing = (i !== ALL && at.i < 0) || (j !== ALL && at.j < 0);
    return missing ? null : at;
  }

  /**
   * The names and the values of a cell, of one map or of all.
   * @param {Place} at
   * @param {MapName} [name] which map's rows are meant
   */
  sentence(at, name = "edited") {
    const column = shown(this.columnLabels[this.columns[at.j]]);
    const names = `${this.rowName(name, at.i)} ${attendsTo(this.document)} ${column}`;
    if (this.rowsDiffer) {
      const map = name === "baseline" ? "baseline" : "edited";
      return { names, values: `attention ${percent(this.value(map, at))} (${name})` };
    }
    const [before, after] = [this.value("baseline", at), this.value("edited", at)];
    const change = valueText("change", this.value("change", at));
    return { names, values: `attention ${percent(before)} → ${percent(after)} (${change} points)` };
  }

  /**
   * @param {MapName} name
   * @param {number} i in the view
   */
  rowName(name, i) {
    const k = this.rows[name][i];
    const label = shown(this.rowLabels[name][k]);
    if (!this.document.steps) return label;
    if (this.hasOwnRows(name)) return `step ${k} (${label})`;
    const row = this.rowNumbers[k];
    return row === null ? label : rowName(this.document, row);
  }
}

/**
 * For each label of the maps its number in the editors, where these have the same names.
 * @param {string[]} labels
 * @param {string[]} names
 * @returns {Numbers}
 */
function numbersOf(labels, names) {
  const agree = sameNames(labels, names);
  return labels.map((_, k) => (agree ? k : null));
}

/**
 * The rows and columns in view: all, or those of one text each (a→a, a→b, b→a, b→b).
 * @param {Pick<Messages.SizedMaps, "labels" | "segments" | "pair">} maps
 * @param {string[]} columnLabels
 */
function inView({ labels, segments, pair }, columnLabels) {
  const all = labels.map((_, k) => k);
  if (!pair || !segments) return { rows: all, columns: columnLabels.map((_, k) => k) };
  /** @param {number} text */
  const of = (text) => all.filter((k) => segments[k] === text);
  return { rows: of(pair > 2 ? 1 : 0), columns: of(pair % 2 ? 0 : 1) };
}

/**
 * The number in a cell: whole percent, or points of change with a sign; "" for 0.
 * @param {MapName} name
 * @param {number} value
 */
export function cellText(name, value) {
  const size = Math.round(Math.abs(100 * value));
  if (!size) return "";
  if (name !== "change") return String(size);
  return value < 0 ? `−${size}` : `+${size}`;
}

/**
 * A value in a sentence, with one decimal.
 * @param {MapName} name
 * @param {number} value
 */
export function valueText(name, value) {
  if (name !== "change") return percent(value);
  const size = Math.abs(100 * value).toFixed(1);
  if (size === "0.0") return size;
  return `${value < 0 ? "−" : "+"}${size}`;
}

/**
 * The ends of the scale of changes.
 * @param {number} largestChange
 * @returns {[low: string, high: string]}
 */
export function changeEnds(largestChange) {
  if (!largestChange) return ["", "none"];
  const size = number(100 * largestChange, 2);
  return [`−${size}`, `+${size} points`];
}
