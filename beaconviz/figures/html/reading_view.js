// The reading view: a text with its key words in strength, and how much of it to read.
// One file for the app's component and for an exported page; moving the slider asks Python nothing.

const SIGNIFICANT = 0.001; // a smaller change of a word's weight is none

/** @typedef {{name: string, weights: number[]}} Side the weights of the words, which sum to 1 */
/**
 * @typedef {object} ReadingData
 * @property {string[]} words
 * @property {string[]} gaps what stands before each word, and after the last
 * @property {Side[]} sides one, or those before and after an edit
 * @property {number} share of the words to read, 0 … 1
 */
/** @typedef {{share: number, hideOthers: boolean}} ReadingState what a person chose */

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} [className]
 * @param {string} [text]
 * @returns {HTMLElementTagNameMap[Tag]}
 */
function make(tag, className = "", text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

/**
 * The place of each word among all, the heaviest first; of equal words the earlier first.
 * @param {number[]} weights
 */
export function ranks(weights) {
  const order = weights.map((_, word) => word).sort((a, b) => weights[b] - weights[a]);
  /** @type {number[]} */
  const places = new Array(weights.length);
  order.forEach((word, place) => {
    places[word] = place;
  });
  return places;
}

/**
 * How many words a share of the text is: at least one, and none without weight.
 * @param {number} share
 * @param {number[]} weights
 */
export function countOf(share, weights) {
  const weighted = weights.filter((weight) => weight > 0).length;
  return Math.min(Math.max(1, Math.round(share * weights.length)), weighted);
}

/**
 * How much of all weight an edit moved from words to other words, as a sentence.
 * @param {number[]} before
 * @param {number[]} after
 */
export function moved(before, after) {
  const share = before.reduce((sum, weight, word) => sum + Math.abs(after[word] - weight), 0) / 2;
  const percent = (100 * share).toFixed(share < 0.1 ? 1 : 0);
  return `The edit moved ${share < SIGNIFICANT ? "less than 0.1" : percent} % of the weight.`;
}

/**
 * The text beside the mouse on a word.
 * @param {number} weight
 * @param {number} before its weight before the edit
 */
export function wordTitle(weight, before) {
  const change = weight - before;
  const points = (100 * Math.abs(change)).toFixed(2);
  const note = Math.abs(change) > SIGNIFICANT ? ` (${change > 0 ? "+" : "−"}${points})` : "";
  return `${(100 * weight).toFixed(2)} % of the weight${note}`;
}

/**
 * The text with the weights of one side. `keep` marks the words of a share of the text.
 * @param {ReadingData} data
 * @param {Side} side
 * @param {Side | null} before the side to compare with
 */
function textOf({ words, gaps }, side, before) {
  const box = make("section", "bvr-side");
  const heading = make("h3", "bvr-name", side.name);
  const summary = make("span", "bvr-said");
  heading.append(summary);
  const text = make("div", "bvr-text");
  text.dir = "auto";
  const largest = side.weights.reduce((most, weight) => Math.max(most, weight), 1e-12);
  const spans = words.map((word, n) => {
    const span = make("span", "bvr-word", word);
    span.style.setProperty("--w", (side.weights[n] / largest).toFixed(3));
    span.title = wordTitle(side.weights[n], (before ?? side).weights[n]);
    text.append(gaps[n], span);
    return span;
  });
  text.append(gaps[words.length]);
  box.append(heading, text);
  const places = ranks(side.weights);
  const placesBefore = before && ranks(before.weights);
  /** @param {number} share */
  const keep = (share) => {
    const count = countOf(share, side.weights);
    const countBefore = before ? countOf(share, before.weights) : 0;
    let weight = 0;
    spans.forEach((span, n) => {
      const isKept = places[n] < count;
      const wasKept = placesBefore ? placesBefore[n] < countBefore : isKept;
      if (isKept) weight += side.weights[n];
      span.classList.toggle("kept", isKept);
      span.classList.toggle("new", isKept && !wasKept);
      span.classList.toggle("lost", !isKept && wasKept);
    });
    const percent = Math.round(100 * weight);
    summary.textContent = `${count} of ${words.length} words · ${percent} % of the weight`;
  };
  return { box, keep };
}

/**
 * Draws the view into `root`.
 * @param {Element} root
 * @param {ReadingData} data
 * @param {ReadingState} [state] where its slider and its check box are
 * @param {(state: ReadingState) => void} [onchange]
 */
export function reading(
  root,
  data,
  state = { share: data.share, hideOthers: false },
  onchange = () => {},
) {
  const view = make("div", "bvr");
  const { bar, slider, shown, check } = controls(state);
  const columns = make("div", "bvr-columns");
  const [first, ...others] = data.sides;
  const texts = [textOf(data, first, null), ...others.map((side) => textOf(data, side, first))];
  columns.append(...texts.map(({ box }) => box));
  const note = make("p", "bvr-note");
  if (others.length) {
    const sentence = moved(first.weights, others[0].weights);
    note.textContent = `${sentence} Framed: read only after the edit. Dashed: no longer read.`;
  }
  view.append(bar, columns, note);
  root.replaceChildren(view);
  const draw = () => {
    shown.textContent = `${slider.value} % of this text`;
    slider.setAttribute("aria-valuetext", shown.textContent);
    view.classList.toggle("only", check.checked);
    for (const { keep } of texts) keep(Number(slider.value) / 100);
  };
  const report = () => onchange({ share: Number(slider.value) / 100, hideOthers: check.checked });
  slider.addEventListener("input", draw);
  slider.addEventListener("change", report);
  check.addEventListener("change", draw);
  check.addEventListener("change", report);
  draw();
}

/** @param {ReadingState} state */
function controls({ share, hideOthers }) {
  const label = make("label", "bvr-slider", "Read ");
  const slider = make("input");
  const percent = String(Math.round(100 * share));
  Object.assign(slider, { type: "range", min: "1", max: "100", step: "1", value: percent });
  const shown = make("output");
  label.append(slider, shown);
  const only = make("label", "bvr-only");
  const check = make("input");
  check.type = "checkbox";
  check.checked = hideOthers;
  only.append(check, " hide the rest");
  const bar = make("div", "bvr-bar");
  bar.append(label, only);
  return { bar, slider, shown, check };
}

/** @type {WeakMap<Element, {shown: string, state: ReadingState}>} what components show */
const drawn = new WeakMap();

/**
 * The view as a Streamlit component. It is called again at each run: it draws only when its data
 * changed, and keeps the slider where a person left it.
 * @param {{parentElement: Element, data: ReadingData}} component
 */
export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".bvr-root");
  const before = drawn.get(parentElement);
  const shown = JSON.stringify(data);
  if (!root || before?.shown === shown) return;
  const state = { ...(before?.state ?? { share: data.share, hideOthers: false }) };
  drawn.set(parentElement, { shown, state });
  reading(root, data, state, (chosen) => Object.assign(state, chosen));
}
