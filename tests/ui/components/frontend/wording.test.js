// What the editors say, and what they understand.

import { describe, expect, it } from "vitest";
import { ALL, Matrix } from "#frontend/matrix/matrix.js";
import { brushes, explainBrush, firstBrush } from "#frontend/wording/brushes.js";
import { columnName, rowName, shown } from "#frontend/wording/names.js";
import { number, odds, percent, signed } from "#frontend/wording/numbers.js";
import { parse, parseBlock } from "#frontend/wording/parse.js";
import { hidesLaterColumns, sentence } from "#frontend/wording/sentence.js";
import { documentWith, WORDS } from "./document.js";

/** @import * as Messages from "#frontend/messages/types.d.ts" */

const [WAS, APPLE, N] = [2, 6, WORDS.length];

describe("numbers", () => {
  it.each([
    [0, "0"],
    [-0, "0"],
    [1, "1"],
    [-2.5, "−2.5"],
    [13.0294, "13"],
    [0.0012345, "0.00123"],
    [0.00012345, "1.2e-4"],
    [12345, "1.2e+4"],
  ])("%d is written %s", (value, text) => {
    expect(number(value)).toBe(text);
  });

  it("have a sign, a percent sign or a factor where asked", () => {
    expect([signed(2), signed(-2), signed(0)]).toEqual(["+2", "−2", "0"]);
    expect([percent(0.1234), percent(1)]).toEqual(["12.3 %", "100.0 %"]);
  });

  it("are odds by exp(A · scale)", () => {
    expect(odds(Math.log(10), 1)).toBe("×10");
    expect(odds(-2 * Math.log(3), 0.5)).toBe("÷3");
    expect([odds(1e4, 1), odds(-12, 1)]).toEqual(["×more than 10⁵", "÷more than 10⁵"]);
  });
});

describe("names", () => {
  it("show what cannot be seen, and are cut by characters", () => {
    expect(shown("a\u0000\n\u2028b")).toBe("a␣␣␣b");
    expect(shown("👩👩👩", 2)).toBe("👩…");
    expect(shown("x".repeat(5000))).toBe(`${"x".repeat(31)}…`);
    expect(shown("<b>")).toBe("<b>");
  });

  it("isolate right-to-left text", () => {
    expect(shown("שלום")).toBe("\u2068שלום\u2069");
  });

  it("of rows are words or numbered steps", () => {
    expect(rowName(documentWith(), APPLE)).toBe("Apple");
    expect(rowName(documentWith(), ALL)).toBe("every word");
    const written = documentWith({ rows: ["红", "果"], steps: true });
    expect(rowName(written, 1)).toBe("step 1 (果)");
    expect(rowName(written, ALL)).toBe("every step");
  });

  it("of columns say what a step had before it", () => {
    const reads = documentWith({ rows: ["红", "果"], steps: true });
    expect(columnName("beacon", reads, 1)).toBe("Jobs");
    expect(columnName("beacon", reads, ALL)).toBe("every word");
    const decodes = documentWith({ rows: ["红", "果"], columns: ["<s>", "红"], steps: true });
    expect(columnName("beacon", decodes, 1)).toBe("红 (before step 1)");
    expect(columnName("beacon", decodes, ALL)).toBe("every step");
    expect(columnName("marker", decodes, 0)).toBe("step 0 (红)");
  });
});

describe("brushes", () => {
  it("of A are factors of the odds", () => {
    const values = brushes("beacon", documentWith()).map(([value, text]) => [value, text]);
    expect(values).toEqual([
      [-13, "÷10"],
      [-3.92, "÷2"],
      [3.92, "×2"],
      [13, "×10"],
    ]);
  });

  it.each(
    /** @type {const} */ ([
      ["product", 1],
      ["gate", 0],
      ["mask", 0],
    ]),
  )("begin with what is drawn most (%s)", (reading, first) => {
    const document = documentWith({ reading });
    expect(firstBrush("marker", document)).toBe(first);
    expect(firstBrush("beacon", document)).toBe(13);
    expect(brushes("marker", document).map(([value]) => value)).toContain(first);
  });

  it("say what their value does", () => {
    expect(explainBrush("beacon", 5.65, documentWith())).toBe("+5.65 = ×2.7 the odds (d = 32)");
    expect(explainBrush("beacon", -5.65, documentWith({ head_size: null }))).toBe(
      "−5.65 = ÷2.7 the odds",
    );
    expect(explainBrush("beacon", 0, documentWith())).toBe("A is added to the score");
    expect(explainBrush("marker", 1, documentWith())).toBe(
      "This word uses the attention of the words in its row of M.",
    );
    expect(explainBrush("marker", 1, documentWith({ steps: true }))).toBe(
      "This step uses the attention of the steps in its row of M.",
    );
    expect(explainBrush("marker", 0, documentWith({ reading: "gate" }))).toBe(
      "M multiplies the score: 2 doubles it, 0 sets it to 0 (which does not hide the word).",
    );
  });
});

/**
 * The sentence about the cell (was, Apple), or another one.
 * @param {"marker" | "beacon"} kind
 * @param {Partial<Messages.EditorState>} changes
 * @param {Messages.Cell[]} cells
 * @param {[i: number, j: number]} [place]
 * @param {Messages.Cell[]} [markerCells]
 */
function said(kind, changes, cells, [i, j] = [WAS, APPLE], markerCells = []) {
  const document = documentWith(changes);
  const open = { rows: document.steps };
  const size = (document.rows ?? WORDS).length;
  const columns = kind === "marker" && document.reading === "product" ? size : N;
  const matrix = new Matrix(kind, document.reading, size, columns, cells, open);
  const marker = new Matrix("marker", document.reading, size, size, markerCells, open);
  return sentence(matrix, i, j, document, marker);
}

describe("a sentence about A", () => {
  it("says what is added, in logits and odds", () => {
    expect(said("beacon", {}, [[WAS, APPLE, 5.65]])).toBe(
      "was → Apple: A = +5.65 adds 1 to the logit, odds ×2.7",
    );
    expect(said("beacon", {}, [[WAS, APPLE, -5.65]])).toBe(
      "was → Apple: A = −5.65 takes 1 from the logit, odds ÷2.7",
    );
    expect(said("beacon", {}, [])).toBe("was → Apple: A = 0, nothing added");
  });

  it("of a label says how to fill it, or what fills it", () => {
    expect(said("beacon", {}, [], [ALL, APPLE])).toBe(
      "every word → Apple: click to fill it with the brush",
    );
    expect(said("beacon", {}, [["*", APPLE, 5.65]], [ALL, APPLE])).toContain("A = +5.65 adds 1");
  });

  it.each(
    /** @type {[Messages.EditorState["reading"], Messages.Cell[], string][]} */ ([
      ["product", [], ""],
      ["product", [[WAS, WAS, 0]], " — but no row of M uses the scores of was"],
      [
        "product",
        [
          [WAS, WAS, 0],
          [0, WAS, 1],
        ],
        " — used by Steve through M",
      ],
      ["product", [[0, WAS, 1]], " — used by Steve, was through M"],
      ["product", [["*", WAS, 1]], " — used by Steve, Jobs, was … through M"],
      ["gate", [], ""],
      ["gate", [[WAS, APPLE, 0.5]], " — M multiplies it by 0.5"],
      ["mask", [], ""],
      ["mask", [[WAS, APPLE, 0]], " — but M hides this pair"],
    ]),
  )("says what M does to it (%s, %j)", (reading, marker, ending) => {
    const text = said("beacon", { reading }, [[WAS, APPLE, 5.65]], [WAS, APPLE], marker);
    expect(text).toBe(`was → Apple: A = +5.65 adds 1 to the logit, odds ×2.7${ending}`);
  });

  it("says where a causal model does not attend", () => {
    const later = " — no effect: this model does not attend to later positions";
    expect(said("beacon", { causal: true }, [[WAS, APPLE, 5.65]])).toContain(later);
    expect(said("beacon", { causal: true }, [[APPLE, WAS, 5.65]], [APPLE, WAS])).not.toContain(
      later,
    );
    expect(said("beacon", { causal: true }, [["*", APPLE, 1]], [ALL, APPLE])).not.toContain(later);
    const used = said("beacon", { causal: true }, [[WAS, APPLE, 1]], undefined, [[APPLE, WAS, 1]]);
    expect(used).toContain(" — used by was, Apple through M");
  });
});

describe("a sentence about M", () => {
  it.each(
    /** @type {[Messages.EditorState["reading"], number, string][]} */ ([
      ["product", 1, "was uses the scores of Apple (×1)"],
      ["product", 0.5, "was uses the scores of Apple (×0.5)"],
      ["product", 0, "was does not use the scores of Apple (×0)"],
      ["gate", 1, "was → Apple: score unchanged (×1)"],
      ["gate", 2, "was → Apple: score ×2"],
      ["mask", 0, "was may not attend to Apple"],
      ["mask", 1, "was may attend to Apple"],
    ]),
  )("says what %s M = %d does", (reading, value, text) => {
    expect(said("marker", { reading }, [[WAS, APPLE, value]])).toBe(text);
  });

  it("on the diagonal speaks of a word's own scores", () => {
    expect(said("marker", {}, [], [WAS, WAS])).toBe("was uses its own scores (×1)");
    expect(said("marker", {}, [[WAS, WAS, 0.5]], [WAS, WAS])).toBe(
      "was uses its own scores (×0.5)",
    );
  });

  it.each(
    /** @type {[Messages.EditorState["reading"], string][]} */ ([
      ["product", " — its row of M is all 0: its attention is spread evenly"],
      ["gate", " — its row of M is all 0: its attention is spread evenly"],
      ["mask", " — its row of M is all 0: the row is not edited"],
    ]),
  )("says what a row of zeros does (%s)", (reading, ending) => {
    expect(said("marker", { reading }, [[WAS, "*", 0]]).endsWith(ending)).toBe(true);
    expect(
      said("marker", { reading }, [
        [WAS, "*", 0],
        [WAS, 0, 1],
      ]),
    ).not.toContain("all 0");
  });

  it("refuses the scores of steps that do not exist yet", () => {
    const steps = { rows: ["红", "苹", "果"], steps: true };
    expect(said("marker", steps, [], [0, 2])).toBe(
      "step 0 (红) cannot use the scores of step 2 (果): they do not exist yet",
    );
    expect(said("marker", steps, [], [1, ALL])).toMatch(/not whole rows or columns$/);
    expect(said("marker", steps, [], [2, 1])).toContain("does not use the scores of step 1 (苹)");
  });

  it("hides later columns of a causal model in all readings but the product", () => {
    expect(hidesLaterColumns({ neutralIsIdentity: true }, { causal: true })).toBe(false);
    expect(hidesLaterColumns({ neutralIsIdentity: false }, { causal: true })).toBe(true);
    expect(hidesLaterColumns({ neutralIsIdentity: false }, { causal: false })).toBe(false);
  });
});

describe("a value that is typed", () => {
  const product = documentWith();

  it.each([
    ["1", 1],
    [" −2,5 ", -2.5],
    ["1e3", 1000],
    ["+0.5", 0.5],
    ["-0", -0],
    ["10000", 10000],
  ])("%j is %d", (text, value) => {
    expect(parse(text, "marker", product)).toBe(value);
  });

  it("of A may be a factor of the odds", () => {
    expect(parse("×10", "beacon", product)).toBeCloseTo(Math.log(10) * Math.sqrt(32));
    expect(parse("x2", "beacon", product)).toBeCloseTo(Math.log(2) * Math.sqrt(32));
    expect(parse("÷2", "beacon", product)).toBeCloseTo(-Math.log(2) * Math.sqrt(32));
    expect(parse("/ 2,5", "beacon", product)).toBeCloseTo(-Math.log(2.5) * Math.sqrt(32));
  });

  it.each(
    /** @type {["marker" | "beacon", Messages.EditorState["reading"], string, string][]} */ ([
      ["marker", "product", "", "“” is not a number: type one such as 1, -2.5 or 1e3"],
      ["marker", "product", "1,000,000", "“1,000,000” is not a number"],
      ["marker", "product", "×2", "“×2” is not a number"],
      ["beacon", "product", "..", "“..” is not a number"],
      ["beacon", "product", "×", "“×” is not a number"],
      ["beacon", "product", "10001", "“10001” is out of range: use values from −10000 to 10000"],
      ["beacon", "product", "Infinity", "“Infinity” is out of range"],
      ["beacon", "product", "×1e999", "“×1e999” is out of range"],
      ["beacon", "product", "x0", "odds are more than 0: type ×2 or ÷2"],
      ["beacon", "product", "÷-2", "odds are more than 0"],
      [
        "marker",
        "mask",
        "0.5",
        "“0.5” is not a mask value: use 0 (may not attend) or 1 (may attend)",
      ],
    ]),
  )("%s in %s: %j is refused", (kind, reading, text, message) => {
    expect(() => parse(text, kind, documentWith({ reading }))).toThrow(message);
  });

  it("in a block is null where a cell is empty", () => {
    expect(parseBlock("1\t2,5\r\n\t9\r\n", "beacon", product)).toEqual([
      [1, 2.5],
      [null, 9],
    ]);
    expect(() => parseBlock("1\tnan", "beacon", product)).toThrow("“nan” is not a number");
  });
});
