// One matrix editor: painting with the mouse, and a keyboard that works like a spreadsheet.
//
// A single transparent input follows the focused cell. It takes the keys, the clipboard and
// the screen reader's attention, and becomes visible when a value is typed.

import { choice, make } from "./dom.js";
import { Grid } from "./grid.js";
import { ALL, Matrix } from "./matrix.js";
import { brushes, explain, firstBrush, number, parse, parseBlock, sentence, signed } from "./meaning.js";

const TITLES = { marker: "Marker M", beacon: "Beacon A" };
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
    this.input = make("input", {
      class: "cell", type: "text", inputmode: "decimal", autocomplete: "off", spellcheck: "false",
    });
    this.surface = make("div", { class: "surface" }, this.grid.scroller, this.input);
    this.panel = make(
      "section", { class: `panel ${kind}`, "aria-label": TITLES[kind] },
      make("header", {}, make("h3", {}, TITLES[kind]), this.note), this.tools, this.surface,
    );
    this.listen();
  }

  // A document. Its cells are taken only when they are newer than the browser's own.
  load(document, fresh) {
    const { reading, words } = document;
    const changed = this.document?.reading !== reading || this.document?.scale !== document.scale;
    this.document = document;
    if (fresh) {
      this.matrix = new Matrix(this.kind, reading, words.length, words.length, document[this.kind]);
      this.stopTyping();
    }
    this.grid.options.corner = this.kind === "marker" && reading === "product"
      ? ["row goes", "as column"] : ["row looks", "at column"];
    this.grid.label(words, words);
    const bound = (at) => ({ i: Math.min(at.i, words.length - 1), j: Math.min(at.j, words.length - 1) });
    this.cursor = bound(this.cursor);
    this.anchor = bound(this.anchor);
    if (changed) this.offerBrushes();
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
      over: (context) => this.drawSelection(context),
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

  drawSelection(context) {
    if (!this.focused) return;
    const { top, low, left, high } = this.block();
    const { x, y } = this.grid.corner(Math.max(top, 0), Math.max(left, 0));
    const n = this.document.words.length;
    const width = (left === ALL ? n : high - left + 1) * this.grid.cellW;
    const height = (top === ALL ? n : low - top + 1) * this.grid.cellH;
    context.strokeStyle = this.theme.primary;
    context.lineWidth = 2;
    context.strokeRect(x + 0.5, y + 0.5, Math.max(width - 1, 4), Math.max(height - 1, 4));
    if (top === low && left === high) return;
    context.globalAlpha = 0.14;
    context.fillStyle = this.theme.primary;
    context.fillRect(x, y, width, height);
    context.globalAlpha = 1;
  }

  // Put the input over the cursor, and let it say where that is.
  follow() {
    const { x, y, width, height } = this.grid.box(this.cursor.i, this.cursor.j);
    const wide = Math.max(width, this.typing ? 58 : 8);
    const tall = Math.max(height, this.typing ? 20 : 8);
    const room = { x: this.grid.width - wide, y: this.grid.height - tall };
    Object.assign(this.input.style, {
      left: `${Math.max(0, Math.min(x, room.x))}px`, top: `${Math.max(0, Math.min(y, room.y))}px`,
      width: `${wide}px`, height: `${tall}px`,
    });
    const { i, j } = this.cursor;
    this.input.setAttribute("aria-label", `${TITLES[this.kind]}, ${sentence(this.matrix, i, j, this.document)}`);
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
    const last = this.document.words.length - 1;
    const least = extend ? 0 : ALL;
    const bound = (at) => Math.max(least, Math.min(last, at));
    this.cursor = { i: bound(i), j: bound(j) };
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
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("input", () => this.startTyping());
    this.input.addEventListener("copy", (event) => this.handOver(event));
    this.input.addEventListener("cut", (event) => this.handOver(event));
    this.input.addEventListener("paste", (event) => this.paste(event));
    this.input.addEventListener("focus", () => this.focus(true));
    this.input.addEventListener("blur", () => this.focus(false));
    this.input.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
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
    if (this.typing) this.commit();
    this.input.focus({ preventScroll: true });
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
      this.sendStroke();
    }
    held.place = place;
  }

  // ── keyboard ───────────────────────────────────────────────────────────────────────

  focus(focused) {
    this.focused = focused;
    if (!focused && this.typing) this.commit();
    if (this.matrix) this.grid.draw();
  }

  key(event) {
    const control = event.ctrlKey || event.metaKey;
    const handler = this.typing ? this.typingKey : control ? this.controlKey : this.plainKey;
    if (handler.call(this, event)) event.preventDefault();
  }

  controlKey(event) {
    const last = this.document.words.length - 1;
    const jump = { ArrowUp: [0, this.cursor.j], ArrowDown: [last, this.cursor.j],
      ArrowLeft: [this.cursor.i, 0], ArrowRight: [this.cursor.i, last] }[event.key];
    if (jump) return this.go(...jump, event.shiftKey), true;
    switch (event.key.toLowerCase()) {
      case "z": return this.bus.command(event.shiftKey ? "redo" : "undo"), true;
      case "y": return this.bus.command("redo"), true;
      case "a": return this.go(0, 0), this.go(last, last, true), true;
      case "x": return this.copy(), setTimeout(() => this.erase()), false;
      case "c": return this.copy(), false; // the browser copies what the input holds
      default: return false;
    }
  }

  plainKey(event) {
    const { i, j } = this.cursor;
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (move) return this.go(i + move[0], j + move[1], event.shiftKey), true;
    switch (event.key) {
      case "Home": return this.go(i, 0, event.shiftKey), true;
      case "End": return this.go(i, this.document.words.length - 1, event.shiftKey), true;
      case "Enter":
      case "F2": return this.startTyping(true), true;
      case "Delete":
      case "Backspace": return this.erase(), true;
      case " ": return this.fill(this.brush), true;
      case "Escape": return this.go(i, j), true;
      default: return event.key.length === 1 && !/[-+−.,\d×x*÷/]/i.test(event.key);
    }
  }

  typingKey(event) {
    const { key } = event;
    if (key === "Escape") return this.stopTyping(), true;
    if (key === "Enter") return this.commit(), true;
    if (key === "Tab") return this.commit(), false;
    if (this.entered && key.startsWith("Arrow") && this.commit()) return this.plainKey(event);
    return false;
  }

  // Show the input: with what was typed, or, when asked to edit, with the present value.
  startTyping(edit = false) {
    if (this.typing) return;
    this.typing = true;
    this.entered = !edit; // typed over the cell: arrows leave it
    this.input.classList.add("typing");
    if (edit) {
      const value = this.matrix.value(this.cursor.i, this.cursor.j) ?? this.brush;
      this.input.value = String(Number(value.toPrecision(6)));
      this.input.select();
    }
    this.follow();
  }

  stopTyping() {
    this.typing = false;
    this.input.value = "";
    this.input.classList.remove("typing");
    if (this.matrix && this.grid.cellW) this.follow();
  }

  // Write what was typed into the selection; false, with a message, when it is no value.
  commit() {
    const text = this.input.value;
    this.stopTyping();
    if (!text.trim()) return true;
    try {
      this.fill(parse(text, this.kind, this.document));
      return true;
    } catch (error) {
      this.bus.complain(error.message);
      return false;
    }
  }

  // ── clipboard ──────────────────────────────────────────────────────────────────────

  // Put the block into the input as TSV, for the browser to copy.
  copy() {
    const { top, low, left, high } = this.block();
    const rows = [];
    for (let i = top; i <= low; i++) {
      const row = [];
      for (let j = left; j <= high; j++) row.push(this.matrix.value(i, j) ?? "");
      rows.push(row.join("\t"));
    }
    this.copied = rows.join("\n");
    this.input.value = "\u00a0"; // a copy event needs a selection
    this.input.select();
    setTimeout(() => this.typing || (this.input.value = ""));
    this.bus.say(`Copied ${rows.length} × ${high - left + 1} values`);
  }

  handOver(event) {
    if (this.copied == null) return;
    event.preventDefault();
    event.clipboardData.setData("text/plain", this.copied);
    this.copied = null;
  }

  paste(event) {
    if (this.typing) return;
    event.preventDefault();
    try {
      this.pasteBlock(parseBlock(event.clipboardData.getData("text/plain"), this.kind, this.document));
    } catch (error) {
      this.bus.complain(error.message);
    }
  }

  // One value fills the selection; a block is written from the cursor on.
  pasteBlock(rows) {
    if (rows.length === 1 && rows[0].length === 1) return rows[0][0] === null || this.fill(rows[0][0]);
    const { top, left } = this.block();
    const [i0, j0] = [Math.max(top, 0), Math.max(left, 0)];
    const last = this.document.words.length - 1;
    const low = Math.min(last, i0 + rows.length - 1);
    const high = Math.min(last, j0 + Math.max(...rows.map((row) => row.length)) - 1);
    this.change(() => {
      for (let i = i0; i <= low; i++) {
        for (let j = j0; j <= high; j++) {
          const value = rows[i - i0][j - j0] ?? null;
          if (value !== null) this.matrix.put(i, j, value);
        }
      }
    });
    this.go(i0, j0);
    this.go(low, high, true);
    this.bus.say(`Pasted ${low - i0 + 1} × ${high - j0 + 1} values`);
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
