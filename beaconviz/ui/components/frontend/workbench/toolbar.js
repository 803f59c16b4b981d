// The buttons above the editors: which matrices are shown, history, eraser, zoom.

import { button, choice, make } from "../drawing/dom.js";

/** @import * as Messages from "../messages/types.d.ts" */

/** @typedef {"both" | "marker" | "beacon"} Layout which matrices are shown */

/** @type {[Layout, text: string, title: string][]} */
const LAYOUTS = [
  ["both", "M | A", "Both matrices"],
  ["marker", "M", "The marker alone"],
  ["beacon", "A", "The beacon alone"],
];
const STEP = 1.4; // a zoom

/**
 * @typedef {object} Actions
 * @property {(layout: Layout) => void} pick
 * @property {(name: Messages.Command) => void} command
 * @property {() => void} toggleErase
 * @property {(factor: number) => void} zoom 0 shows everything
 */

export class Toolbar {
  /** @param {Actions} actions */
  constructor({ pick, command, toggleErase, zoom }) {
    this.layouts = choice("Matrices", LAYOUTS, pick);
    this.undo = button("undo", "Undo (Ctrl+Z)", () => command("undo"));
    this.redo = button("redo", "Redo (Ctrl+Shift+Z)", () => command("redo"));
    this.reset = button("reset", "Reset both matrices", () => command("reset"));
    this.erase = button("erase", "Eraser (or the right mouse button)", toggleErase);
    const out = button("out", "Zoom out", () => zoom(1 / STEP));
    const fit = button("fit", "Show the whole matrix", () => zoom(0));
    const closer = button("in", "Zoom in", () => zoom(STEP));
    this.element = make(
      "div",
      { class: "tools", role: "toolbar", "aria-label": "Tools" },
      this.layouts.group,
      group(this.undo, this.redo, this.reset),
      group(this.erase),
      group(out, fit, closer),
    );
    this.showErasing(false);
  }

  /** @param {Pick<Messages.EditorState, "can_undo" | "can_redo">} document */
  load(document) {
    this.undo.disabled = !document.can_undo;
    this.redo.disabled = !document.can_redo;
  }

  /** @param {boolean} erasing */
  showErasing(erasing) {
    this.erase.setAttribute("aria-pressed", String(erasing));
  }
}

/** @param {...HTMLElement} buttons */
const group = (...buttons) => make("span", { class: "tool-group" }, ...buttons);
