// A sparse matrix over words or steps: the cells that differ from neutral, in the order they were
// written. A row or column of -1 is "*", all of them, and later cells win. Cells outside the rows
// and columns that are shown are kept: a longer translation may have these steps.

/** @import * as Messages from "../messages/types.d.ts" */
/** @import { MatrixKind } from "./sides.js" */

export const ALL = -1;
const STRIDE = 2 ** 20; // more than any row or column, shown or not

/**
 * The sides that go on beyond what is shown, as the steps of a model that writes do.
 * @typedef {{rows?: boolean, columns?: boolean}} OpenSides
 */

export class Matrix {
  /**
   * @param {MatrixKind} kind
   * @param {Messages.EditorState["reading"]} reading
   * @param {number} rows
   * @param {number} columns
   * @param {Messages.Cell[]} [cells]
   * @param {OpenSides} [open]
   */
  constructor(kind, reading, rows, columns, cells = [], open = {}) {
    this.kind = kind;
    this.reading = reading;
    this.rows = rows;
    this.columns = columns;
    this.open = open;
    this.neutralIsIdentity = kind === "marker" && reading === "product";
    /** The value of each shown cell, row by row. */
    this.dense = new Float64Array(rows * columns);
    this.version = 0; // grows with every change
    /** @type {Map<number, [row: number, column: number, value: number]>} */
    this.entries = new Map();
    this.load(cells);
  }

  /**
   * Shows more or fewer rows and columns of the same cells.
   * @param {number} rows
   * @param {number} columns
   */
  resize(rows, columns) {
    this.rows = rows;
    this.columns = columns;
    this.dense = new Float64Array(rows * columns);
    this.rebuild();
  }

  /**
   * Whether a cell may be edited: a step can use the scores of itself or of an earlier step only.
   * @param {number} i
   * @param {number} j
   */
  accepts(i, j) {
    return !(this.neutralIsIdentity && this.open.rows) || (i !== ALL && j !== ALL && j <= i);
  }

  /** @param {Messages.Cell[]} cells */
  load(cells) {
    this.entries = new Map();
    for (const [row, column, value] of cells) {
      this.write(row === "*" ? ALL : row, column === "*" ? ALL : column, value);
    }
    this.rebuild();
  }

  /** @returns {Messages.Cell[]} */
  cells() {
    /** @param {number} at */
    const name = (at) => (at === ALL ? "*" : at);
    return Array.from(this.entries.values(), ([i, j, value]) => [name(i), name(j), value]);
  }

  /**
   * @param {number} i
   * @param {number} j
   */
  neutral(i, j) {
    if (this.kind === "beacon") return 0;
    return this.neutralIsIdentity ? Number(i === j) : 1;
  }

  /**
   * The value of a cell; for a whole row or column the value that it was filled with, or null.
   * @param {number} i
   * @param {number} j
   */
  value(i, j) {
    if (i !== ALL && j !== ALL) return this.dense[i * this.columns + j];
    return this.entries.get(this.key(i, j))?.[2] ?? null;
  }

  /** The rows and columns that are filled, as a text to compare. */
  filledLines() {
    const filled = Array.from(this.entries.values()).filter(([i, j]) => i === ALL || j === ALL);
    return filled
      .map(([i, j]) => `${i} ${j}`)
      .sort()
      .join();
  }

  /**
   * Writes a value to a cell, a whole row (j = -1), a whole column (i = -1), or everywhere.
   * @param {number} i
   * @param {number} j
   * @param {number} value
   */
  put(i, j, value) {
    if (!this.accepts(i, j)) return;
    if (i !== ALL && j !== ALL) {
      if (this.value(i, j) === value) return;
      this.version++;
      this.entries.delete(this.key(i, j));
      if (value !== this.neutral(i, j) || this.isCovered(i, j)) this.write(i, j, value);
      this.dense[i * this.columns + j] = value;
      return;
    }
    this.drop(i, j);
    const differs = this.neutralIsIdentity || value !== this.neutral(0, 1);
    if (differs || this.isCovered(i, j)) this.write(i, j, value);
    this.rebuild();
  }

  /**
   * Makes a cell, a row, a column or everything neutral.
   * @param {number} i
   * @param {number} j
   */
  clear(i, j) {
    if (!this.accepts(i, j)) return;
    if (i !== ALL && j !== ALL) {
      this.put(i, j, this.neutral(i, j));
      return;
    }
    this.drop(i, j);
    if (this.isCovered(i, j)) {
      const { rows, columns } = this.open; // their length is not known: all of them stay "*"
      for (const [row, column] of this.placesIn(i, j, !rows, !columns)) {
        this.write(row, column, this.neutral(row, column));
      }
    }
    this.rebuild();
  }

  /**
   * @param {number} i
   * @param {number} j
   */
  key(i, j) {
    return (i + 1) * STRIDE + j + 1;
  }

  /**
   * @param {number} i
   * @param {number} j
   * @param {number} value
   */
  write(i, j, value) {
    const key = this.key(i, j);
    this.entries.delete(key); // so that it becomes the last
    this.entries.set(key, [i, j, value]);
  }

  /**
   * Whether a filled row or column reaches the place; for a place that is itself a row or column,
   * one that is left when the cells inside it are dropped.
   * @param {number} i
   * @param {number} j
   */
  isCovered(i, j) {
    if (i !== ALL && j !== ALL) {
      const lines = [this.key(ALL, ALL), this.key(i, ALL), this.key(ALL, j)];
      return lines.some((key) => this.entries.has(key));
    }
    return Array.from(this.entries.values()).some(([row, column]) => {
      const filled = row === ALL || column === ALL;
      return filled && overlaps(row, i) && overlaps(column, j);
    });
  }

  /**
   * Forgets the cells inside a whole row or column.
   * @param {number} i
   * @param {number} j
   */
  drop(i, j) {
    for (const [key, [row, column]] of this.entries) {
      if (isWithin(row, i) && isWithin(column, j)) this.entries.delete(key);
    }
  }

  /**
   * The shown cells of a place; a side that is not spread stays "*".
   * @param {number} i
   * @param {number} j
   * @returns {Generator<[row: number, column: number]>}
   */
  *placesIn(i, j, spreadRows = true, spreadColumns = true) {
    /** @type {(at: number, count: number, spread: boolean) => number[]} */
    const range = (at, count, spread) =>
      at === ALL && spread ? Array.from({ length: count }, (_, k) => k) : [at];
    for (const row of range(i, this.rows, spreadRows)) {
      for (const column of range(j, this.columns, spreadColumns)) yield [row, column];
    }
  }

  rebuild() {
    const { dense, rows, columns } = this;
    this.version++;
    dense.fill(this.neutral(0, 1));
    if (this.neutralIsIdentity) for (let i = 0; i < rows; i++) dense[i * columns + i] = 1;
    for (const [i, j, value] of this.entries.values()) {
      if (i >= rows || j >= columns) continue;
      if (i !== ALL && j !== ALL) dense[i * columns + j] = value;
      else for (const [row, column] of this.placesIn(i, j)) dense[row * columns + column] = value;
    }
  }
}

/**
 * @param {number} place
 * @param {number} line a number, or ALL
 */
const isWithin = (place, line) => line === ALL || place === line;

/**
 * @param {number} place
 * @param {number} other
 */
const overlaps = (place, other) => place === ALL || isWithin(place, other);
