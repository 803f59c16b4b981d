// The labels along two sides of a grid, kept as a picture: an edit changes cells, not labels, and
// drawing text is slow. On a canvas that is part of the page, each text makes the browser update
// the style of the whole page.

import { ALL } from "../matrix/matrix.js";
import { context2d } from "./dom.js";

/** @import { Grid } from "./grid.js" */
/** @import { Theme } from "./theme.js" */

const LABEL = 11; // px
const EDGE = 5; // px that the labels of thin cells reach beyond them

/**
 * @typedef {object} Axis one side of a grid
 * @property {string[]} labels
 * @property {number} first the first label in view
 * @property {number} last the last label in view
 * @property {number} cell px
 * @property {number | undefined} mark the label under the pointer
 * @property {[x: number, y: number, width: number, height: number]} clip
 * @property {(at: number) => boolean | undefined} filled whether its whole line was filled
 * @property {(at: number, text: string) => void} place draws a text at its place
 */

export class Labels {
  /** @param {Grid} grid */
  constructor(grid) {
    this.grid = grid;
    this.picture = document.createElement("canvas");
    this.context = context2d(this.picture);
    /** @type {Map<string, string>} a text and a width → the text cut to it */
    this.cuts = new Map();
    /** @type {{theme: Theme, row: number, column: number} | null} the widest labels, px */
    this.measured = null;
    /** @type {unknown[] | null} what the picture was drawn from */
    this.drawn = null;
  }

  /** Measures and draws anew: for other labels, or another theme. */
  forget() {
    this.cuts.clear();
    this.measured = this.drawn = null;
  }

  /**
   * The room that the labels need beside the rows and above the columns.
   * @param {Theme} theme
   */
  measure(theme) {
    if (this.measured?.theme === theme) return this.measured;
    this.forget();
    const { context, grid } = this;
    context.font = `${LABEL}px ${theme.font}`;
    /** @param {string[]} labels */
    const widest = (labels) =>
      labels.reduce((most, text) => Math.max(most, context.measureText(text).width), 0);
    this.measured = { theme, row: widest(grid.rows), column: widest(grid.columns) };
    return this.measured;
  }

  /** @param {Theme} theme */
  headWidth(theme) {
    return this.grid.options.rowLabels ? clamp(Math.ceil(this.measure(theme).row) + 12, 34, 96) : 2;
  }

  /**
   * `headroom` keeps the rows of two grids side by side at one height.
   * @param {Theme} theme
   */
  headHeight(theme) {
    return Math.max(this.wantedHeight(theme), this.grid.options.headroom);
  }

  /** @param {Theme} theme */
  wantedHeight(theme) {
    return clamp(Math.ceil(this.measure(theme).column) + 10, 24, 84);
  }

  /**
   * Puts the labels on the grid's canvas; the picture is drawn anew only when it would differ.
   * @param {CanvasRenderingContext2D} onto
   * @param {Theme} theme
   */
  draw(onto, theme) {
    const { grid, picture } = this;
    const { canvas, width, height } = grid;
    const state = this.state(theme);
    if (state.some((value, k) => value !== this.drawn?.[k])) {
      this.drawn = state;
      picture.width = canvas.width; // this also clears it
      picture.height = canvas.height;
      this.context.scale(canvas.width / width, canvas.height / height);
      this.write(theme);
    }
    onto.drawImage(picture, 0, 0, width, height);
  }

  /**
   * All that the picture depends on, besides the labels.
   * @param {Theme} theme
   */
  state(theme) {
    const { canvas, mark, headW, headH, cellW, cellH, scrollLeft, scrollTop, options } = this.grid;
    const filled = this.grid.paint?.filledLines?.() ?? "";
    const sizes = [canvas.width, canvas.height, headW, headH, cellW, cellH];
    const view = [mark?.i, mark?.j, scrollLeft, scrollTop];
    return [theme, ...sizes, ...view, options.rowLabels, String(options.corner), filled];
  }

  /** @param {Theme} theme */
  write(theme) {
    const { grid, context } = this;
    context.font = `${LABEL}px ${theme.font}`;
    context.textBaseline = "middle";
    if (grid.options.rowLabels) this.writeAxis(theme, this.rowAxis());
    this.writeAxis(theme, this.columnAxis());
    this.writeCorner(theme);
  }

  /** @returns {Axis} */
  rowAxis() {
    const { grid, context } = this;
    const { headW, headH, cellH, height } = grid;
    const { top, low } = grid.visible();
    return {
      labels: grid.rows,
      first: top,
      last: low,
      cell: cellH,
      mark: grid.mark?.i,
      clip: [0, headH - edge(cellH), headW, height],
      filled: (i) => grid.paint?.bold?.(i, ALL),
      place: (i, text) => {
        context.textAlign = "right";
        context.fillText(this.cut(text, headW - 10), headW - 6, grid.corner(i, 0).y + cellH / 2);
      },
    };
  }

  /** @returns {Axis} */
  columnAxis() {
    const { grid, context } = this;
    const { headW, headH, cellW, width } = grid;
    const { left, high } = grid.visible();
    return {
      labels: grid.columns,
      first: left,
      last: high,
      cell: cellW,
      mark: grid.mark?.j,
      clip: [headW - edge(cellW), 0, width, headH],
      filled: (j) => grid.paint?.bold?.(ALL, j),
      place: (j, text) => {
        context.save();
        context.translate(grid.corner(0, j).x + cellW / 2, headH - 5);
        context.rotate(-Math.PI / 2);
        context.textAlign = "left";
        context.fillText(this.cut(text, headH - 8), 0, 0.5);
        context.restore();
      },
    };
  }

  /**
   * Labels along one side, thinned to what has room; the marked one is always there.
   * @param {Theme} theme
   * @param {Axis} axis
   */
  writeAxis(theme, { labels, first, last, cell, mark, clip, filled, place }) {
    const { context } = this;
    const step = Math.max(1, Math.ceil(LABEL / cell));
    const clear = Math.ceil((LABEL + 2) / cell);
    const pointed = mark !== undefined && mark !== ALL && mark < labels.length;
    context.save();
    context.beginPath();
    context.rect(...clip);
    context.clip();
    for (let at = first - (first % step); at <= last; at += step) {
      if (at < 0 || (pointed && Math.abs(at - mark) < clear)) continue;
      context.fillStyle = filled(at) ? theme.primary : theme.muted;
      place(at, labels[at] + (filled(at) ? " ✱" : ""));
    }
    if (pointed) {
      context.font = `600 ${LABEL}px ${theme.font}`;
      context.fillStyle = theme.text;
      place(mark, labels[mark] + (filled(mark) ? " ✱" : ""));
    }
    context.restore();
  }

  /** @param {Theme} theme */
  writeCorner(theme) {
    const { context } = this;
    const { options, headW, headH } = this.grid;
    if (!options.rowLabels || headW < 40) return;
    context.font = `9px ${theme.font}`;
    context.textAlign = "right";
    context.fillStyle = theme.muted;
    options.corner.forEach((text, k) => {
      const line = options.corner.length - 1 - k;
      context.fillText(text, headW - 6, headH - 8 - 11 * line, headW - 8);
    });
  }

  /**
   * Text cut to a width, with an ellipsis.
   * @param {string} text
   * @param {number} width
   */
  cut(text, width) {
    const key = `${this.context.font} ${width} ${text}`;
    const cut = this.cuts.get(key) ?? fitted(this.context, text, width);
    this.cuts.set(key, cut);
    return cut;
  }
}

/**
 * How far the labels of thin cells reach beyond them.
 * @param {number} cell
 */
const edge = (cell) => (cell > LABEL ? 0 : EDGE + 1);

/** @type {(value: number, low: number, high: number) => number} */
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} text
 * @param {number} width
 */
function fitted(context, text, width) {
  if (context.measureText(text).width <= width) return text;
  const letters = Array.from(text);
  while (letters.length > 1 && context.measureText(`${letters.join("")}…`).width > width) {
    letters.pop();
  }
  return `${letters.join("")}…`;
}
