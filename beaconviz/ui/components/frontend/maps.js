// The three attention maps: baseline, edited, and what changed. The first two share one
// scale, the third is symmetric about zero.

import { button, icon, make, tell } from "./dom.js";
import { Grid } from "./grid.js";
import { ALL } from "./matrix.js";
import { looks, number, percent, rowName, shown } from "./meaning.js";
import { same, sides } from "./sides.js";

const TITLES = { baseline: "Baseline", edited: "Edited", change: "Change" };
const NAMES = Object.keys(TITLES);
const GAP = 10;
const APART = "the texts differ: force one text to compare cell by cell";

export class Maps {
  // bus: {hover(place), go(place)}
  constructor(bus) {
    this.bus = bus;
    this.large = null; // the map that takes all the room
    this.views = NAMES.map((name) => this.view(name));
    this.empty = make("p", { class: "empty", hidden: true }, APART); // in place of the change
    this.views.at(-1).panel.append(this.empty);
    this.bars = { probability: bar("probability"), change: bar("change") };
    this.row = make("div", { class: "maps" }, ...this.views.map((view) => view.panel));
    this.panel = make("section", { class: "mapping", "aria-label": "Attention maps" }, this.row,
      make("div", { class: "bars" }, this.bars.probability.element, this.bars.change.element));
  }

  view(name) {
    const corner = ["row looks", "at column"];
    const grid = new Grid({ rowLabels: name === NAMES[0], corner, onscroll: (from) => this.scrolled(from) });
    const value = make("output", { class: "value" });
    const toggle = button("enlarge", `Enlarge ${TITLES[name].toLowerCase()}`, () => this.enlarge(name));
    const panel = make("figure", { class: `map ${name}` },
      make("figcaption", {}, make("b", {}, TITLES[name]), value, toggle), grid.scroller);
    const { canvas, scroller } = grid;
    canvas.addEventListener("pointermove", (event) => this.hover(name, grid.hit(event), event));
    canvas.addEventListener("pointerleave", () => this.bus.hover(null));
    canvas.addEventListener("click", (event) => this.bus.go(this.place(name, grid.hit(event))));
    canvas.addEventListener("dblclick", () => this.enlarge(name));
    scroller.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const box = canvas.getBoundingClientRect();
      grid.zoomBy(Math.exp(-event.deltaY / 300), event.clientX - box.left, event.clientY - box.top);
    }, { passive: false });
    return { name, grid, value, toggle, panel };
  }

  hover(name, at, { clientX: x, clientY: y }) {
    const place = this.place(name, at);
    this.bus.hover(place && { ...place, pointer: { x, y } });
  }

  // A cell of a map, with the row and column it belongs to in the editors. These have the rows of
  // the edited text; the baseline's, where they differ, are in no editor.
  place(name, at) {
    if (!at || at.i === ALL || at.j === ALL) return null;
    const i = this.alone(name) ? null : this.words[this.rows.edited[at.i]];
    return { kind: "map", name, i, j: this.columnWords[this.columns[at.j]], label: at };
  }

  // Whether a map has rows of its own.
  alone(name) {
    return this.apart && name === "baseline";
  }

  // Where the value of a shown cell is.
  index(name, { i, j }) {
    return this.rows[name][i] * this.across.length + this.columns[j];
  }

  load(maps, document) {
    const { labels, baseline, edited } = maps;
    const before = maps.baseline_labels ?? labels;
    Object.assign(this, { maps, document, across: maps.columns ?? labels, apart: !same(before, labels) });
    const names = sides("beacon", document);
    this.words = maps.words ?? numbers(labels, names.rows);
    this.columnWords = maps.columns ? maps.column_words ?? numbers(maps.columns, names.columns) : this.words;
    this.change = this.apart ? edited.map(() => 0) : edited.map((value, k) => value - baseline[k]);
    const [rows, columns] = part(maps, this.across);
    const first = this.apart ? before.map((_, k) => k) : rows;
    Object.assign(this, { columns, rows: { baseline: first, edited: rows, change: rows } });
    this.top = Math.max(this.most("baseline"), this.most("edited")) || 1;
    const most = this.most("change");
    this.swing = most < 1e-5 ? 0 : most; // less is rounding
    this.labels = { baseline: before, edited: labels, change: labels };
    const second = maps.pair ? -1 : maps.segments?.indexOf(1) ?? -1;
    for (const { name, grid } of this.views) {
      const named = this.rows[name].map((k) => this.labels[name][k]);
      grid.options.oblong = maps.columns !== null;
      grid.label(named, columns.map((k) => this.across[k]));
      grid.second = second < 0 ? {} : { i: second, j: second };
    }
  }

  // The largest value that a map shows.
  most(name) {
    const array = this.values(name);
    return this.rows[name].reduce((high, i) => this.columns.reduce(
      (higher, j) => Math.max(higher, Math.abs(array[i * this.across.length + j])), high), 0);
  }

  values(name) {
    return name === "change" ? this.change : this.maps[name];
  }

  tint(name, value) {
    return name === "change" ? 0.5 + value / (2 * this.swing || 1) : value / this.top;
  }

  show(theme) {
    this.theme = theme;
    const across = this.columns.length;
    this.bars.probability.show(theme.probability, "0", "attention", percent(this.top));
    const swing = number(100 * this.swing, 2);
    const ends = this.swing ? [`−${swing}`, `+${swing} points`] : ["", "none"];
    this.bars.change.show(theme.change, ends[0], "change", ends[1]);
    this.bars.change.element.classList.toggle("idle", this.apart);
    this.arrange(theme);
    for (const { name, grid } of this.views) {
      const values = this.values(name);
      const scale = name === "change" ? theme.change : theme.probability;
      grid.show({
        theme,
        color: (k) => scale.pixel(this.tint(name, values[this.index(name, { i: Math.floor(k / across), j: k % across })])),
        text: (i, j) => cellText(name, values[this.index(name, { i, j })]),
        ink: (i, j) => scale.ink(this.tint(name, values[this.index(name, { i, j })])),
      });
    }
  }

  // Maps of one size, side by side; or one that fills the room.
  arrange(theme) {
    this.row.classList.toggle("one", this.large !== null);
    this.empty.hidden = !this.apart;
    for (const { name, grid, panel, toggle } of this.views) {
      grid.scroller.hidden = this.apart && name === "change";
      panel.hidden = this.large !== null && this.large !== name;
      grid.options.rowLabels = this.large !== null || name === NAMES[0] || (this.apart && name === "edited");
      const pressed = String(this.large === name);
      if (toggle.getAttribute("aria-pressed") === pressed) continue;
      toggle.replaceChildren(icon(this.large ? "shrink" : "enlarge"));
      toggle.setAttribute("aria-pressed", pressed);
    }
    const heads = this.views.map(({ grid }) => grid.labels.headWidth(theme));
    const side = (this.row.clientWidth - sum(heads) - 2 * GAP) / 3;
    this.views.forEach(({ panel, grid }, k) => {
      panel.style.width = this.large ? "100%" : `${Math.floor(side + heads[k])}px`;
      grid.scroller.style.height = this.large ? "" : `${Math.ceil(side + grid.labels.headHeight(theme) + 2)}px`;
    });
  }

  enlarge(name) {
    this.large = this.large === name ? null : name;
    this.views.forEach(({ grid }) => (grid.zoom = null));
    this.bus.resized();
    this.show(this.theme);
  }

  // Maps scroll together.
  scrolled(from) {
    for (const { grid } of this.views) {
      if (grid === from || this.apart || grid.options.rowLabels !== from.options.rowLabels) continue;
      grid.scrollWith(from);
    }
  }

  // Mark the cell that someone points at, here or in an editor.
  point(place) {
    const at = place && (place.label ?? this.find(place));
    this.views.forEach(({ name, grid, value }) => {
      const here = this.alone(name) === this.alone(place?.name) ? at : null;
      grid.point(here);
      const single = here && at.i !== ALL && at.j !== ALL && !grid.scroller.hidden;
      tell(value, single ? cellValue(name, this.values(name)[this.index(name, at)]) : "");
    });
    return at;
  }

  find({ i, j }) {
    const label = (word, words, shownAt) => (word === ALL ? ALL : shownAt.findIndex((k) => words[k] === word));
    const at = { i: label(i, this.words, this.rows.edited), j: label(j, this.columnWords, this.columns) };
    const missing = (i !== ALL && at.i < 0) || (j !== ALL && at.j < 0);
    return missing ? null : at;
  }

  // The names and values of a cell of one map, or of all of them.
  sentence(at, name = "edited") {
    const k = this.index(name, at);
    const names = `${this.rowName(name, at.i)} ${looks(this.document)} ${shown(this.across[this.columns[at.j]])}`;
    const [before, after] = [this.maps.baseline[k], this.maps.edited[k]];
    if (this.apart) return { names, values: `attention ${percent(name === "baseline" ? before : after)} (${name})` };
    return { names, values: `attention ${percent(before)} → ${percent(after)} (${cellValue("change", this.change[k])} points)` };
  }

  rowName(name, i) {
    const k = this.rows[name][i];
    const label = shown(this.labels[name][k]);
    if (!this.document.steps) return label;
    if (this.alone(name)) return `step ${k} (${label})`;
    return this.words[k] === null ? label : rowName(this.document, this.words[k]);
  }
}

// For each label of the maps its number in the editors, where these are named alike.
function numbers(labels, names) {
  const agree = same(labels, names);
  return labels.map((_, k) => (agree ? k : null));
}

// The rows and columns that are shown: all, or those of one text each (a→a, a→b, b→a, b→b).
function part({ labels, segments, pair }, across) {
  const every = labels.map((_, k) => k);
  if (!pair || !segments) return [every, across.map((_, k) => k)];
  const of = (text) => every.filter((k) => segments[k] === text);
  return [of(pair > 2 ? 1 : 0), of(pair % 2 ? 0 : 1)];
}

const sum = (values) => values.reduce((total, value) => total + value, 0);

function cellText(name, value) {
  const size = Math.round(Math.abs(100 * value));
  if (!size) return "";
  return name !== "change" ? String(size) : value < 0 ? `−${size}` : `+${size}`;
}

function cellValue(name, value) {
  if (name !== "change") return percent(value);
  const size = Math.abs(100 * value).toFixed(1);
  if (size === "0.0") return size;
  return `${value < 0 ? "−" : "+"}${size}`;
}

// A colour bar with a name.
function bar(name) {
  const [low, title, high, band] = ["span", "span", "span", "i"].map((tag) => make(tag));
  const element = make("div", { class: `bar ${name}` }, low, band, high, title);
  title.className = "title";
  const show = (scale, from, what, to) => {
    tell(low, from);
    tell(high, to);
    tell(title, what);
    band.style.background = scale.gradient();
  };
  return { element, show };
}
