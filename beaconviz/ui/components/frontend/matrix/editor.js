// A matrix editor: a grid to paint on, a brush, a cursor and a selection.

import { make } from "../drawing/dom.js";
import { Grid } from "../drawing/grid.js";
import { number, signed } from "../wording/numbers.js";
import { sentence } from "../wording/sentence.js";
import { BrushBox } from "./brush_box.js";
import { Keyboard } from "./keyboard.js";
import { ALL, Matrix } from "./matrix.js";
import { drawSelection, hatch } from "./overlay.js";
import { Pointer } from "./pointer.js";
import { sides } from "./sides.js";

/** @import * as Messages from "../messages/types.d.ts" */
/** @import { Place } from "../drawing/grid.js" */
/** @import { Theme } from "../drawing/theme.js" */
/** @import { Bus } from "../workbench/bus.d.ts" */
/** @import { Block } from "./overlay.js" */
/** @import { MatrixKind } from "./sides.js" */

const TITLES = { marker: "Marker M", beacon: "Beacon A" };
const LEAST = 15; // px of a cell in a matrix that has to scroll

/** @type {Messages.EditorState} what an editor holds before Python has sent a document */
const NO_DOCUMENT = {
  generation: 0,
  words: [],
  marker: [],
  beacon: [],
  reading: "product",
  unit: "word",
  scale: 1,
  head_size: null,
  can_undo: false,
  can_redo: false,
  notice: null,
  second: null,
  rows: null,
  columns: null,
  steps: false,
  causal: false,
};

export class Editor {
  /**
   * @param {MatrixKind} kind
   * @param {Bus} bus
   */
  constructor(kind, bus) {
    this.kind = kind;
    this.bus = bus;
    this.document = NO_DOCUMENT;
    this.matrix = new Matrix(kind, "product", 0, 0);
    /** @type {Place} */
    this.cursor = { i: 0, j: 0 };
    /** @type {Place} the corner of the selection across from the cursor */
    this.anchor = { i: 0, j: 0 };
    /** @type {Place} the last row and column */
    this.last = { i: -1, j: -1 };
    this.stroke = 0;
    this.sentVersion = 0; // of the matrix
    this.focused = false;
    /** @type {Theme | null} */
    this.theme = null;
    this.range = 1; // the deviation from neutral that has the strongest colour
    const title = TITLES[kind];
    this.grid = new Grid({ least: LEAST, square: false, onscroll: (grid) => bus.scrolled(grid) });
    this.brush = new BrushBox(kind, title, (text) => bus.complain(text));
    this.keyboard = new Keyboard(this);
    this.pointer = new Pointer(this);
    const { scroller } = this.grid;
    scroller.addEventListener("scroll", () => this.follow());
    scroller.addEventListener("wheel", (event) => this.zoom(event), { passive: false });
    this.panel = make(
      "section",
      { class: `panel ${kind}`, "aria-label": title },
      make("header", {}, make("h3", {}, title), this.brush.note),
      this.brush.element,
      make("div", { class: "surface" }, scroller, this.keyboard.input),
    );
  }

  /**
   * Shows a document. Its cells are taken only when they are newer than the browser's own.
   * @param {Messages.EditorState} document
   * @param {boolean} fresh whether they are
   */
  load(document, fresh) {
    this.document = document;
    const { second, words, reading } = document;
    const { rows, columns } = sides(this.kind, document);
    this.resize(rows.length, columns.length, fresh);
    const { grid } = this;
    const mixesRows = this.kind === "marker" && reading === "product";
    grid.options.corner = mixesRows ? ["row uses", "column's row"] : ["row attends", "to column"];
    grid.options.oblong = rows.length !== columns.length;
    grid.setLabels(rows, columns);
    grid.second = { i: rows === words ? second : null, j: columns === words ? second : null };
    this.brush.load(document);
  }

  /**
   * Takes the cells of the document, or keeps those that are there in another size.
   * @param {number} rows
   * @param {number} columns
   * @param {boolean} fresh
   */
  resize(rows, columns, fresh) {
    this.last = { i: rows - 1, j: columns - 1 };
    const { document, cursor, pointer } = this;
    this.cursor = this.bounded(cursor);
    this.anchor = this.bounded(this.anchor);
    if (pointer.held) pointer.held.place = this.bounded(pointer.held.place);
    if (fresh) {
      const open = { rows: document.steps, columns: document.steps && document.columns !== null };
      const cells = document[this.kind];
      this.matrix = new Matrix(this.kind, document.reading, rows, columns, cells, open);
    } else if (rows !== this.matrix.rows || columns !== this.matrix.columns) {
      this.matrix.resize(rows, columns);
    }
    const moved = this.cursor.i !== cursor.i || this.cursor.j !== cursor.j;
    if (fresh || moved) this.keyboard.stopTyping(); // it would be written to another cell
  }

  /** @param {Place} place */
  bounded({ i, j }) {
    return { i: Math.min(i, this.last.i), j: Math.min(j, this.last.j) };
  }

  // ── drawing ────────────────────────────────────────────────────────────────────────

  /** @param {Theme} theme */
  show(theme) {
    const { grid, matrix, document } = this;
    this.theme = theme;
    this.range = this.largestDeviation();
    const scale = theme.change;
    /** @type {(i: number, j: number) => number} */
    const tint = (i, j) => this.tint(this.deviation(i, j));
    grid.show({
      theme,
      color: (k) => scale.pixel(tint(Math.floor(k / matrix.columns), k % matrix.columns)),
      text: (i, j) => this.cellText(i, j),
      ink: (i, j) => (this.deviation(i, j) === 0 ? theme.muted : scale.ink(tint(i, j))),
      bold: (i, j) => matrix.entries.has(matrix.key(i, j)),
      filledLines: () => matrix.filledLines(),
      over: (context) => {
        hatch(context, grid, matrix, document, theme);
        if (this.focused) drawSelection(context, grid, matrix, this.block(), theme);
      },
    });
    this.follow();
  }

  /**
   * The number in a cell; neutral cells are empty, but for the diagonal of an identity.
   * @param {number} i
   * @param {number} j
   */
  cellText(i, j) {
    const { matrix, kind } = this;
    const value = matrix.dense[i * matrix.columns + j];
    const onDiagonal = matrix.neutralIsIdentity && i === j;
    if (value === matrix.neutral(i, j) && !onDiagonal) return "";
    return kind === "beacon" ? signed(Number(value.toPrecision(2))) : number(value, 2);
  }

  /**
   * @param {number} i
   * @param {number} j
   */
  deviation(i, j) {
    return this.matrix.dense[i * this.matrix.columns + j] - this.matrix.neutral(i, j);
  }

  /**
   * A deviation from neutral on the colour scale; its root lets small ones be seen beside large.
   * @param {number} deviation
   */
  tint(deviation) {
    return 0.5 + 0.5 * Math.sign(deviation) * Math.sqrt(Math.abs(deviation) / this.range);
  }

  largestDeviation() {
    const { matrix } = this;
    let largest = this.kind === "beacon" ? Math.log(10) / this.document.scale : 1;
    matrix.dense.forEach((value, k) => {
      const neutral = matrix.neutral(Math.floor(k / matrix.columns), k % matrix.columns);
      largest = Math.max(largest, Math.abs(value - neutral));
    });
    return largest;
  }

  redraw() {
    this.range = this.largestDeviation();
    this.grid.redraw();
    this.follow();
  }

  /** Takes the keyboard's input to the cursor. */
  follow() {
    const { i, j } = this.cursor;
    const label = `${TITLES[this.kind]}, ${sentence(this.matrix, i, j, this.document)}`;
    this.keyboard.follow(this.grid.box(i, j), this.grid, label);
  }

  /** @param {WheelEvent} event */
  zoom(event) {
    if (this.grid.zoomAt(event)) this.follow();
  }

  // ── the selection ──────────────────────────────────────────────────────────────────

  /** @returns {Block} */
  block() {
    const { cursor, anchor } = this;
    return {
      top: Math.min(cursor.i, anchor.i),
      low: Math.max(cursor.i, anchor.i),
      left: Math.min(cursor.j, anchor.j),
      high: Math.max(cursor.j, anchor.j),
    };
  }

  /** @returns {Place[]} */
  selectedPlaces() {
    const { top, low, left, high } = this.block();
    const places = [];
    for (let i = top; i <= low; i++) for (let j = left; j <= high; j++) places.push({ i, j });
    return places;
  }

  /**
   * Moves the cursor; labels (-1) are never part of a selection of several cells.
   * @param {number} i
   * @param {number} j
   * @param {boolean} [extend] the selection up to there
   */
  go(i, j, extend = false) {
    const first = extend ? 0 : ALL;
    /** @type {(at: number, last: number) => number} */
    const bound = (at, last) => Math.max(first, Math.min(last, at));
    this.cursor = { i: bound(i, this.last.i), j: bound(j, this.last.j) };
    if (!extend) this.anchor = this.cursor;
    this.anchor = { i: Math.max(this.anchor.i, first), j: Math.max(this.anchor.j, first) };
    this.grid.reveal(this.cursor.i, this.cursor.j);
    this.grid.draw();
    this.follow();
    this.bus.hover({ kind: this.kind, ...this.cursor });
  }

  // ── changes ────────────────────────────────────────────────────────────────────────

  /**
   * One stroke: everything that `write` does is one step of undo.
   * @param {() => void} write
   */
  change(write) {
    this.beginStroke();
    write();
    this.sendStroke();
  }

  beginStroke() {
    this.stroke = Math.max(Date.now(), this.stroke + 1);
    this.sentVersion = this.matrix.version;
  }

  sendStroke() {
    this.redraw();
    if (this.sentVersion === this.matrix.version) return;
    this.sentVersion = this.matrix.version;
    this.bus.change(this.stroke);
  }

  /** @param {number} value */
  fill(value) {
    this.change(() => {
      for (const { i, j } of this.selectedPlaces()) this.matrix.put(i, j, value);
    });
    this.bus.hover({ kind: this.kind, ...this.cursor });
  }

  erase() {
    this.change(() => {
      for (const { i, j } of this.selectedPlaces()) this.matrix.clear(i, j);
    });
    this.bus.hover({ kind: this.kind, ...this.cursor });
  }
}
