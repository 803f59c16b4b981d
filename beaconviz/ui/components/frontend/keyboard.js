// The keyboard of an editor, which works like a spreadsheet's, and its clipboard.
//
// A single transparent input follows the focused cell. It takes the keys, the clipboard and
// the screen reader's attention, and becomes visible when a value is typed.

import { make } from "./dom.js";
import { parse, parseBlock } from "./meaning.js";

export class Keyboard {
  constructor(editor) {
    this.editor = editor;
    this.typing = false;
    this.input = make("input", {
      class: "cell", type: "text", inputmode: "decimal", autocomplete: "off", spellcheck: "false",
      onkeydown: (event) => this.key(event),
      oninput: () => this.startTyping(),
      oncopy: (event) => this.handOver(event),
      oncut: (event) => this.handOver(event),
      onpaste: (event) => this.paste(event),
      onfocus: () => this.focus(true),
      onblur: () => this.focus(false),
    });
  }

  take() {
    if (this.typing) this.commit();
    this.input.focus({ preventScroll: true });
  }

  // Put the input over the cursor, and let it say where that is.
  follow(box, room, label) {
    const width = Math.max(box.width, this.typing ? 58 : 8);
    const height = Math.max(box.height, this.typing ? 20 : 8);
    const within = (at, most) => `${Math.max(0, Math.min(at, most))}px`;
    Object.assign(this.input.style, {
      left: within(box.x, room.width - width), top: within(box.y, room.height - height),
      width: `${width}px`, height: `${height}px`,
    });
    this.input.setAttribute("aria-label", label);
  }

  focus(focused) {
    this.editor.focused = focused;
    if (!focused && this.typing) this.commit();
    this.editor.grid.draw();
  }

  key(event) {
    const control = event.ctrlKey || event.metaKey;
    const handler = this.typing ? this.typingKey : control ? this.controlKey : this.plainKey;
    if (handler.call(this, event)) event.preventDefault();
  }

  controlKey(event) {
    const { editor } = this;
    const { i, j } = editor.cursor;
    const { last } = editor;
    const jump = { ArrowUp: [0, j], ArrowDown: [last.i, j], ArrowLeft: [i, 0], ArrowRight: [i, last.j] }[event.key];
    if (jump) return editor.go(...jump, event.shiftKey), true;
    switch (event.key.toLowerCase()) {
      case "z": return editor.bus.command(event.shiftKey ? "redo" : "undo"), true;
      case "y": return editor.bus.command("redo"), true;
      case "a": return editor.go(0, 0), editor.go(last.i, last.j, true), true;
      case "x": return this.copy(), setTimeout(() => editor.erase()), false;
      case "c": return this.copy(), false; // the browser copies what the input holds
      default: return false;
    }
  }

  plainKey(event) {
    const { editor } = this;
    const { i, j } = editor.cursor;
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (move) return editor.go(i + move[0], j + move[1], event.shiftKey), true;
    switch (event.key) {
      case "Home": return editor.go(i, 0, event.shiftKey), true;
      case "End": return editor.go(i, editor.last.j, event.shiftKey), true;
      case "Enter":
      case "F2": return this.startTyping(true), true;
      case "Delete":
      case "Backspace": return editor.erase(), true;
      case " ": return editor.fill(editor.brush), true;
      case "Escape": return editor.go(i, j), true;
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
      const { matrix, cursor, brush } = this.editor;
      const value = matrix.value(cursor.i, cursor.j) ?? brush;
      this.input.value = String(Number(value.toPrecision(6)));
      this.input.select();
    }
    this.editor.follow();
  }

  stopTyping() {
    this.typing = false;
    this.input.value = "";
    this.input.classList.remove("typing");
    if (this.editor.grid.cellW) this.editor.follow();
  }

  // Write what was typed into the selection; false, with a message, when it is no value.
  commit() {
    const text = this.input.value;
    this.stopTyping();
    if (!text.trim()) return true;
    try {
      this.editor.fill(parse(text, this.editor.kind, this.editor.document));
      return true;
    } catch (error) {
      this.editor.bus.complain(error.message);
      return false;
    }
  }

  // ── clipboard ──────────────────────────────────────────────────────────────────────

  // Put the block into the input as TSV, for the browser to copy.
  copy() {
    const { top, low, left, high } = this.editor.block();
    const rows = [];
    for (let i = top; i <= low; i++) {
      const row = [];
      for (let j = left; j <= high; j++) row.push(this.editor.matrix.value(i, j) ?? "");
      rows.push(row.join("\t"));
    }
    this.copied = rows.join("\n");
    this.input.value = "\u00a0"; // a copy event needs a selection
    this.input.select();
    setTimeout(() => this.typing || (this.input.value = ""));
    this.editor.bus.say(`Copied ${rows.length} × ${high - left + 1} values`);
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
    const { kind, document, bus } = this.editor;
    try {
      this.pasteBlock(parseBlock(event.clipboardData.getData("text/plain"), kind, document));
    } catch (error) {
      bus.complain(error.message);
    }
  }

  // One value fills the selection; a block is written from the cursor on.
  pasteBlock(rows) {
    const { editor } = this;
    const [[first]] = rows;
    if (rows.length === 1 && rows[0].length === 1) return first === null || editor.fill(first);
    const { top, left } = editor.block();
    const [i0, j0] = [Math.max(top, 0), Math.max(left, 0)];
    const { last } = editor;
    const low = Math.min(last.i, i0 + rows.length - 1);
    const high = Math.min(last.j, j0 + Math.max(...rows.map((row) => row.length)) - 1);
    editor.change(() => {
      for (let i = i0; i <= low; i++) {
        for (let j = j0; j <= high; j++) {
          const value = rows[i - i0][j - j0] ?? null;
          if (value !== null) editor.matrix.put(i, j, value);
        }
      }
    });
    editor.go(i0, j0);
    editor.go(low, high, true);
    editor.bus.say(`Pasted ${low - i0 + 1} × ${high - j0 + 1} values`);
  }
}
