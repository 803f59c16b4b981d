// Colours of the page's theme, and colour scales made from them.
//
// Probability is teal, divergence violet, and a difference goes from blue through the background
// to orange, which people with any colour vision tell apart. Low values fade into the background,
// in a light and in a dark theme.

import { context2d } from "./dom.js";

/** @typedef {[red: number, green: number, blue: number]} Color each 0 … 255 */

const LIGHT = {
  probability: ["#f3faf8", "#c6e6df", "#7cc2b8", "#2f9490", "#136570", "#0a3a4a"],
  divergence: ["#f8f5fc", "#ddd0ef", "#b79bdc", "#8d63c1", "#62349a", "#371062"],
  less: ["#deebf7", "#9ecae1", "#4a98c9", "#1c6cb1", "#083e7d"],
  more: ["#fdebd6", "#fdbf7c", "#f28f34", "#cf6110", "#863805"],
};
const DARK = {
  probability: ["#12201f", "#17443f", "#1d706a", "#2fa398", "#74d3c3", "#d6fff3"],
  divergence: ["#1b1626", "#3a2a5c", "#5f4396", "#8b68cb", "#b99ae8", "#ecdfff"],
  less: ["#152838", "#1b4a72", "#2273b3", "#55a5e0", "#b4dcfb"],
  more: ["#33230f", "#6d430f", "#b06a12", "#ee9a35", "#ffd7a0"],
};

/** @typedef {ReturnType<typeof makeTheme>} Theme */

/** @type {{page: string, theme: Theme} | null} the last theme: the same object for the same page */
let last = null;

/** Makes the next theme another object: after a font was loaded, texts have other widths. */
export function forgetTheme() {
  last = null;
}

/**
 * @param {Element} element
 * @returns {Theme}
 */
export function readTheme(element) {
  const style = getComputedStyle(element);
  /** @type {(name: string, fallback: string) => string} */
  const read = (name, fallback) => style.getPropertyValue(`--st-${name}`).trim() || fallback;
  const background = read("background-color", "#ffffff");
  const text = read("text-color", "#31333f");
  const primary = read("primary-color", "#ff4b4b");
  const page = String([background, text, primary, style.fontFamily]);
  if (last?.page !== page) {
    last = { page, theme: makeTheme(rgb(background), rgb(text), rgb(primary), style.fontFamily) };
  }
  return last.theme;
}

/**
 * @param {Color} background
 * @param {Color} text
 * @param {Color} primary
 * @param {string} font
 */
export function makeTheme(background, text, primary, font) {
  const dark = luminance(background) < luminance(text);
  const ramps = dark ? DARK : LIGHT;
  const middle = mix(background, text, dark ? 0.06 : 0.035);
  return {
    dark,
    font,
    background: css(background),
    text: css(text),
    muted: css(mix(background, text, 0.62)),
    faint: css(mix(background, text, 0.14)),
    primary: css(primary),
    probability: new Scale(ramps.probability.map(hex)),
    divergence: new Scale(ramps.divergence.map(hex)),
    change: new Scale([...ramps.less.map(hex).reverse(), middle, ...ramps.more.map(hex)]),
  };
}

/** Colours for 0 … 1, as pixels for an image and as text for a path. */
export class Scale {
  /** @param {Color[]} stops */
  constructor(stops, size = 257) {
    this.colors = Array.from({ length: size }, (_, k) => between(stops, k / (size - 1)));
    this.pixels = Uint32Array.from(
      this.colors,
      ([r, g, b]) => (255 << 24) | (b << 16) | (g << 8) | r,
    );
  }

  /** @param {number} t 0 … 1; outside of it the nearer end, and 0 for NaN */
  index(t) {
    return Math.round(Math.min(1, Math.max(0, t)) * (this.pixels.length - 1)) || 0;
  }

  /** @param {number} t */
  pixel(t) {
    return this.pixels[this.index(t)];
  }

  /** @param {number} t */
  css(t) {
    return css(this.colors[this.index(t)]);
  }

  /**
   * The colour of text that can be read on the colour of t.
   * @param {number} t
   */
  ink(t) {
    return luminance(this.colors[this.index(t)]) > 0.3 ? "#10151c" : "#ffffff";
  }

  gradient() {
    const stops = Array.from({ length: 17 }, (_, k) => this.css(k / 16));
    return `linear-gradient(to right, ${stops.join(", ")})`;
  }
}

/** @type {CanvasRenderingContext2D | undefined} */
let parser;

/**
 * Any opaque CSS colour, as the browser's canvas reads it.
 * @param {string} color
 * @returns {Color}
 */
function rgb(color) {
  parser ??= context2d(document.createElement("canvas"));
  parser.fillStyle = "#000";
  parser.fillStyle = color;
  const text = parser.fillStyle;
  if (text.startsWith("#")) return hex(text);
  const [r = 0, g = 0, b = 0] = (text.match(/[\d.]+/g) ?? []).map(Number);
  return [r, g, b];
}

/**
 * @param {string} color "#rrggbb"
 * @returns {Color}
 */
function hex(color) {
  /** @param {number} at */
  const part = (at) => Number.parseInt(color.slice(at, at + 2), 16);
  return [part(1), part(3), part(5)];
}

/** @param {Color} color */
const css = ([r, g, b]) => `rgb(${Math.round(r)}, ${Math.round(g)}, ${Math.round(b)})`;

/**
 * @param {Color} from
 * @param {Color} to
 * @param {number} t
 * @returns {Color}
 */
function mix(from, to, t) {
  /** @param {0 | 1 | 2} k */
  const part = (k) => from[k] + (to[k] - from[k]) * t;
  return [part(0), part(1), part(2)];
}

/**
 * @param {Color[]} stops
 * @param {number} t
 */
function between(stops, t) {
  const at = t * (stops.length - 1);
  const low = Math.min(Math.floor(at), stops.length - 2);
  return mix(stops[low], stops[low + 1], at - low);
}

/**
 * Relative luminance, 0 … 1 (WCAG 2).
 * @param {Color} color
 */
function luminance(color) {
  const [r, g, b] = color.map((v) => (v <= 10 ? v / 3294 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
