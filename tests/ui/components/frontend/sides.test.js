import { expect, it } from "vitest";
import { markerHasOtherColumns, sameNames, sides } from "#frontend/matrix/sides.js";

const [words, rows, columns] = [["two", "red"], ["红"], ["<s>"]];

it.each(/** @type {const} */ (["product", "gate", "mask"]))(
  "both sides are the words where nothing else is given (%s)",
  (reading) => {
    const document = { words, rows: null, columns: null, reading };
    for (const kind of /** @type {const} */ (["marker", "beacon"])) {
      expect(sides(kind, document)).toEqual({ rows: words, columns: words });
    }
    expect(markerHasOtherColumns(document)).toBe(false);
  },
);

it("only M in the product reading has its rows as columns", () => {
  const document = { words, rows, columns };
  const asColumns = { rows, columns };
  expect(sides("beacon", { ...document, reading: "product" })).toEqual(asColumns);
  expect(sides("marker", { ...document, reading: "gate" })).toEqual(asColumns);
  expect(sides("marker", { ...document, reading: "product" })).toEqual({ rows, columns: rows });
});

it("M has other columns than A in the product reading alone", () => {
  expect(markerHasOtherColumns({ reading: "product", rows, columns: null })).toBe(true);
  expect(markerHasOtherColumns({ reading: "product", rows: null, columns })).toBe(true);
  expect(markerHasOtherColumns({ reading: "mask", rows, columns })).toBe(false);
});

it("names are the same when all of them are", () => {
  expect(sameNames(["a", "b"], ["a", "b"])).toBe(true);
  expect(sameNames([], [])).toBe(true);
  expect(sameNames(undefined, undefined)).toBe(true);
  expect(sameNames(["a"], ["a", "b"])).toBe(false);
  expect(sameNames(["a", "b"], ["a"])).toBe(false);
  expect(sameNames(["a"], ["b"])).toBe(false);
  expect(sameNames(undefined, [])).toBe(false);
  expect(sameNames([], undefined)).toBe(false);
});
