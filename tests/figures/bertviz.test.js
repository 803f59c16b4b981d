// What stands in for require.js and d3 5 on BertViz's page.
// @vitest-environment jsdom

import { afterEach, describe, expect, it, vi } from "vitest";

const TEN = Array.from({ length: 10 }, (_, k) => `full ${k}`);
const TWENTY = Array.from({ length: 20 }, (_, k) => (k % 2 ? `pale ${k}` : `full ${k}`));

/** @param {string[]} colours */
const scaleOf = (colours) => () => ({ range: () => colours });

/** @param {string} theme */
async function open(theme) {
  const scope = /** @type {any} */ (window);
  document.documentElement.dataset.theme = theme;
  scope.jQuery = { name: "jQuery" };
  scope.d3 = {
    scale: {
      category10: scaleOf(TEN),
      category20: scaleOf(TWENTY),
      ordinal: () => ({ range: (/** @type {string[]} */ colours) => ({ colours }) }),
    },
  };
  vi.resetModules();
  // @ts-expect-error a script of a page, not a module
  await import("#figures/bertviz.js");
  return scope;
}

afterEach(() => {
  delete document.documentElement.dataset.theme;
});

describe("BertViz's page", () => {
  it("starts with jQuery and d3, whatever it asks for", async () => {
    const { requirejs, require, jQuery, d3 } = await open("light");
    const start = vi.fn();
    require.config({ paths: {} });
    requirejs(["jquery", "d3"], start);
    expect(start).toHaveBeenCalledExactlyOnceWith(jQuery, d3);
  });

  it("has the ten colours, or on a dark page ten pale ones", async () => {
    expect((await open("light")).d3.scale.category10()).toEqual({ colours: TEN });
    const { d3 } = await open("dark");
    expect(d3.schemeCategory10).toHaveLength(10);
    expect(d3.schemeCategory10.every((/** @type {string} */ name) => name.startsWith("pale"))).toBe(
      true,
    );
  });
});
