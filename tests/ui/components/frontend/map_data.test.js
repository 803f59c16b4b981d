import { describe, expect, it } from "vitest";
import { cellText, changeEnds, MapData, valueText } from "#frontend/maps/map_data.js";
import { ALL } from "#frontend/matrix/matrix.js";
import { documentWith } from "./document.js";

/** @import * as Messages from "#frontend/messages/types.d.ts" */

/**
 * @param {number[]} baseline
 * @param {number[]} edited
 * @param {string[]} labels
 * @param {Partial<Messages.SizedMaps>} [changes]
 * @returns {Messages.SizedMaps}
 */
const mapsOf = (baseline, edited, labels, changes = {}) => ({
  labels,
  baseline: Float32Array.from(baseline),
  edited: Float32Array.from(edited),
  divergence: Float32Array.from([0]),
  layers: 1,
  heads: 1,
  layer: null,
  head: null,
  words: null,
  milliseconds: null,
  segments: null,
  pair: 0,
  columns: null,
  column_words: null,
  baseline_labels: null,
  ...changes,
});

const words = ["Ada", "slept"];
const document = documentWith({ words });
const plain = () => new MapData(mapsOf([0.5, 0.5, 0.25, 0.75], [0.5, 0.5, 0, 1], words), document);

describe("maps of the words of the editors", () => {
  it("hold three values for each cell, on two scales", () => {
    const data = plain();
    const at = { i: 1, j: 0 };
    expect([
      data.value("baseline", at),
      data.value("edited", at),
      data.value("change", at),
    ]).toEqual([0.25, 0, -0.25]);
    expect([data.largest, data.largestChange]).toEqual([1, 0.25]);
    expect([data.tint("baseline", 0.5), data.tint("edited", 1)]).toEqual([0.5, 1]);
    expect([data.tint("change", -0.25), data.tint("change", 0), data.tint("change", 0.25)]).toEqual(
      [0, 0.5, 1],
    );
  });

  it("know their cells in the editors, and the editors' here", () => {
    const data = plain();
    expect(data.place("edited", { i: 1, j: 0 })).toMatchObject({ kind: "map", i: 1, j: 0 });
    expect(data.place("baseline", { i: 0, j: 1 })).toMatchObject({ kind: "map", i: 0, j: 1 });
    expect(data.place("edited", { i: ALL, j: 0 })).toBeNull();
    expect(data.place("edited", null)).toBeNull();
    expect(data.find({ kind: "beacon", i: 1, j: ALL })).toEqual({ i: 1, j: ALL });
    expect(data.find({ kind: "beacon", i: 2, j: 0 })).toBeNull();
  });

  it("say a cell's attention before and after", () => {
    expect(plain().sentence({ i: 1, j: 0 })).toEqual({
      names: "slept → Ada",
      values: "attention 25.0 % → 0.0 % (−25.0 points)",
    });
  });

  it("show rounding as no change", () => {
    const values = [0.5, 0.5, 0.25, 0.75];
    const data = new MapData(mapsOf(values, [0.5 + 1e-6, 0.5, 0.25, 0.75], words), document);
    expect([data.largestChange, data.tint("change", 0)]).toEqual([0, 0.5]);
  });
});

describe("maps with special tokens", () => {
  const labels = ["[CLS]", "Ada", "slept"];
  const nine = [1, 0, 0, 0, 1, 0, 0, 0, 1];
  const data = new MapData(mapsOf(nine, nine, labels, { words: [null, 0, 1] }), document);

  it("give these no cell in the editors", () => {
    expect(data.place("edited", { i: 0, j: 2 })).toMatchObject({ i: null, j: 1 });
    expect(data.find({ kind: "marker", i: 1, j: 0 })).toEqual({ i: 2, j: 1 });
  });

  it("without numbers have none at all", () => {
    const unknown = new MapData(mapsOf(nine, nine, labels), document);
    expect(unknown.place("edited", { i: 1, j: 1 })).toMatchObject({ i: null, j: null });
  });
});

describe("maps of two texts", () => {
  const labels = ["a", "b", "c"];
  const values = [1, 2, 3, 4, 5, 6, 7, 8, 9];
  /** @param {number} pair */
  const partOf = (pair) =>
    new MapData(mapsOf(values, values, labels, { segments: [0, 1, 1], pair }), document);

  it.each([
    [0, ["a", "b", "c"], ["a", "b", "c"], 1],
    [1, ["a"], ["a"], 1],
    [2, ["a"], ["b", "c"], 2],
    [3, ["b", "c"], ["a"], 4],
    [4, ["b", "c"], ["b", "c"], 5],
  ])("show part %d: rows %j, columns %j", (pair, rows, columns, first) => {
    const data = partOf(pair);
    expect(data.rowLabelsInView("edited")).toEqual(rows);
    expect(data.columnLabelsInView()).toEqual(columns);
    expect(data.value("baseline", { i: 0, j: 0 })).toBe(first);
  });

  it("scale to what is in view", () => {
    expect([partOf(0).largest, partOf(1).largest, partOf(3).largest]).toEqual([9, 1, 7]);
  });
});

describe("maps of two translations", () => {
  const rows = ["红", "果"];
  const maps = mapsOf([0.25, 0.75], [0.5, 0.5, 1, 0], rows, {
    columns: words,
    column_words: [0, 1],
    baseline_labels: ["苹"],
  });
  const data = new MapData(maps, documentWith({ words, rows, steps: true }));

  it("have no change, cell by cell", () => {
    expect(data.rowsDiffer).toBe(true);
    expect([data.largestChange, data.value("change", { i: 1, j: 0 })]).toEqual([0, 0]);
  });

  it("know the rows of the edited text alone", () => {
    expect(data.place("baseline", { i: 0, j: 1 })).toMatchObject({ i: null, j: 1 });
    expect(data.place("edited", { i: 1, j: 1 })).toMatchObject({ i: 1, j: 1 });
    expect([data.hasOwnRows("baseline"), data.hasOwnRows("edited")]).toEqual([true, false]);
  });

  it("say which one a value is of", () => {
    expect(data.sentence({ i: 0, j: 1 }, "baseline")).toEqual({
      names: "step 0 (苹) attends to slept",
      values: "attention 75.0 % (baseline)",
    });
    expect(data.sentence({ i: 1, j: 0 }, "edited")).toEqual({
      names: "step 1 (果) attends to Ada",
      values: "attention 100.0 % (edited)",
    });
  });
});

it("a number in a cell is whole percent, with a sign where it is a change", () => {
  expect([cellText("edited", 0.256), cellText("edited", 0.004)]).toEqual(["26", ""]);
  expect([cellText("change", 0.256), cellText("change", -0.256)]).toEqual(["+26", "−26"]);
  expect([valueText("change", -0.0004), valueText("change", 0.1234)]).toEqual(["0.0", "+12.3"]);
  expect([changeEnds(0), changeEnds(0.256)]).toEqual([
    ["", "none"],
    ["−26", "+26 points"],
  ]);
});
