// The whole: what the model says on top, then tools, editors to the left, maps to the right,
// and one line of words below.
// The parts know nothing of each other; what one of them reports is passed on here.

import { button, choice, make, tell } from "./dom.js";
import { Editor } from "./editor.js";
import { Heads } from "./heads.js";
import { Link } from "./link.js";
import { Maps } from "./maps.js";
import { ALL } from "./matrix.js";
import { sentence } from "./meaning.js";
import { apart } from "./sides.js";
import { readTheme } from "./theme.js";

const LAYOUTS = [["both", "M | A", "Both matrices"], ["marker", "M", "The marker alone"], ["beacon", "A", "The beacon alone"]];
const PATIENT = 250; // ms after which waiting for Python is shown

export class Workbench {
  constructor(parent) {
    this.link = new Link((busy) => this.showBusy(busy));
    const bus = {
      change: (stroke) => this.sendEdit(stroke),
      command: (name) => this.command(name),
      hover: (place) => this.hover(place),
      say: (text) => this.say(text),
      complain: (text) => this.complain(text),
      scrolled: (grid) => this.scrolled(grid),
      erasing: () => this.erasing,
      go: (place) => this.go(place),
      look: (layer, head) => this.link.post("view", { layer, head }),
      resized: () => this.root.classList.toggle("large-map", this.maps.large !== null),
    };
    this.editors = { marker: new Editor("marker", bus), beacon: new Editor("beacon", bus) };
    this.maps = new Maps(bus);
    this.heads = new Heads(bus);
    this.build(parent);
    this.pick("both");
    this.resize = new ResizeObserver(() => this.schedule());
    this.resize.observe(this.root);
    this.fontsLoaded = () => this.schedule(); // a canvas keeps what it drew before
    document.fonts.addEventListener("loadingdone", this.fontsLoaded);
  }

  build(parent) {
    const { marker, beacon } = this.editors;
    this.layouts = choice("Matrices", LAYOUTS, (layout) => this.pick(layout));
    this.buttons = {
      undo: button("undo", "Undo (Ctrl+Z)", () => this.command("undo")),
      redo: button("redo", "Redo (Ctrl+Shift+Z)", () => this.command("redo")),
      reset: button("reset", "Reset both matrices", () => this.command("reset")),
      erase: button("erase", "Eraser (or the right mouse button)", () => this.toggleErase()),
    };
    this.buttons.erase.setAttribute("aria-pressed", "false");
    const zoom = (name, title, factor) => button(name, title, () => this.zoom(factor));
    this.busy = make("span", { class: "busy", hidden: true }, "computing …");
    this.speed = make("span", { class: "speed" });
    this.status = make("p", { class: "status", role: "status", "aria-live": "polite" });
    this.tip = make("div", { class: "tip", "aria-hidden": "true", hidden: true });
    const { undo, redo, reset, erase } = this.buttons;
    const left = make("div", { class: "side editing" },
      make("div", { class: "tools", role: "toolbar", "aria-label": "Tools" }, this.layouts.group,
        make("span", { class: "tool-group" }, undo, redo, reset), make("span", { class: "tool-group" }, erase),
        make("span", { class: "tool-group" }, zoom("out", "Zoom out", 1 / 1.4), zoom("fit", "Show the whole matrix", 0), zoom("in", "Zoom in", 1.4))),
      make("div", { class: "editors" }, marker.panel, beacon.panel));
    const right = make("div", { class: "side looking" }, this.maps.panel, this.heads.panel);
    this.says = make("div", { class: "says" });
    this.root = make("div", { class: "beaconviz", "data-testid": "workbench" }, this.says,
      make("div", { class: "body" }, left, right),
      make("footer", {}, this.status, this.busy, this.speed), this.tip);
    this.root.addEventListener("keydown", (event) => event.stopPropagation());
    parent.append(this.root);
  }

  // ── from Python ────────────────────────────────────────────────────────────────────

  update({ document, maps, says, address, echo, height }, setStateValue) {
    this.link.send = setStateValue;
    const { root, link } = this;
    const { generation, reading, words, rows, columns, steps } = document;
    // Other names of rows or columns alone leave the cells to the browser: see the editors.
    const identity = JSON.stringify([generation, reading, words, !rows, !columns, steps]);
    const fresh = identity !== this.identity;
    if (fresh) link.forget("edit");
    Object.assign(this, { document, identity });
    root.style.setProperty("--height", `${height}px`);
    root.dataset.echo = echo;
    for (const editor of Object.values(this.editors)) editor.load(document, fresh);
    this.maps.load(maps, document);
    if (link.queue.every(({ kind }) => kind !== "view")) this.heads.load(maps);
    this.buttons.undo.disabled = !document.can_undo;
    this.buttons.redo.disabled = !document.can_redo;
    tell(this.speed, maps.milliseconds === null ? "" : `model ${Math.round(maps.milliseconds)} ms`);
    if (fresh) this.complain(document.notice ?? "");
    this.hear(says);
    if (address) this.hand(address);
    this.arrival = { echo, sent: link.sent, received: performance.now() };
    link.echo(echo);
    this.draw();
  }

  // What the model says: HTML that Python made and escaped. What a person opened stays open.
  hear(says) {
    if (this.heard === says) return;
    const names = new Set([...this.says.querySelectorAll("[data-kept][open]")].map((one) => one.dataset.kept));
    this.says.innerHTML = this.heard = says;
    for (const one of this.says.querySelectorAll("[data-kept]")) one.open = names.has(one.dataset.kept);
  }

  // The share button, which is another component, keeps the page's address.
  hand(address) {
    window.beaconvizAddress = address;
    window.dispatchEvent(new CustomEvent("beaconviz:address", { detail: address }));
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
    const editors = Object.values(this.editors);
    const headroom = Math.max(...editors.map(({ grid }) => grid.labels.wantedHeight(theme)));
    for (const editor of editors) {
      editor.grid.options.headroom = headroom;
      if (!editor.panel.hidden) editor.show(theme);
    }
    this.maps.show(theme);
    this.heads.show(theme);
    if (this.place) this.hover(this.place);
    this.markDrawn();
  }

  // For tests and benchmarks: which message is on the canvases, and when (ms of the page)
  // it was sent, answered and drawn.
  markDrawn() {
    const { echo, sent, received } = this.arrival;
    if (this.root.dataset.drawn === String(echo)) return;
    this.root.dataset.timing = [sent, received, performance.now()].join(" ");
    this.root.dataset.drawn = echo;
    if (sent) window.dispatchEvent(new Event("beaconviz:drawn")); // still.py waits for these to pause
  }

  // ── to Python ──────────────────────────────────────────────────────────────────────

  sendEdit(stroke) {
    const { marker, beacon } = this.editors;
    this.link.post("edit", {
      generation: this.document.generation, stroke, marker: marker.matrix.cells(), beacon: beacon.matrix.cells(),
    });
  }

  command(name) {
    this.link.post("command", { name });
  }

  showBusy(busy) {
    clearTimeout(this.wait);
    this.root.dataset.seq = this.link.seq;
    if (!busy) this.busy.hidden = true;
    else this.wait = setTimeout(() => (this.busy.hidden = false), PATIENT);
  }

  // ── between the parts ──────────────────────────────────────────────────────────────

  // Someone points at a cell: mark it everywhere, and say what it means.
  hover(place) {
    this.place = place;
    for (const [kind, editor] of Object.entries(this.editors)) {
      const at = this.seenFrom(kind, place);
      editor.grid.point(at && at.i !== null && at.j !== null ? { i: at.i, j: at.j } : null);
    }
    const at = this.maps.point(this.seenFrom("map", place));
    const lines = place ? this.describe(place, at) : [];
    this.say(lines.join(" · "));
    this.showTip(lines, place?.pointer);
  }

  // A place as another part knows it: the row alone where M's columns are something else.
  seenFrom(kind, place) {
    const crossing = place && (place.kind === "marker") !== (kind === "marker");
    return crossing && apart(this.document) && place.j !== null ? { ...place, j: ALL } : place;
  }

  // What a cell means, and what the maps hold there.
  describe(place, at) {
    const values = at && at.i >= 0 && at.j >= 0 ? this.maps.sentence(at, place.name) : null;
    if (place.kind === "map") return [values.names, values.values];
    const { matrix } = this.editors[place.kind];
    const text = sentence(matrix, place.i, place.j, this.document, this.editors.marker.matrix);
    return values ? [text, values.values] : [text];
  }

  // The same words beside the pointer.
  showTip(lines, pointer) {
    this.tip.hidden = !pointer || !lines.length;
    if (this.tip.hidden) return;
    this.tip.replaceChildren(...lines.map((text) => make("div", {}, text)));
    const box = this.root.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.tip;
    const right = pointer.x - box.left + 14;
    const below = pointer.y - box.top + 16;
    this.tip.style.left = `${Math.max(0, Math.min(right, box.width - width))}px`;
    this.tip.style.top = `${below + height > box.height ? below - height - 28 : below}px`;
  }

  // A click on a map takes the cursor of an editor there.
  go(place) {
    if (!place || place.i === null || place.j === null) return;
    const editor = this.layout === "marker" ? this.editors.marker : this.editors.beacon;
    const other = editor.kind === "marker" && apart(this.document); // it has no such column
    editor.keyboard.take();
    editor.go(place.i, other ? place.i : place.j);
  }

  scrolled(from) {
    for (const { grid } of Object.values(this.editors)) {
      if (grid !== from) grid.scrollWith(from);
    }
  }

  zoom(factor) {
    for (const { grid, panel } of Object.values(this.editors)) if (!panel.hidden) grid.zoomBy(factor);
    Object.values(this.editors).forEach((editor) => editor.panel.hidden || editor.follow());
  }

  pick(layout) {
    this.layout = layout;
    this.layouts.show(layout);
    for (const [kind, editor] of Object.entries(this.editors)) {
      editor.panel.hidden = layout !== "both" && layout !== kind;
    }
    this.schedule();
  }

  toggleErase() {
    this.erasing = !this.erasing;
    this.buttons.erase.setAttribute("aria-pressed", String(this.erasing));
    this.root.classList.toggle("erasing", this.erasing);
  }

  say(text) {
    this.status.classList.remove("wrong");
    this.status.classList.toggle("hint", !text);
    tell(this.status, text || this.hint());
  }

  complain(text) {
    this.say(text);
    this.status.classList.toggle("wrong", Boolean(text));
  }

  hint() {
    return "Paint cells, or click a word to fill its row or column. Type a number for an exact value.";
  }

  remove() {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.wait);
    this.resize.disconnect();
    document.fonts.removeEventListener("loadingdone", this.fontsLoaded);
    this.link.close();
    this.root.remove();
  }
}
