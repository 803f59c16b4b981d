// The reading view: a text with its key words in strength, and how much of it to keep.
// One file for the app's component and for an exported page; neither asks Python to move the slider.

const SIGNIFICANT = 0.001; // a smaller change of a word's weight is none

function made(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

/** The place of each word among all, the heaviest first; words without weight come last. */
export function ranks(weights) {
  const order = weights.map((_, word) => word).sort((a, b) => weights[b] - weights[a] || a - b);
  const places = new Array(weights.length);
  order.forEach((word, place) => (places[word] = place));
  return places;
}

/** How many words a share of the text is: at least one, and none that weighs nothing. */
export function countOf(share, weights) {
  const some = weights.filter((weight) => weight > 0).length;
  return Math.min(Math.max(1, Math.round(share * weights.length)), some);
}

/** The share of all weight that an edit took from some words and gave to others, in words. */
export function moved(before, after) {
  const share = before.reduce((sum, weight, word) => sum + Math.abs(after[word] - weight), 0) / 2;
  const percent = share < SIGNIFICANT ? "less than 0.1" : (100 * share).toFixed(share < 0.1 ? 1 : 0);
  return `The edit moved ${percent} % of the weight.`;
}

function sideOf(data, side, other) {
  const { gaps, words } = data;
  const most = Math.max(...side.weights, 1e-12);
  const box = made("section", "bvr-side");
  const head = made("h3", "bvr-name", side.name);
  const said = made("span", "bvr-said");
  head.append(said);
  const text = made("div", "bvr-text");
  text.dir = "auto";
  const spans = words.map((word, n) => {
    const span = made("span", "bvr-word", word);
    span.style.setProperty("--w", (side.weights[n] / most).toFixed(3));
    const percent = (100 * side.weights[n]).toFixed(2);
    const change = other ? side.weights[n] - other.weights[n] : 0;
    const by = Math.abs(change) > SIGNIFICANT ? ` (${change > 0 ? "+" : "−"}${(100 * Math.abs(change)).toFixed(2)})` : "";
    span.title = `${percent} % of the weight${by}`;
    text.append(gaps[n], span);
    return span;
  });
  text.append(gaps[words.length]);
  box.append(head, text);
  const places = ranks(side.weights);
  const before = other && ranks(other.weights);
  const keep = (share) => {
    const count = countOf(share, side.weights);
    const was = other && countOf(share, other.weights);
    let weight = 0;
    spans.forEach((span, n) => {
      const kept = places[n] < count;
      if (kept) weight += side.weights[n];
      span.classList.toggle("kept", kept);
      span.classList.toggle("new", Boolean(other) && kept && before[n] >= was);
      span.classList.toggle("lost", Boolean(other) && !kept && before[n] < was);
    });
    said.textContent = `${count} of ${words.length} words · ${Math.round(100 * weight)} % of the weight`;
  };
  return { box, keep };
}

/** Draws the view into `root`. data: {gaps, words, sides: [{name, weights}], share}. */
export function reading(root, data, changed = () => {}) {
  root.replaceChildren();
  const view = made("div", "bvr");
  const bar = made("div", "bvr-bar");
  const label = made("label", "bvr-slider", "Read ");
  const slider = made("input");
  Object.assign(slider, { type: "range", min: 1, max: 100, step: 1, value: Math.round(100 * data.share) });
  const shown = made("output");
  label.append(slider, shown);
  const only = made("label", "bvr-only");
  const check = made("input");
  check.type = "checkbox";
  check.checked = Boolean(data.hide);
  only.append(check, " hide the rest");
  bar.append(label, only);
  const columns = made("div", "bvr-columns");
  const sides = data.sides.map((side, n) => sideOf(data, side, n > 0 ? data.sides[0] : null));
  sides.forEach(({ box }) => columns.append(box));
  const note = made("p", "bvr-note");
  if (data.sides.length > 1) {
    const [before, after] = data.sides.map((side) => side.weights);
    note.textContent = `${moved(before, after)} Framed: read only after the edit. Dashed: no longer read.`;
  }
  view.append(bar, columns, note);
  root.append(view);
  const draw = () => {
    const share = slider.value / 100;
    shown.textContent = `${slider.value} % of this text`;
    slider.setAttribute("aria-valuetext", shown.textContent);
    view.classList.toggle("only", check.checked);
    sides.forEach(({ keep }) => keep(share));
  };
  slider.addEventListener("input", draw);
  check.addEventListener("change", draw);
  for (const input of [slider, check])
    input.addEventListener("change", () => changed(slider.value / 100, check.checked));
  draw();
}
