// The whole workbench: what the model says, below it the tools and editors to the left and the maps
// to the right, and a line of text at the foot. The parts do not know each other; what one of them
// reports is passed on here.

import { make, setText } from "../drawing/dom.js";
import { forgetTheme, readTheme } from "../drawing/theme.js";
import { Heads } from "../maps/heads.js";
import { Maps } from "../maps/maps.js";
import { Editor } from "../matrix/editor.js";
import { ALL } from "../matrix/matrix.js";
import { markerHasOtherColumns } from "../matrix/sides.js";
import { MessageQueue } from "../messages/message_queue.js";
import { sentence } from "../wording/sentence.js";
import { Tip } from "./tip.js";
import { Toolbar } from "./toolbar.js";

/** @import * as Messages from "../messages/types.d.ts" */
/** @import { Grid, Place } from "../drawing/grid.js" */
/** @import { Send } from "../messages/message_queue.js" */
/** @import { Bus, Pointed } from "./bus.d.ts" */
/** @import { Layout } from "./toolbar.js" */

const PATIENCE = 250; // ms after which waiting for Python is shown
const HINT =
  "Paint cells, or click a word to fill its row or column. Type a number for an exact value.";

/** @typedef {{echo: number, sentAt: number | undefined, receivedAt: number}} Arrival */

export class Workbench {
  /** @param {Element} parent */
  constructor(parent) {
    this.queue = new MessageQueue((busy) => this.showBusy(busy));
    const bus = this.bus();
    this.marker = new Editor("marker", bus);
    this.beacon = new Editor("beacon", bus);
    this.editors = [this.marker, this.beacon];
    this.maps = new Maps(bus);
    this.heads = new Heads(bus);
    this.toolbar = new Toolbar({
      pick: (layout) => this.pick(layout),
      command: bus.command,
      toggleErase: () => this.toggleErase(),
      zoom: (factor) => this.zoom(factor),
    });
    this.tip = new Tip();
    this.says = make("div", { class: "says" });
    this.saysHtml = ""; // what it shows
    this.status = make("p", { class: "status", role: "status", "aria-live": "polite" });
    this.busy = make("span", { class: "busy", hidden: true }, "computing …");
    this.speed = make("span", { class: "speed" });
    this.root = this.build();
    /** @type {Messages.EditorState | null} */
    this.document = null;
    this.identity = ""; // of the document whose cells the editors hold
    /** @type {Arrival} the message that is to be drawn */
    this.arrival = { echo: 0, sentAt: undefined, receivedAt: 0 };
    /** @type {Pointed | null} what somebody points at */
    this.place = null;
    this.erasing = false;
    this.frame = 0; // of the drawing that is due
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.busyTimer = undefined;
    /** @type {Layout} */
    this.layout = "both";
    parent.append(this.root);
    this.pick("both");
    this.resize = new ResizeObserver(() => this.schedule());
    this.resize.observe(this.root);
    this.fontsLoaded = () => {
      forgetTheme(); // a canvas keeps what it drew with another font
      this.schedule();
    };
    document.fonts.addEventListener("loadingdone", this.fontsLoaded);
  }

  /** @returns {Bus} */
  bus() {
    return {
      change: (stroke) => this.sendEdit(stroke),
      command: (name) => this.queue.post("command", { name }),
      hover: (place) => this.hover(place),
      say: (text) => this.say(text),
      complain: (text) => this.complain(text),
      scrolled: (grid) => this.scrolled(grid),
      erasing: () => this.erasing,
      go: (place) => this.go(place),
      look: (layer, head) => this.queue.post("view", { layer, head }),
      resized: () => this.root.classList.toggle("large-map", this.maps.enlarged !== null),
    };
  }

  build() {
    const panels = this.editors.map((editor) => editor.panel);
    const editors = make("div", { class: "editors" }, ...panels);
    const left = make("div", { class: "side editing" }, this.toolbar.element, editors);
    const right = make("div", { class: "side looking" }, this.maps.panel, this.heads.panel);
    const root = make(
      "div",
      { class: "beaconviz", "data-testid": "workbench" },
      this.says,
      make("div", { class: "body" }, left, right),
      make("footer", {}, this.status, this.busy, this.speed),
      this.tip.element,
    );
    root.addEventListener("keydown", (event) => event.stopPropagation()); // Streamlit has shortcuts
    return root;
  }

  // ── from Python ────────────────────────────────────────────────────────────────────

  /**
   * @param {Messages.Message} message
   * @param {Send} send
   */
  update({ document, maps, says, address, echo, height }, send) {
    const { root, queue } = this;
    queue.send = send;
    const fresh = this.takeDocument(document);
    root.style.setProperty("--height", `${height}px`);
    root.dataset.echo = String(echo);
    for (const editor of this.editors) editor.load(document, fresh);
    this.maps.load(maps, document);
    if (!queue.holds("view")) this.heads.load(maps);
    this.toolbar.load(document);
    const { milliseconds } = maps;
    setText(this.speed, milliseconds === null ? "" : `model ${Math.round(milliseconds)} ms`);
    if (fresh) this.complain(document.notice ?? "");
    this.showSays(says);
    if (address) announce(address);
    this.arrival = { echo, sentAt: queue.sentAt, receivedAt: performance.now() };
    queue.echo(echo);
    this.draw();
  }

  /**
   * Says whether the document's cells are newer than the browser's own. Other names of rows or
   * columns alone leave the cells to the browser: see the editors.
   * @param {Messages.EditorState} document
   */
  takeDocument(document) {
    const { generation, reading, words, rows, columns, steps } = document;
    const identity = JSON.stringify([generation, reading, words, !rows, !columns, steps]);
    const fresh = identity !== this.identity;
    if (fresh) this.queue.forget("edit");
    this.document = document;
    this.identity = identity;
    return fresh;
  }

  /**
   * Shows what the model says: HTML that Python made and escaped. What a person opened stays open.
   * @param {string} html
   */
  showSays(html) {
    if (this.saysHtml === html) return;
    const open = new Set(Array.from(this.says.querySelectorAll("[data-kept][open]"), keptName));
    this.says.innerHTML = this.saysHtml = html;
    for (const part of this.says.querySelectorAll("[data-kept]")) {
      part.toggleAttribute("open", open.has(keptName(part)));
    }
  }

  schedule() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw());
  }

  draw() {
    const styled = getComputedStyle(this.root).getPropertyValue("--line");
    if (!this.document || !this.root.offsetWidth || !styled) return; // resizing comes back here
    const theme = readTheme(this.root);
    this.root.dataset.theme = theme.dark ? "dark" : "light";
    const heights = this.editors.map(({ grid }) => grid.labels.wantedHeight(theme));
    for (const editor of this.editors) {
      editor.grid.options.headroom = Math.max(...heights);
      if (!editor.panel.hidden) editor.show(theme);
    }
    this.maps.show(theme);
    this.heads.show(theme);
    if (this.place) this.hover(this.place);
    this.markDrawn();
  }

  /**
   * For tests and benchmarks: which message is on the canvases, and when (ms of the page) it was
   * sent, answered and drawn.
   */
  markDrawn() {
    const { echo, sentAt, receivedAt } = this.arrival;
    if (this.root.dataset.drawn === String(echo)) return;
    this.root.dataset.timing = [sentAt, receivedAt, performance.now()].join(" ");
    this.root.dataset.drawn = String(echo);
    if (sentAt) window.dispatchEvent(new Event("beaconviz:drawn")); // idle.js waits for a pause
  }

  // ── to Python ──────────────────────────────────────────────────────────────────────

  /** @param {number} stroke */
  sendEdit(stroke) {
    if (!this.document) return;
    const { generation } = this.document;
    const [marker, beacon] = this.editors.map((editor) => editor.matrix.cells());
    this.queue.post("edit", { generation, stroke, marker, beacon });
  }

  /** @param {boolean} busy */
  showBusy(busy) {
    clearTimeout(this.busyTimer);
    this.root.dataset.seq = String(this.queue.seq);
    if (!busy) {
      this.busy.hidden = true;
      return;
    }
    this.busyTimer = setTimeout(() => {
      this.busy.hidden = false;
    }, PATIENCE);
  }

  // ── between the parts ──────────────────────────────────────────────────────────────

  /**
   * Somebody points at a cell: it is marked everywhere, and its meaning is said.
   * @param {Pointed | null} place
   */
  hover(place) {
    this.place = place;
    for (const { kind, grid } of this.editors) {
      const seen = this.seenFrom(kind, place);
      const inEditor = seen && seen.i !== null && seen.j !== null;
      grid.point(inEditor ? /** @type {Place} */ ({ i: seen.i, j: seen.j }) : null);
    }
    const at = this.maps.point(this.seenFrom("map", place));
    const lines = place ? this.describe(place, at) : [];
    this.say(lines.join(" · "));
    this.tip.show(lines, place?.pointer, this.root);
  }

  /**
   * A place as another part knows it: the row alone where M's columns are others.
   * @param {Pointed["kind"]} kind
   * @param {Pointed | null} place
   */
  seenFrom(kind, place) {
    if (!place || !this.document || place.j === null) return place;
    const crossing = (place.kind === "marker") !== (kind === "marker");
    return crossing && markerHasOtherColumns(this.document) ? { ...place, j: ALL } : place;
  }

  /**
   * What a cell means, and what the maps hold there.
   * @param {Pointed} place
   * @param {Place | null} at in the maps
   */
  describe(place, at) {
    const isCell = at && at.i >= 0 && at.j >= 0;
    const values = isCell ? this.maps.data?.sentence(at, place.name) : undefined;
    if (place.kind === "map") return values ? [values.names, values.values] : [];
    if (!this.document || place.i === null || place.j === null) return [];
    const { matrix } = this[place.kind];
    const text = sentence(matrix, place.i, place.j, this.document, this.marker.matrix);
    return values ? [text, values.values] : [text];
  }

  /**
   * A click on a map takes the cursor of an editor there.
   * @param {Pointed | null} place
   */
  go(place) {
    if (!place || !this.document || place.i === null || place.j === null) return;
    const editor = this.layout === "marker" ? this.marker : this.beacon;
    const otherColumns = editor === this.marker && markerHasOtherColumns(this.document);
    editor.keyboard.take();
    editor.go(place.i, otherColumns ? place.i : place.j);
  }

  /** @param {Grid} from */
  scrolled(from) {
    for (const { grid } of this.editors) {
      if (grid !== from) grid.scrollWith(from);
    }
  }

  /** @param {number} factor */
  zoom(factor) {
    const visible = this.editors.filter(({ panel }) => !panel.hidden);
    for (const { grid } of visible) grid.zoomBy(factor);
    for (const editor of visible) editor.follow();
  }

  /** @param {Layout} layout */
  pick(layout) {
    this.layout = layout;
    this.toolbar.layouts.show(layout);
    for (const { kind, panel } of this.editors) {
      panel.hidden = layout !== "both" && layout !== kind;
    }
    this.schedule();
  }

  toggleErase() {
    this.erasing = !this.erasing;
    this.toolbar.showErasing(this.erasing);
    this.root.classList.toggle("erasing", this.erasing);
  }

  /** @param {string} text */
  say(text) {
    this.status.classList.remove("wrong");
    this.status.classList.toggle("hint", !text);
    setText(this.status, text || HINT);
  }

  /** @param {string} text */
  complain(text) {
    this.say(text);
    this.status.classList.toggle("wrong", Boolean(text));
  }

  remove() {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.busyTimer);
    this.resize.disconnect();
    document.fonts.removeEventListener("loadingdone", this.fontsLoaded);
    this.queue.close();
    this.root.remove();
  }
}

/** @param {Element} part */
const keptName = (part) => part.getAttribute("data-kept");

/**
 * Hands the page's address to the share button, which is another component.
 * @param {Messages.Address} address
 */
function announce(address) {
  Object.assign(window, { beaconvizAddress: address }); // for a button that is not there yet
  window.dispatchEvent(new CustomEvent("beaconviz:address", { detail: address }));
}
