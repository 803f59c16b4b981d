// The reading view's script, as an exported page and as the app's component use it.
// @vitest-environment jsdom

import { describe, expect, it, vi } from "vitest";
import component, {
  countOf,
  moved,
  ranks,
  reading,
  wordTitle,
} from "#figures/html/reading_view.js";

describe("the words to read", () => {
  it("are the heaviest, of equal ones the earlier", () => {
    expect(ranks([0.1, 0.5, 0.1, 0.3])).toEqual([2, 0, 3, 1]);
  });

  it("are a share of all words, at least one, and none without weight", () => {
    const weights = [0.4, 0.3, 0.2, 0.1, 0];
    expect([0, 0.2, 0.5, 1].map((share) => countOf(share, weights))).toEqual([1, 1, 3, 4]);
    expect(countOf(0.5, [0, 0])).toBe(0);
  });
});

it("what an edit moved is half of all differences", () => {
  expect(moved([0.5, 0.5], [0.25, 0.75])).toBe("The edit moved 25 % of the weight.");
  expect(moved([0.5, 0.5], [0.46, 0.54])).toBe("The edit moved 4.0 % of the weight.");
  expect(moved([0.5, 0.5], [0.5, 0.5])).toBe("The edit moved less than 0.1 % of the weight.");
});

it("a word says its weight, and its change where there is one", () => {
  expect(wordTitle(0.25, 0.25)).toBe("25.00 % of the weight");
  expect(wordTitle(0.25, 0.2495)).toBe("25.00 % of the weight");
  expect(wordTitle(0.25, 0.75)).toBe("25.00 % of the weight (−50.00)");
  expect(wordTitle(0.75, 0.25)).toBe("75.00 % of the weight (+50.00)");
});

const data = {
  words: ["Ada", "met", "<b>Bob</b>"],
  gaps: ["« ", " ", " ", " »"],
  sides: [
    { name: "untouched", weights: [0.6, 0.3, 0.1] },
    { name: "edited", weights: [0.1, 0.3, 0.6] },
  ],
  share: 1 / 3,
};

/** @param {Element} root */
const slider = (root) => /** @type {HTMLInputElement} */ (root.querySelector("[type=range]"));

/**
 * @param {Element} root
 * @param {string} kind
 */
const marked = (root, kind) =>
  Array.from(root.querySelectorAll(`.bvr-word.${kind}`), (word) => word.textContent);

/**
 * @param {HTMLInputElement} input
 * @param {string} value
 */
function slide(input, value) {
  input.value = value;
  input.dispatchEvent(new Event("input"));
  input.dispatchEvent(new Event("change"));
}

describe("the view", () => {
  it("shows the whole text as text, and what the edit brought and took", () => {
    const root = document.createElement("div");
    reading(root, data);
    const [before, after] = root.querySelectorAll(".bvr-text");
    expect(before.textContent).toBe("« Ada met <b>Bob</b> »");
    expect(root.querySelector("b")).toBeNull();
    expect([marked(before, "kept"), marked(after, "kept")]).toEqual([["Ada"], ["<b>Bob</b>"]]);
    expect([marked(after, "new"), marked(after, "lost")]).toEqual([["<b>Bob</b>"], ["Ada"]]);
    expect([marked(before, "new"), marked(before, "lost")]).toEqual([[], []]);
    expect(root.querySelector(".bvr-note")?.textContent).toMatch(/^The edit moved 50 %/);
  });

  it("follows its slider, and tells where that is", () => {
    const root = document.createElement("div");
    const onchange = vi.fn();
    reading(root, data, undefined, onchange);
    slide(slider(root), "100");
    expect(marked(root.querySelectorAll(".bvr-text")[0], "kept")).toEqual(data.words);
    expect(root.querySelector(".bvr-said")?.textContent).toBe("3 of 3 words · 100 % of the weight");
    expect(onchange).toHaveBeenCalledExactlyOnceWith({ share: 1, hideOthers: false });
  });

  it("of one side compares nothing", () => {
    const root = document.createElement("div");
    reading(root, { ...data, sides: data.sides.slice(0, 1) });
    expect(root.querySelectorAll(".bvr-side")).toHaveLength(1);
    expect(root.querySelector(".bvr-note")?.textContent).toBe("");
  });
});

describe("the component", () => {
  function open() {
    const parentElement = document.createElement("div");
    parentElement.innerHTML = "<div class='bvr-root'></div>";
    document.body.append(parentElement); // elsewhere a check box that is clicked fires no event
    component({ parentElement, data });
    return parentElement;
  }

  it("is not drawn again with the same data", () => {
    const parentElement = open();
    const view = parentElement.querySelector(".bvr");
    component({ parentElement, data: { ...data } });
    expect(parentElement.querySelector(".bvr")).toBe(view);
  });

  it("keeps the slider and the check box when its data change", () => {
    const parentElement = open();
    slide(slider(parentElement), "80");
    /** @type {HTMLInputElement} */ (parentElement.querySelector("[type=checkbox]")).click();
    component({ parentElement, data: { ...data, share: 0.1, words: ["Eve", "met", "Al"] } });
    expect(slider(parentElement).value).toBe("80");
    expect(parentElement.querySelector(".bvr.only")).not.toBeNull();
    expect(marked(parentElement.querySelectorAll(".bvr-text")[0], "kept")).toContain("Eve");
  });
});
