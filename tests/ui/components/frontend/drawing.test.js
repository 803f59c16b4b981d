// Colours, the cells of a stroke, and elements.
// @vitest-environment jsdom

import { describe, expect, it, vi } from "vitest";
import { choice, make, setText } from "#frontend/drawing/dom.js";
import { makeTheme, Scale } from "#frontend/drawing/theme.js";
import { cellsBetween } from "#frontend/matrix/pointer.js";

describe("a colour scale", () => {
  const scale = new Scale([
    [0, 0, 0],
    [255, 255, 255],
  ]);

  it("goes from its first colour to its last, and no further", () => {
    expect([scale.css(0), scale.css(1)]).toEqual(["rgb(0, 0, 0)", "rgb(255, 255, 255)"]);
    expect([scale.css(-1), scale.css(2), scale.css(Number.NaN)]).toEqual([
      "rgb(0, 0, 0)",
      "rgb(255, 255, 255)",
      "rgb(0, 0, 0)",
    ]);
    expect(scale.css(0.5)).toBe("rgb(128, 128, 128)");
  });

  it("has opaque pixels, little-endian", () => {
    expect(scale.pixel(1)).toBe(0xffffffff);
    expect(
      new Scale([
        [1, 2, 3],
        [1, 2, 3],
      ]).pixel(0.3),
    ).toBe(0xff030201);
  });

  it("has text that can be read on it", () => {
    expect([scale.ink(0), scale.ink(1)]).toEqual(["#ffffff", "#10151c"]);
  });
});

describe("a theme", () => {
  it.each(
    /** @type {const} */ ([
      ["light", [255, 255, 255], [49, 51, 63]],
      ["dark", [20, 23, 27], [228, 230, 232]],
    ]),
  )("that is %s has no change close to its background", (name, background, text) => {
    const theme = makeTheme([...background], [...text], [255, 75, 75], "serif");
    expect(theme.dark).toBe(name === "dark");
    const middle = theme.change.colors[128];
    middle.forEach((part, k) => {
      expect(Math.abs(part - background[k])).toBeLessThan(20);
    });
    expect(theme.change.colors[0][2]).toBeGreaterThan(theme.change.colors[0][0]); // less is blue
    expect(theme.change.colors[256][0]).toBeGreaterThan(theme.change.colors[256][2]); // orange
  });
});

describe("the cells of a stroke", () => {
  it("leave no gap, and begin after the first", () => {
    expect(cellsBetween({ i: 0, j: 0 }, { i: 2, j: 4 })).toEqual([
      { i: 1, j: 1 },
      { i: 1, j: 2 },
      { i: 2, j: 3 },
      { i: 2, j: 4 },
    ]);
    expect(cellsBetween({ i: 3, j: -1 }, { i: 1, j: -1 })).toEqual([
      { i: 2, j: -1 },
      { i: 1, j: -1 },
    ]);
    expect(cellsBetween({ i: 1, j: 1 }, { i: 1, j: 1 })).toEqual([]);
  });
});

describe("an element", () => {
  it("shows words and never runs them", () => {
    const element = make("p", { title: "<b>" }, "<img src=x onerror=alert(1)>");
    setText(element, `${element.textContent}<script>`);
    expect(element.querySelector("img, script")).toBeNull();
    expect(element.textContent).toBe("<img src=x onerror=alert(1)><script>");
  });

  it("leaves out what is off", () => {
    const input = make("input", {
      hidden: true,
      disabled: false,
      title: null,
      min: 0,
      id: undefined,
    });
    expect(input.outerHTML).toBe('<input hidden="" min="0">');
  });

  it("that is a choice presses one button", () => {
    const onpick = vi.fn();
    const { group, show } = choice(
      "Brush",
      [
        [1, "one", "I"],
        [2, "two", "II"],
      ],
      onpick,
    );
    show(2);
    const buttons = [...group.querySelectorAll("button")];
    expect(buttons.map((button) => button.getAttribute("aria-pressed"))).toEqual(["false", "true"]);
    buttons[0].click();
    expect(onpick).toHaveBeenCalledExactlyOnceWith(1);
  });
});
