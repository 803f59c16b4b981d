// The keyboard of an editor, which works like a spreadsheet's, and its clipboard.
//
// A transparent input follows the cursor. It takes the keys, the clipboard and the attention of a
// screen reader, and becomes visible when a value is typed.

import { make } from "../drawing/dom.js";
import { parse, parseBlock } from "../wording/parse.js";

/** @import { Editor } from "./editor.js" */

const ARROWS = new Map([
  ["ArrowUp", { i: -1, j: 0 }],
  ["ArrowDown", { i: 1, j: 0 }],
  ["ArrowLeft", { i: 0, j: -1 }],
  ["ArrowRight", { i: 0, j: 1 }],
]);
const NOT_A_VALUE = /[^-+−.,\d×x*÷/]/i;
const NO_BREAK_SPACE = "\u00a0";

export class Keyboard {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    this.typing = false;
    this.arrowsLeave = false; // whether an arrow key ends the typing
    /** @type {string | null} what the next copy event hands over */
    this.copied = null;
    this.input = make("input", {
      class: "cell",
      type: "text",
      inputmode: "decimal",
      autocomplete: "off",
      spellcheck: "false",
      /** @param {KeyboardEvent} event */
      onkeydown: (event) => this.press(event),
      oninput: () => this.startTyping(),
      /** @param {ClipboardEvent} event */
      oncopy: (event) => this.handOver(event),
      /** @param {ClipboardEvent} event */
      oncut: (event) => this.handOver(event),
      /** @param {ClipboardEvent} event */
      onpaste: (event) => this.paste(event),
      onfocus: () => this.focus(true),
      onblur: () => this.focus(false),
    });
  }

  take() {
    if (this.typing) this.commit();
    this.input.focus({ preventScroll: true });
  }

  /**
   * Puts the input over the cursor, and names the cell for a screen reader.
   * @param {{x: number, y: number, width: number, height: number}} box
   * @param {{width: number, height: number}} room
   * @param {string} label
   */
  follow(box, room, label) {
    const width = Math.max(box.width, this.typing ? 58 : 8);
    const height = Math.max(box.height, this.typing ? 20 : 8);
    /** @type {(at: number, most: number) => string} */
    const within = (at, most) => `${Math.max(0, Math.min(at, most))}px`;
    Object.assign(this.input.style, {
      left: within(box.x, room.width - width),
      top: within(box.y, room.height - height),
      width: `${width}px`,
      height: `${height}px`,
    });
    this.input.setAttribute("aria-label", label);
  }

  /** @param {boolean} focused */
  focus(focused) {
    this.editor.focused = focused;
    if (!focused && this.typing) this.commit();
    this.editor.grid.draw();
  }

  // ── keys ───────────────────────────────────────────────────────────────────────────
  // Each of these says whether the browser's own answer to the key must not follow.

  /** @param {KeyboardEvent} event */
  press(event) {
    const control = event.ctrlKey || event.metaKey;
    const handled = this.typing
      ? this.typingKey(event)
      : control
        ? this.controlKey(event)
        : this.plainKey(event);
    if (handled) event.preventDefault();
  }

  /** @param {KeyboardEvent} event */
  controlKey(event) {
    const { editor } = this;
    const arrow = ARROWS.get(event.key);
    if (arrow) {
      const { i, j } = editor.cursor;
      editor.go(
        farthest(i, arrow.i, editor.last.i),
        farthest(j, arrow.j, editor.last.j),
        event.shiftKey,
      );
      return true;
    }
    switch (event.key.toLowerCase()) {
      case "z":
        editor.bus.command(event.shiftKey ? "redo" : "undo");
        return true;
      case "y":
        editor.bus.command("redo");
        return true;
      case "a":
        editor.go(0, 0);
        editor.go(editor.last.i, editor.last.j, true);
        return true;
      case "x":
        this.copy(); // the browser then copies what the input holds
        setTimeout(() => editor.erase());
        return false;
      case "c":
        this.copy();
        return false;
      default:
        return false;
    }
  }

  /** @param {KeyboardEvent} event */
  plainKey(event) {
    const { editor } = this;
    const { i, j } = editor.cursor;
    const arrow = ARROWS.get(event.key);
    if (arrow) {
      editor.go(i + arrow.i, j + arrow.j, event.shiftKey);
      return true;
    }
    /** @type {Record<string, () => void>} */
    const actions = {
      Home: () => editor.go(i, 0, event.shiftKey),
      End: () => editor.go(i, editor.last.j, event.shiftKey),
      Enter: () => this.startTyping(true),
      F2: () => this.startTyping(true),
      Delete: () => editor.erase(),
      Backspace: () => editor.erase(),
      " ": () => editor.fill(editor.brush.value),
      Escape: () => editor.go(i, j),
    };
    const action = Object.hasOwn(actions, event.key) ? actions[event.key] : undefined;
    action?.();
    return Boolean(action) || (event.key.length === 1 && NOT_A_VALUE.test(event.key));
  }

  /** @param {KeyboardEvent} event */
  typingKey(event) {
    const { key } = event;
    if (key === "Escape") {
      this.stopTyping();
      return true;
    }
    if (key === "Enter" || key === "Tab") {
      this.commit();
      return key === "Enter";
    }
    return this.arrowsLeave && ARROWS.has(key) && this.commit() && this.plainKey(event);
  }

  // ── typing ─────────────────────────────────────────────────────────────────────────

  /** @param {boolean} [edit] begin with the present value, not with what was typed */
  startTyping(edit = false) {
    if (this.typing) return;
    this.typing = true;
    this.arrowsLeave = !edit;
    this.input.classList.add("typing");
    if (edit) {
      const { matrix, cursor, brush } = this.editor;
      const value = matrix.value(cursor.i, cursor.j) ?? brush.value;
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

  /** Writes what was typed into the selection; false, with a message, when it is no value. */
  commit() {
    const text = this.input.value;
    this.stopTyping();
    if (!text.trim()) return true;
    return this.attempt(() => {
      this.editor.fill(parse(text, this.editor.kind, this.editor.document));
    });
  }

  /**
   * Does something with what a person gave; says what was wrong with it, and returns false.
   * @param {() => void} act
   */
  attempt(act) {
    try {
      act();
      return true;
    } catch (error) {
      this.editor.bus.complain(error instanceof Error ? error.message : String(error));
      return false;
    }
  }

  // ── clipboard ──────────────────────────────────────────────────────────────────────

  /** Makes the selection ready for the browser's copy event, as TSV. */
  copy() {
    const { matrix, bus } = this.editor;
    const { top, low, left, high } = this.editor.block();
    const rows = [];
    for (let i = top; i <= low; i++) {
      const row = [];
      for (let j = left; j <= high; j++) row.push(matrix.value(i, j) ?? "");
      rows.push(row.join("\t"));
    }
    this.copied = rows.join("\n");
    this.input.value = NO_BREAK_SPACE; // a copy event needs a selection
    this.input.select();
    setTimeout(() => {
      if (!this.typing) this.input.value = "";
    });
    bus.say(`Copied ${rows.length} × ${high - left + 1} values`);
  }

  /** @param {ClipboardEvent} event */
  handOver(event) {
    if (this.copied === null) return;
    event.preventDefault();
    event.clipboardData?.setData("text/plain", this.copied);
    this.copied = null;
  }

  /** @param {ClipboardEvent} event */
  paste(event) {
    if (this.typing) return;
    event.preventDefault();
    const text = event.clipboardData?.getData("text/plain") ?? "";
    const { kind, document } = this.editor;
    this.attempt(() => this.pasteBlock(parseBlock(text, kind, document)));
  }

  /**
   * A single value fills the selection; a block is written from the cursor on.
   * @param {(number | null)[][]} rows
   */
  pasteBlock(rows) {
    const { editor } = this;
    if (rows.length === 1 && rows[0].length === 1) {
      const [value] = rows[0];
      if (value !== null) editor.fill(value);
      return;
    }
    const { top, left } = editor.block();
    const [i0, j0] = [Math.max(top, 0), Math.max(left, 0)];
    const low = Math.min(editor.last.i, i0 + rows.length - 1);
    const high = Math.min(editor.last.j, j0 + Math.max(...rows.map((row) => row.length)) - 1);
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

/**
 * Where Ctrl and an arrow lead along one side.
 * @param {number} at
 * @param {number} direction -1, 0 or 1
 * @param {number} last
 */
const farthest = (at, direction, last) => [0, at, last][direction + 1];
