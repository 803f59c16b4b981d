// The three attention maps: baseline, edited, and what changed. The first two share one
// scale, the third is symmetric about zero.

import { button, icon, make, tell } from "./dom.js";
import { Grid } from "./grid.js";
import { ALL } from "./matrix.js";
import { number, percent, shown } from "./meaning.js";

const TITLES = { baseline: "Baseline", edited: "Edited", change: "Change" };
const NAMES = Object.keys(TITLES);
const GAP = 10;

export class Maps {
  // bus: {hover(place), go(place)}
  constructor(bus) {
    this.bus = bus;
    this.large = null; // the map that takes all the room
    this.views = NAMES.map((name) => this.view(name));
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
    canvas.addEventListener("pointermove", (event) => this.hover(grid.hit(event), event));
    canvas.addEventListener("pointerleave", () => this.bus.hover(null));
    canvas.addEventListener("click", (event) => this.bus.go(this.place(grid.hit(event))));
    canvas.addEventListener("dblclick", () => this.enlarge(name));
    scroller.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const box = canvas.getBoundingClientRect();
      grid.zoomBy(Math.exp(-event.deltaY / 300), event.clientX - box.left, event.clientY - box.top);
    }, { passive: false });
    return { name, grid, value, toggle, panel };
  }

  hover(at, { clientX: x, clientY: y }) {
    const place = this.place(at);
    this.bus.hover(place && { ...place, pointer: { x, y } });
  }

  // A cell of the maps, with the words it belongs to in the editors.
  place(at) {
    if (!at || at.i === ALL || at.j === ALL) return null;
    return { kind: "map", i: this.words[this.rows[at.i]], j: this.words[this.columns[at.j]], label: at };
  }

  // Where the value of a shown cell is.
  index({ i, j }) {
    return this.rows[i] * this.maps.labels.length + this.columns[j];
  }

  load(maps, words) {
    this.maps = maps;
    const agree = maps.labels.length === words.length && maps.labels.every((text, k) => text === words[k]);
    this.words = maps.words ?? maps.labels.map((_, k) => (agree ? k : null));
    const { baseline, edited } = maps;
    this.change = edited.map((value, k) => value - baseline[k]);
    [this.rows, this.columns] = part(maps);
    const most = (array) => this.rows.reduce((high, i) => this.columns.reduce(
      (higher, j) => Math.max(higher, Math.abs(array[i * maps.labels.length + j])), high), 0);
    this.top = Math.max(most(baseline), most(edited)) || 1;
    this.swing = most(this.change);
    const named = (places) => places.map((k) => maps.labels[k]);
    const second = maps.pair ? -1 : maps.segments?.indexOf(1) ?? -1;
    for (const { grid } of this.views) {
      grid.label(named(this.rows), named(this.columns));
      grid.second = second < 0 ? null : second;
    }
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
    this.arrange(theme);
    for (const { name, grid } of this.views) {
      const values = this.values(name);
      const scale = name === "change" ? theme.change : theme.probability;
      grid.show({
        theme,
        color: (k) => scale.pixel(this.tint(name, values[this.index({ i: Math.floor(k / across), j: k % across })])),
        text: (i, j) => cellText(name, values[this.index({ i, j })]),
        ink: (i, j) => scale.ink(this.tint(name, values[this.index({ i, j })])),
      });
    }
  }

  // Square maps of one size, side by side; or one that fills the room.
  arrange(theme) {
    const [first] = this.views;
    const head = { w: first.grid.labels.headWidth(theme), h: first.grid.labels.headHeight(theme) };
    this.row.classList.toggle("one", this.large !== null);
    for (const { name, grid, panel, toggle } of this.views) {
      panel.hidden = this.large !== null && this.large !== name;
      grid.options.rowLabels = this.large !== null || name === NAMES[0];
      const pressed = String(this.large === name);
      if (toggle.getAttribute("aria-pressed") === pressed) continue;
      toggle.replaceChildren(icon(this.large ? "shrink" : "enlarge"));
      toggle.setAttribute("aria-pressed", pressed);
    }
    const room = this.row.clientWidth;
    const side = (room - head.w - 4 - 2 * GAP) / 3;
    this.views.forEach(({ panel, grid }, k) => {
      const width = side + (k ? 2 : head.w);
      panel.style.width = this.large ? "100%" : `${Math.floor(width)}px`;
      grid.scroller.style.height = this.large ? "" : `${Math.ceil(side + head.h + 2)}px`;
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
      if (grid === from || grid.options.rowLabels !== from.options.rowLabels) continue;
      grid.scrollWith(from);
    }
  }

  // Mark the cell that someone points at, here or in an editor.
  point(place) {
    const at = place && (place.label ?? this.find(place));
    this.views.forEach(({ name, grid, value }) => {
      grid.point(at);
      const single = at && at.i !== ALL && at.j !== ALL;
      tell(value, single ? cellValue(name, this.values(name)[this.index(at)]) : "");
    });
    return at;
  }

  find({ i, j }) {
    const label = (word, shownAt) => (word === ALL ? ALL : shownAt.findIndex((k) => this.words[k] === word));
    const at = { i: label(i, this.rows), j: label(j, this.columns) };
    const missing = (i !== ALL && at.i < 0) || (j !== ALL && at.j < 0);
    return missing ? null : at;
  }

  sentence({ i, j }) {
    const { labels, baseline, edited } = this.maps;
    const k = this.index({ i, j });
    const names = `${shown(labels[this.rows[i]])} → ${shown(labels[this.columns[j]])}`;
    const change = cellValue("change", this.change[k]);
    return { names, values: `attention ${percent(baseline[k])} → ${percent(edited[k])} (${change} points)` };
  }
}

// The rows and columns that are shown: all, or those of one text each (a→a, a→b, b→a, b→b).
function part({ labels, segments, pair }) {
  const every = labels.map((_, k) => k);
  if (!pair || !segments) return [every, every];
  const of = (text) => every.filter((k) => segments[k] === text);
  return [of(pair > 2 ? 1 : 0), of(pair % 2 ? 0 : 1)];
}

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
