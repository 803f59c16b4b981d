// Colours: what the page's theme says, and the scales that follow it.
//
// Probability is teal, divergence violet, and a difference goes from blue through the
// background to orange, which people with any colour vision tell apart. Low values fade
// into the background, in the light and in the dark.

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

let known = {}; // the last theme: the same object for as long as the page's colours and fonts stay
let loads = 0; // of fonts: what was drawn before lacks their characters
document.fonts.addEventListener("loadingdone", () => loads++);

export function readTheme(element) {
  const style = getComputedStyle(element);
  const read = (name, fallback) => style.getPropertyValue(`--st-${name}`).trim() || fallback;
  const page = [read("background-color", "#ffffff"), read("text-color", "#31333f"),
    read("primary-color", "#ff4b4b"), style.fontFamily, loads];
  if (String(page) !== known.page) known = { page: String(page), ...makeTheme(...page) };
  return known;
}

function makeTheme(backgroundColor, textColor, primaryColor, font) {
  const background = rgb(backgroundColor);
  const text = rgb(textColor);
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
    middle: css(middle),
    primary: css(rgb(primaryColor)),
    probability: new Scale(ramps.probability.map(rgb)),
    divergence: new Scale(ramps.divergence.map(rgb)),
    change: new Scale([...ramps.less.map(rgb).reverse(), middle, ...ramps.more.map(rgb)]),
  };
}

// Colours for 0 … 1, as pixels for an image and as text for a path.
export class Scale {
  constructor(stops, size = 257) {
    this.colors = Array.from({ length: size }, (_, k) => between(stops, k / (size - 1)));
    this.pixels = Uint32Array.from(this.colors, ([r, g, b]) => (255 << 24) | (b << 16) | (g << 8) | r);
  }

  index(t) {
    return Math.round(Math.min(1, Math.max(0, t)) * (this.pixels.length - 1)) || 0;
  }

  pixel(t) {
    return this.pixels[this.index(t)];
  }

  css(t) {
    return css(this.colors[this.index(t)]);
  }

  // The colour of text that reads well on the colour of t.
  ink(t) {
    return luminance(this.colors[this.index(t)]) > 0.3 ? "#10151c" : "#ffffff";
  }

  gradient() {
    const stops = Array.from({ length: 17 }, (_, k) => this.css(k / 16));
    return `linear-gradient(to right, ${stops.join(", ")})`;
  }
}

const probe = document.createElement("canvas").getContext("2d");

// Any opaque CSS colour as [r, g, b].
function rgb(color) {
  probe.fillStyle = "#000";
  probe.fillStyle = color;
  const text = probe.fillStyle;
  if (text[0] !== "#") return text.match(/[\d.]+/g).slice(0, 3).map(Number);
  return [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16));
}

const css = ([r, g, b]) => `rgb(${Math.round(r)}, ${Math.round(g)}, ${Math.round(b)})`;

const mix = (from, to, t) => from.map((value, k) => value + (to[k] - value) * t);

function between(stops, t) {
  const at = t * (stops.length - 1);
  const low = Math.min(Math.floor(at), stops.length - 2);
  return mix(stops[low], stops[low + 1], at - low);
}

// Relative luminance, 0 … 1 (WCAG 2).
function luminance(color) {
  const [r, g, b] = color.map((v) => (v <= 10 ? v / 3294 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
