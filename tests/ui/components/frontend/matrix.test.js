import { describe, expect, it } from "vitest";
import { ALL, Matrix } from "#frontend/matrix/matrix.js";

/** @param {Matrix} matrix */
const rowsOf = (matrix) =>
  Array.from({ length: matrix.rows }, (_, i) =>
    Array.from(matrix.dense.slice(i * matrix.columns, (i + 1) * matrix.columns)),
  );

describe("neutral cells", () => {
  it("are the identity, ones or zeros", () => {
    expect(rowsOf(new Matrix("marker", "product", 2, 2))).toEqual([
      [1, 0],
      [0, 1],
    ]);
    expect(rowsOf(new Matrix("marker", "gate", 1, 2))).toEqual([[1, 1]]);
    expect(rowsOf(new Matrix("marker", "mask", 1, 2))).toEqual([[1, 1]]);
    expect(rowsOf(new Matrix("beacon", "product", 1, 2))).toEqual([[0, 0]]);
  });

  it("are not sent", () => {
    const matrix = new Matrix("marker", "product", 3, 3);
    matrix.put(0, 0, 1);
    matrix.put(0, 1, 0);
    expect(matrix.cells()).toEqual([]);
    matrix.put(0, 1, 2);
    matrix.put(0, 1, 0);
    expect(matrix.cells()).toEqual([]);
  });
});

describe("cells", () => {
  it("are sent in the order they were written, a cell written twice as the last", () => {
    const matrix = new Matrix("beacon", "product", 3, 3);
    matrix.put(0, 1, 1);
    matrix.put(2, 1, 2);
    matrix.put(0, 1, 3);
    expect(matrix.cells()).toEqual([
      [2, 1, 2],
      [0, 1, 3],
    ]);
    expect(rowsOf(matrix)).toEqual([
      [0, 3, 0],
      [0, 0, 0],
      [0, 2, 0],
    ]);
  });

  it("that come from Python are shown and sent back unchanged", () => {
    /** @type {import("#frontend/messages/types.d.ts").Cell[]} */
    const cells = [
      ["*", 1, 4],
      [0, "*", 2],
      [1, 2, -1],
      ["*", "*", 0.5],
      [9, 9, 7],
    ];
    const matrix = new Matrix("beacon", "product", 2, 3, cells);
    expect(matrix.cells()).toEqual(cells);
    expect(rowsOf(matrix)).toEqual([
      [0.5, 0.5, 0.5],
      [0.5, 0.5, 0.5],
    ]);
  });

  it("that come twice count as the later", () => {
    const matrix = new Matrix("beacon", "product", 1, 2, [
      [0, 0, 1],
      ["*", "*", 2],
      [0, 0, 3],
    ]);
    expect(rowsOf(matrix)).toEqual([[3, 2]]);
    expect(matrix.cells()).toEqual([
      ["*", "*", 2],
      [0, 0, 3],
    ]);
  });

  it("outside the shown rows and columns come back when these grow", () => {
    const matrix = new Matrix("beacon", "gate", 2, 2, [
      [3, 1, 5],
      [0, 2, 6],
    ]);
    expect(rowsOf(matrix).flat()).toEqual([0, 0, 0, 0]);
    matrix.resize(4, 3);
    expect([matrix.value(3, 1), matrix.value(0, 2)]).toEqual([5, 6]);
  });
});

describe("a filled row or column", () => {
  it("replaces the cells in it, and leaves the others", () => {
    const matrix = new Matrix("beacon", "product", 2, 3);
    matrix.put(0, 1, 9);
    matrix.put(1, 0, 8);
    matrix.put(0, ALL, 2);
    expect(matrix.cells()).toEqual([
      [1, 0, 8],
      [0, "*", 2],
    ]);
    expect(rowsOf(matrix)).toEqual([
      [2, 2, 2],
      [8, 0, 0],
    ]);
    expect([matrix.value(0, ALL), matrix.value(ALL, 0)]).toEqual([2, null]);
  });

  it("keeps a neutral cell that is written into it", () => {
    const matrix = new Matrix("beacon", "product", 2, 2);
    matrix.put(ALL, 1, 3);
    matrix.put(0, 1, 0);
    expect(matrix.cells()).toEqual([
      ["*", 1, 3],
      [0, 1, 0],
    ]);
    expect(rowsOf(matrix)).toEqual([
      [0, 0],
      [0, 3],
    ]);
  });

  it("of neutral values is nothing, but for an identity, whose diagonal differs", () => {
    const beacon = new Matrix("beacon", "product", 2, 2);
    beacon.put(0, ALL, 0);
    expect(beacon.cells()).toEqual([]);
    const marker = new Matrix("marker", "product", 2, 2);
    marker.put(0, ALL, 0);
    expect(marker.cells()).toEqual([[0, "*", 0]]);
    expect(rowsOf(marker)).toEqual([
      [0, 0],
      [0, 1],
    ]);
  });

  it("that crosses another one wins, and gives way when it is cleared", () => {
    const matrix = new Matrix("beacon", "product", 2, 2);
    matrix.put(ALL, 0, 5);
    matrix.put(1, ALL, 7);
    expect(rowsOf(matrix)).toEqual([
      [5, 0],
      [7, 7],
    ]);
    matrix.clear(1, ALL);
    expect(rowsOf(matrix)).toEqual([
      [5, 0],
      [0, 0],
    ]);
    matrix.clear(ALL, ALL);
    expect(matrix.cells()).toEqual([]);
  });

  it("that is cleared on an open side stays neutral for rows to come", () => {
    const matrix = new Matrix("beacon", "gate", 2, 2, [["*", "*", 2]], { rows: true });
    matrix.clear(ALL, 1);
    expect(matrix.cells()).toEqual([
      ["*", "*", 2],
      ["*", 1, 0],
    ]);
    matrix.resize(3, 2);
    expect([matrix.value(2, 0), matrix.value(2, 1)]).toEqual([2, 0]);
  });

  it("changes the text of filled lines, as single cells do not", () => {
    const matrix = new Matrix("beacon", "product", 2, 2);
    matrix.put(0, 1, 1);
    expect(matrix.filledLines()).toBe("");
    matrix.put(1, ALL, 1);
    expect(matrix.filledLines()).toBe("1 -1");
  });
});

describe("the version", () => {
  it("grows with a change, and stays without one", () => {
    const matrix = new Matrix("beacon", "product", 2, 2);
    const before = matrix.version;
    matrix.put(0, 0, 0);
    expect(matrix.version).toBe(before);
    matrix.put(0, 0, 1);
    expect(matrix.version).toBeGreaterThan(before);
  });
});

describe("M between the steps of a model that writes", () => {
  const stepMatrix = () => new Matrix("marker", "product", 3, 3, [], { rows: true });

  it("accepts a step itself and earlier ones only", () => {
    const matrix = stepMatrix();
    expect([matrix.accepts(1, 0), matrix.accepts(1, 1), matrix.accepts(1, 2)]).toEqual([
      true,
      true,
      false,
    ]);
    expect([matrix.accepts(1, ALL), matrix.accepts(ALL, 1)]).toEqual([false, false]);
  });

  it("does not change where it refuses", () => {
    const matrix = stepMatrix();
    matrix.put(0, 2, 1);
    matrix.put(0, ALL, 1);
    matrix.clear(ALL, ALL);
    expect(matrix.cells()).toEqual([]);
  });

  it("refuses nothing in the other readings, and nothing of A", () => {
    expect(new Matrix("marker", "gate", 3, 3, [], { rows: true }).accepts(0, 2)).toBe(true);
    expect(new Matrix("beacon", "product", 3, 3, [], { rows: true }).accepts(ALL, 2)).toBe(true);
  });
});
