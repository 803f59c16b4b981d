// A sparse matrix over words or steps: the cells that differ from neutral, in the order they were
// written. A row or column of -1 is "*", all of them, and later cells win. Cells outside the rows
// and columns that are shown are kept: they speak of steps that this translation does not reach.

export const ALL = -1;
const STRIDE = 2 ** 20; // more than any row or column, shown or not

export class Matrix {
  // open: {rows, columns}, the sides that go on beyond what is shown, as steps do.
  constructor(kind, reading, rows, columns, cells = [], open = {}) {
    Object.assign(this, { kind, reading, rows, columns, open });
    this.identity = kind === "marker" && reading === "product";
    this.dense = new Float64Array(rows * columns);
    this.version = 0; // grows with every change
    this.load(cells);
  }

  // Show more or fewer rows and columns of the same cells.
  resize(rows, columns) {
    Object.assign(this, { rows, columns, dense: new Float64Array(rows * columns) });
    this.rebuild();
  }

  // Whether a cell may be written: a step attends the way of itself or of an earlier step.
  offers(i, j) {
    return !(this.identity && this.open.rows) || (i !== ALL && j !== ALL && j <= i);
  }

  load(cells) {
    this.entries = new Map();
    for (const [row, column, value] of cells) {
      const i = row === "*" ? ALL : row;
      const j = column === "*" ? ALL : column;
      this.write(i, j, value);
    }
    this.rebuild();
  }

  cells() {
    const name = (at) => (at === ALL ? "*" : at);
    return Array.from(this.entries.values(), ([i, j, value]) => [name(i), name(j), value]);
  }

  neutral(i, j) {
    if (this.kind === "beacon") return 0;
    return this.identity ? Number(i === j) : 1;
  }

  // The value of a cell; of a star, the value it was filled with, or null.
  value(i, j) {
    if (i !== ALL && j !== ALL) return this.dense[i * this.columns + j];
    return this.entries.get(this.key(i, j))?.[2] ?? null;
  }

  // The rows and columns that are filled, as one text.
  starred() {
    const places = Array.from(this.entries.values()).filter(([i, j]) => i === ALL || j === ALL);
    return places.map(([i, j]) => `${i} ${j}`).sort().join();
  }

  // Write a value to a cell, a whole row (j = -1), a whole column (i = -1), or everywhere.
  put(i, j, value) {
    if (!this.offers(i, j)) return;
    if (i !== ALL && j !== ALL) {
      if (this.value(i, j) === value) return;
      this.version++;
      this.entries.delete(this.key(i, j));
      if (value !== this.neutral(i, j) || this.covered(i, j)) this.write(i, j, value);
      this.dense[i * this.columns + j] = value;
      return;
    }
    this.drop(i, j);
    if (this.identity || value !== this.neutral(0, 1) || this.covered(i, j)) this.write(i, j, value);
    this.rebuild();
  }

  // Back to neutral.
  clear(i, j) {
    if (!this.offers(i, j)) return;
    if (i !== ALL && j !== ALL) return this.put(i, j, this.neutral(i, j));
    this.drop(i, j);
    if (this.covered(i, j)) {
      const { rows, columns } = this.open; // which nobody can count: all of them stay "*"
      for (const [row, column] of this.under(i, j, !rows, !columns)) {
        this.write(row, column, this.neutral(row, column));
      }
    }
    this.rebuild();
  }

  key(i, j) {
    return (i + 1) * STRIDE + j + 1;
  }

  write(i, j, value) {
    const key = this.key(i, j);
    this.entries.delete(key); // so that it becomes the last
    this.entries.set(key, [i, j, value]);
  }

  // Whether a star reaches the place from outside it.
  covered(i, j) {
    if (i !== ALL && j !== ALL) {
      const stars = [[ALL, ALL], [i, ALL], [ALL, j]];
      return stars.some(([row, column]) => this.entries.has(this.key(row, column)));
    }
    return Array.from(this.entries.values()).some(([row, column]) => {
      const star = row === ALL || column === ALL;
      return star && meets(row, i) && meets(column, j) && !(inside(row, i) && inside(column, j));
    });
  }

  // Forget the cells that lie inside a star.
  drop(i, j) {
    for (const [key, [row, column]] of this.entries) {
      if (inside(row, i) && inside(column, j)) this.entries.delete(key);
    }
  }

  *under(i, j, down = true, across = true) {
    const range = (at, count, spread) =>
      at === ALL && spread ? Array.from({ length: count }, (_, k) => k) : [at];
    for (const row of range(i, this.rows, down)) {
      for (const column of range(j, this.columns, across)) yield [row, column];
    }
  }

  rebuild() {
    const { dense, rows, columns } = this;
    this.version++;
    dense.fill(this.neutral(0, 1));
    if (this.identity) for (let i = 0; i < rows; i++) dense[i * columns + i] = 1;
    for (const [i, j, value] of this.entries.values()) {
      if (i >= rows || j >= columns) continue;
      if (i !== ALL && j !== ALL) dense[i * columns + j] = value;
      else for (const [row, column] of this.under(i, j)) dense[row * columns + column] = value;
    }
  }
}

const inside = (place, star) => star === ALL || place === star;

const meets = (one, other) => one === ALL || inside(one, other);
