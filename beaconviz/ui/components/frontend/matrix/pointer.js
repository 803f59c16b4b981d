// The mouse or a finger on an editor: a stroke paints or erases cells; with Shift it selects them.

import { ALL } from "./matrix.js";

/** @import { Place } from "../drawing/grid.js" */
/** @import { Editor } from "./editor.js" */

const RIGHT = 2;
const MIDDLE = 1;

export class Pointer {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    /** @type {{place: Place, selecting: boolean} | null} the present stroke */
    this.held = null;
    /** @type {number | null} what the stroke writes; null erases */
    this.value = null;
    this.listen();
  }

  listen() {
    const { grid, bus } = this.editor;
    const { canvas } = grid;
    const release = () => {
      this.held = null;
    };
    canvas.addEventListener("pointerdown", (event) => this.press(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    canvas.addEventListener("pointerup", release);
    canvas.addEventListener("pointercancel", release);
    canvas.addEventListener("pointerleave", () => bus.hover(null));
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
  }

  /** @param {PointerEvent} event */
  press(event) {
    const { editor } = this;
    const place = editor.grid.hit(event);
    if (!place || event.button === MIDDLE) return;
    event.preventDefault();
    editor.keyboard.take();
    editor.grid.canvas.setPointerCapture(event.pointerId);
    this.held = { place, selecting: event.shiftKey };
    if (event.shiftKey) {
      editor.go(place.i, place.j, true);
      return;
    }
    this.value = this.valueAt(place, event.button === RIGHT || editor.bus.erasing());
    editor.cursor = editor.anchor = place;
    editor.beginStroke();
    this.paint(place);
    editor.sendStroke();
    editor.bus.hover({ kind: editor.kind, ...place });
  }

  /**
   * What a stroke that begins here writes: null erases; a mask's brush flips what it finds.
   * @param {Place} place
   * @param {boolean} erase
   */
  valueAt({ i, j }, erase) {
    if (erase) return null;
    const { kind, document, matrix, brush } = this.editor;
    const mask = kind === "marker" && document.reading === "mask";
    return mask && matrix.value(i, j) === brush.value ? 1 - brush.value : brush.value;
  }

  /** @param {Place} place */
  paint({ i, j }) {
    if (this.value === null) this.editor.matrix.clear(i, j);
    else this.editor.matrix.put(i, j, this.value);
  }

  /** @param {PointerEvent} event */
  move(event) {
    const { grid, matrix, bus, kind } = this.editor;
    const place = grid.hit(event);
    const refused = place && !matrix.accepts(place.i, place.j);
    grid.canvas.style.cursor = refused ? "not-allowed" : "";
    if (!place) {
      if (!this.held) bus.hover(null);
      return;
    }
    const { clientX: x, clientY: y } = event;
    bus.hover({ kind, ...place, pointer: this.held ? null : { x, y } });
    if (this.held) this.drag(this.held, place);
  }

  /**
   * A stroke goes on: among cells, or among labels, as it began.
   * @param {{place: Place, selecting: boolean}} held
   * @param {Place} pointed
   */
  drag(held, pointed) {
    const { editor } = this;
    const from = held.place;
    const place = {
      i: from.i === ALL ? ALL : Math.max(0, pointed.i),
      j: from.j === ALL ? ALL : Math.max(0, pointed.j),
    };
    if (from.i === place.i && from.j === place.j) return;
    if (held.selecting) editor.go(place.i, place.j, true);
    else {
      for (const step of cellsBetween(from, place)) this.paint(step);
      editor.cursor = editor.anchor = place;
      this.lookAhead(from, place);
      editor.sendStroke();
    }
    held.place = place;
  }

  /**
   * Scrolls so that a stroke that comes to the edge can go on.
   * @param {Place} from
   * @param {Place} to
   */
  lookAhead(from, to) {
    const { last, grid } = this.editor;
    /** @type {(before: number, at: number, end: number) => number} */
    const next = (before, at, end) =>
      at === ALL ? ALL : Math.max(0, Math.min(end, at + Math.sign(at - before)));
    grid.reveal(next(from.i, to.i, last.i), next(from.j, to.j, last.j));
  }
}

/**
 * The cells from one (left out) to another, so that a fast stroke leaves no gaps.
 * @param {Place} from
 * @param {Place} to
 * @returns {Place[]}
 */
export function cellsBetween(from, to) {
  const steps = Math.max(Math.abs(to.i - from.i), Math.abs(to.j - from.j));
  return Array.from({ length: steps }, (_, k) => ({
    i: Math.round(from.i + ((to.i - from.i) * (k + 1)) / steps),
    j: Math.round(from.j + ((to.j - from.j) * (k + 1)) / steps),
  }));
}
