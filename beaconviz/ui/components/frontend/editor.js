// One matrix editor: a grid to paint on, a brush, a cursor and a selection.

import { choice, make } from "./dom.js";
import { Grid } from "./grid.js";
import { Keyboard } from "./keyboard.js";
import { ALL, Matrix } from "./matrix.js";
import { brushes, explain, firstBrush, hidden, number, parse, sentence, signed } from "./meaning.js";
import { sides } from "./sides.js";

const TITLES = { marker: "Marker M", beacon: "Beacon A" };
const HATCH = 6; // px between the lines over cells that cannot be written
const LEAST = 15; // px of a cell in a matrix that has to scroll

export class Editor {
  // bus: {change(stroke), command(name), hover(place), say(text), complain(text), scrolled(grid)}
  constructor(kind, bus) {
    Object.assign(this, { kind, bus });
    this.cursor = this.anchor = { i: 0, j: 0 };
    this.stroke = 0;
    this.grid = new Grid({ least: LEAST, square: false, onscroll: (grid) => bus.scrolled(grid) });
    this.note = make("span", { class: "note" });
    this.tools = make("div", { class: "brushes" });
    this.keyboard = new Keyboard(this);
    this.surface = make("div", { class: "surface" }, this.grid.scroller, this.keyboard.input);
    this.panel = make(
      "section", { class: `panel ${kind}`, "aria-label": TITLES[kind] },
      make("header", {}, make("h3", {}, TITLES[kind]), this.note), this.tools, this.surface,
    );
    this.listen();
  }

  // A document. Its cells are taken only when they are newer than the browser's own.
  load(document, fresh) {
    const { reading } = document;
    const changed = this.document?.reading !== reading || this.document?.scale !== document.scale;
    this.document = document;
    const { rows, columns } = sides(this.kind, document);
    this.shape(rows.length, columns.length, fresh);
    this.grid.options.corner = this.kind === "marker" && reading === "product"
      ? ["row goes", "as column"] : ["row looks", "at column"];
    this.grid.options.oblong = rows.length !== columns.length;
    this.grid.label(rows, columns);
    const { second, words } = document;
    this.grid.second = { i: rows === words ? second : null, j: columns === words ? second : null };
    if (changed) this.offerBrushes();
  }

  // So many rows and columns, of new cells or of those that are there.
  shape(rows, columns, fresh) {
    this.last = { i: rows - 1, j: columns - 1 };
    const bound = ({ i, j }) => ({ i: Math.min(i, this.last.i), j: Math.min(j, this.last.j) });
    const { document, cursor } = this;
    this.cursor = bound(cursor);
    this.anchor = bound(this.anchor);
    if (this.held) this.held.place = bound(this.held.place);
    if (fresh) {
      const open = { rows: document.steps, columns: document.steps && document.columns !== null };
      this.matrix = new Matrix(this.kind, document.reading, rows, columns, document[this.kind], open);
    } else if (rows !== this.matrix.rows || columns !== this.matrix.columns) {
      this.matrix.resize(rows, columns);
    }
    const moved = this.cursor.i !== cursor.i || this.cursor.j !== cursor.j;
    if (fresh || moved) this.keyboard.stopTyping(); // it would be written to another cell
  }

  offerBrushes() {
    const { kind, document, tools } = this;
    this.presets = choice("Brush", brushes(kind, document), (value) => this.pick(value));
    this.exact = make("input", {
      type: "text", class: "exact", inputmode: "decimal", autocomplete: "off",
      "aria-label": `Brush of ${TITLES[kind]}, exact value`,
      title: kind === "beacon" ? "Brush value: a number, or odds such as ×3 or ÷5" : "Brush value",
      onchange: () => this.pickTyped(),
    });
    tools.replaceChildren(this.presets.group, this.exact);
    this.pick(firstBrush(kind, document));
  }

  pick(value) {
    this.brush = value;
    this.presets.show(value);
    this.exact.value = number(value, 4);
    this.note.textContent = explain(this.kind, value, this.document);
  }

  pickTyped() {
    try {
      this.pick(parse(this.exact.value, this.kind, this.document));
    } catch (error) {
      this.bus.complain(error.message);
      this.exact.value = number(this.brush, 4);
    }
  }

  // ── drawing ────────────────────────────────────────────────────────────────────────

  show(theme) {
    const { grid, matrix, kind } = this;
    this.theme = theme;
    const scale = theme.change;
    const tint = (i, j) => this.tint(matrix.value(i, j) - matrix.neutral(i, j));
    this.range = this.reach();
    grid.show({
      theme,
      color: (k) => scale.pixel(tint(Math.floor(k / matrix.columns), k % matrix.columns)),
      text: (i, j) => {
        const value = matrix.value(i, j);
        if (value === matrix.neutral(i, j) && !(matrix.identity && i === j)) return "";
        return kind === "beacon" ? signed(Number(value.toPrecision(2))) : number(value, 2);
      },
      ink: (i, j) =>
        matrix.value(i, j) === matrix.neutral(i, j) ? theme.muted : scale.ink(tint(i, j)),
      bold: (i, j) => matrix.entries.has(matrix.key(i, j)),
      starred: () => matrix.starred(),
      over: (context) => {
        this.hatch(context);
        this.drawSelection(context);
      },
    });
    this.follow();
  }

  // A deviation from neutral on the scale; the root lets small ones be seen beside large.
  tint(deviation) {
    return 0.5 + 0.5 * Math.sign(deviation) * Math.sqrt(Math.abs(deviation) / this.range);
  }

  // The deviation that has the strongest colour.
  reach() {
    const { matrix } = this;
    const least = this.kind === "beacon" ? Math.log(10) / this.document.scale : 1;
    let most = least;
    matrix.dense.forEach((value, k) => {
      const from = matrix.neutral(Math.floor(k / matrix.columns), k % matrix.columns);
      most = Math.max(most, Math.abs(value - from));
    });
    return most;
  }

  redraw() {
    this.range = this.reach();
    this.grid.redraw();
    this.follow();
  }

  // The cells above the diagonal, where they cannot be written or the model does not look.
  hatch(context) {
    const { grid, matrix, theme } = this;
    const refused = !matrix.offers(ALL, ALL);
    if (!matrix.rows || !(refused || hidden(matrix, this.document))) return;
    const { x, y } = grid.corner(0, 0);
    const { cellW, cellH } = grid;
    const [width, height] = [matrix.columns * cellW, matrix.rows * cellH];
    context.save();
    context.beginPath();
    for (let i = 0; i < matrix.rows; i++) context.rect(x + (i + 1) * cellW, y + i * cellH, width - (i + 1) * cellW, cellH);
    context.clip();
    if (refused) {
      context.fillStyle = theme.background;
      context.fillRect(x, y, width, height);
    }
    context.beginPath();
    for (let at = HATCH; at < width + height; at += HATCH) {
      context.moveTo(x + at, y);
      context.lineTo(x + at - height, y + height);
    }
    context.strokeStyle = theme.faint;
    context.lineWidth = 1;
    context.stroke();
    context.restore();
  }

  drawSelection(context) {
    if (!this.focused) return;
    const { top, low, left, high } = this.block();
    const { x, y } = this.grid.corner(Math.max(top, 0), Math.max(left, 0));
    const { rows, columns } = this.matrix;
    const width = (left === ALL ? columns : high - left + 1) * this.grid.cellW;
    const height = (top === ALL ? rows : low - top + 1) * this.grid.cellH;
    context.strokeStyle = this.theme.primary;
    context.lineWidth = 2;
    context.strokeRect(x + 0.5, y + 0.5, Math.max(width - 1, 4), Math.max(height - 1, 4));
    if (top === low && left === high) return;
    context.globalAlpha = 0.14;
    context.fillStyle = this.theme.primary;
    context.fillRect(x, y, width, height);
    context.globalAlpha = 1;
  }

  // Take the keyboard's input to the cursor.
  follow() {
    const { i, j } = this.cursor;
    const label = `${TITLES[this.kind]}, ${sentence(this.matrix, i, j, this.document)}`;
    this.keyboard.follow(this.grid.box(i, j), this.grid, label);
  }

  // ── the selection ──────────────────────────────────────────────────────────────────

  block() {
    const { cursor, anchor } = this;
    return {
      top: Math.min(cursor.i, anchor.i), low: Math.max(cursor.i, anchor.i),
      left: Math.min(cursor.j, anchor.j), high: Math.max(cursor.j, anchor.j),
    };
  }

  places() {
    const { top, low, left, high } = this.block();
    const list = [];
    for (let i = top; i <= low; i++) for (let j = left; j <= high; j++) list.push([i, j]);
    return list;
  }

  // Move the cursor; extend the block when asked. Labels (-1) are never part of a block.
  go(i, j, extend = false) {
    const least = extend ? 0 : ALL;
    const bound = (at, last) => Math.max(least, Math.min(last, at));
    this.cursor = { i: bound(i, this.last.i), j: bound(j, this.last.j) };
    if (!extend) this.anchor = this.cursor;
    this.anchor = { i: Math.max(this.anchor.i, least), j: Math.max(this.anchor.j, least) };
    this.grid.reveal(this.cursor.i, this.cursor.j);
    this.grid.draw();
    this.follow();
    this.bus.hover({ kind: this.kind, ...this.cursor });
  }

  // ── changes ────────────────────────────────────────────────────────────────────────

  // One stroke: everything that `write` does is one step of undo.
  change(write) {
    this.beginStroke();
    write();
    this.sendStroke();
  }

  beginStroke() {
    this.stroke = Math.max(Date.now(), this.stroke + 1);
    this.sent = this.matrix.version;
  }

  sendStroke() {
    this.redraw();
    if (this.sent === this.matrix.version) return;
    this.sent = this.matrix.version;
    this.bus.change(this.stroke);
  }

  fill(value) {
    this.change(() => this.places().forEach(([i, j]) => this.matrix.put(i, j, value)));
    this.bus.hover({ kind: this.kind, ...this.cursor });
  }

  erase() {
    this.change(() => this.places().forEach(([i, j]) => this.matrix.clear(i, j)));
    this.bus.hover({ kind: this.kind, ...this.cursor });
  }

  paint({ i, j }) {
    if (this.value === null) this.matrix.clear(i, j);
    else this.matrix.put(i, j, this.value);
  }

  // ── mouse and touch ────────────────────────────────────────────────────────────────

  listen() {
    const { canvas, scroller } = this.grid;
    canvas.addEventListener("pointerdown", (event) => this.press(event));
    canvas.addEventListener("pointermove", (event) => this.drag(event));
    canvas.addEventListener("pointerup", () => (this.held = null));
    canvas.addEventListener("pointercancel", () => (this.held = null));
    canvas.addEventListener("pointerleave", () => this.bus.hover(null));
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    scroller.addEventListener("scroll", () => this.follow());
    scroller.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
  }

  wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const box = this.grid.canvas.getBoundingClientRect();
    this.grid.zoomBy(Math.exp(-event.deltaY / 300), event.clientX - box.left, event.clientY - box.top);
    this.follow();
  }

  press(event) {
    const place = this.grid.hit(event);
    if (!place || event.button === 1) return;
    event.preventDefault();
    this.keyboard.take();
    this.grid.canvas.setPointerCapture(event.pointerId);
    this.held = { place, selecting: event.shiftKey };
    if (event.shiftKey) return this.go(place.i, place.j, true);
    this.value = this.brushAt(place, event.button === 2 || this.bus.erasing());
    this.cursor = this.anchor = place;
    this.beginStroke();
    this.paint(place);
    this.sendStroke();
    this.bus.hover({ kind: this.kind, ...place });
  }

  // What this stroke writes: null erases; a mask flips what it already holds.
  brushAt({ i, j }, erase) {
    if (erase) return null;
    const mask = this.kind === "marker" && this.document.reading === "mask";
    return mask && this.matrix.value(i, j) === this.brush ? 1 - this.brush : this.brush;
  }

  drag(event) {
    const place = this.grid.hit(event);
    this.grid.canvas.style.cursor = place && !this.matrix.offers(place.i, place.j) ? "not-allowed" : "";
    if (!place) return this.held || this.bus.hover(null);
    const { clientX: x, clientY: y } = event;
    this.bus.hover({ kind: this.kind, ...place, pointer: this.held ? null : { x, y } });
    const { held } = this;
    if (!held) return;
    place.i = held.place.i === ALL ? ALL : Math.max(0, place.i); // a stroke stays among
    place.j = held.place.j === ALL ? ALL : Math.max(0, place.j); // cells, or among labels
    if (held.place.i === place.i && held.place.j === place.j) return;
    if (held.selecting) this.go(place.i, place.j, true);
    else {
      for (const step of line(held.place, place)) this.paint(step);
      this.cursor = this.anchor = place;
      this.lookAhead(held.place, place);
      this.sendStroke();
    }
    held.place = place;
  }

  // Scroll so that a stroke that comes to the edge can go on.
  lookAhead(from, to) {
    const next = (a, b, last) => (b === ALL ? ALL : Math.max(0, Math.min(last, b + Math.sign(b - a))));
    this.grid.reveal(next(from.i, to.i, this.last.i), next(from.j, to.j, this.last.j));
  }
}

// The cells between two, so that a fast stroke leaves no gaps.
function line(from, to) {
  const steps = Math.max(Math.abs(to.i - from.i), Math.abs(to.j - from.j));
  return Array.from({ length: steps }, (_, k) => ({
    i: Math.round(from.i + ((to.i - from.i) * (k + 1)) / steps),
    j: Math.round(from.j + ((to.j - from.j) * (k + 1)) / steps),
  }));
}
