// A grid of coloured cells with row and column labels that stay in view. The editors and the maps
// are made of it. It draws, scrolls, zooms and finds the cell under the pointer; its owner says
// what the cells are.

import { ALL } from "../matrix/matrix.js";
import { sameNames } from "../matrix/sides.js";
import { shown } from "../wording/names.js";
import { context2d, make } from "./dom.js";
import { Labels } from "./labels.js";

/** @import { Theme } from "./theme.js" */

const TIGHT = 11; // px of a cell below which it is better to scroll
const READABLE = 13; // px of a cell whose label can be read
const EDGE = 5; // px kept free at the far ends
const WIDEST = 42; // px, a cell that fills the room
const LARGEST = 72; // px, a cell that is zoomed

/** @typedef {{i: number, j: number}} Place a row and a column; ALL is a label */

/**
 * @typedef {object} Options
 * @property {boolean} rowLabels whether they are shown
 * @property {string[]} corner the lines of text in the corner
 * @property {number} least px of a cell when the grid has to scroll
 * @property {boolean} square whether cells are square
 * @property {boolean} oblong rows and columns are different things: cells need not be square
 * @property {number} headroom px that the column labels take at least
 * @property {(grid: Grid) => void} [onscroll]
 */

/**
 * @typedef {object} Paint what to draw
 * @property {Theme} theme
 * @property {(k: number) => number} color the pixel of cell k = i · columns + j
 * @property {(i: number, j: number) => string} text in a cell; "" for none
 * @property {(i: number, j: number) => string} ink the colour of that text
 * @property {(i: number, j: number) => boolean} [bold] whether a label stands for a filled line
 * @property {() => string} [filledLines] all of these, as a text to compare
 * @property {(context: CanvasRenderingContext2D) => void} [over] draws on top of the cells
 */

export class Grid {
  /** @param {Partial<Options>} options */
  constructor(options) {
    /** @type {Options} */
    this.options = {
      rowLabels: true,
      least: 0,
      square: true,
      corner: [],
      oblong: false,
      headroom: 0,
      ...options,
    };
    this.canvas = make("canvas", { "aria-hidden": "true" });
    this.spacer = make("div", { class: "spacer" }, this.canvas);
    this.scroller = make("div", { class: "grid", tabindex: -1 }, this.spacer);
    this.scroller.addEventListener("scroll", () => this.scrolled());
    this.context = context2d(this.canvas);
    this.image = document.createElement("canvas");
    this.labels = new Labels(this);
    /** @type {string[]} */
    this.rows = [];
    /** @type {string[]} */
    this.columns = [];
    /** @type {{rows: string[], columns: string[]} | null} the names that the labels were made of */
    this.sources = null;
    /** @type {number | null} px of a cell; null: as large as fits, but at least `least` */
    this.zoom = null;
    /** @type {Place | null} the cell under the pointer, here or in another grid */
    this.mark = null;
    /** @type {{i: number | null, j: number | null}} where the second of two texts begins */
    this.second = { i: null, j: null };
    /** @type {Paint | null} */
    this.paint = null;
    /** @type {{top: number, left: number} | null} where another grid scrolled this one */
    this.followed = null;
    // Pixels: the labels, a cell, the smallest cell, the view, and how far it is scrolled.
    this.headW = this.headH = this.cellW = this.cellH = this.fit = 0;
    this.width = this.height = this.scrollLeft = this.scrollTop = 0;
  }

  scrolled() {
    this.draw();
    const { scrollTop, scrollLeft } = this.scroller;
    const byAnother = scrollTop === this.followed?.top && scrollLeft === this.followed?.left;
    this.followed = null;
    if (!byAnother) this.options.onscroll?.(this);
  }

  /**
   * Sets the labels; sizes are measured anew when they changed.
   * @param {string[]} rows
   * @param {string[]} columns
   */
  setLabels(rows, columns) {
    if (sameNames(rows, this.sources?.rows) && sameNames(columns, this.sources?.columns)) return;
    this.sources = { rows, columns };
    this.rows = rows.map((name) => shown(name));
    this.columns = columns.map((name) => shown(name));
    this.labels.forget();
  }

  /** @param {Theme} theme */
  layout(theme) {
    const { options, scroller, rows, columns } = this;
    const ratio = window.devicePixelRatio || 1;
    this.headW = this.labels.headWidth(theme);
    this.headH = this.labels.headHeight(theme);
    const fitW = (scroller.offsetWidth - this.headW - EDGE) / columns.length;
    const fitH = (scroller.offsetHeight - this.headH - EDGE) / rows.length;
    this.fit = Math.max(0.5, Math.min(fitW, fitH));
    const easy = this.fit >= TIGHT ? this.fit : Math.max(this.fit, options.least);
    const side = this.zoom === null ? easy : Math.max(this.zoom, this.fit);
    const fits = side <= this.fit;
    this.sizeCells(ratio, side, fits, fitW, fitH);
    const [across, down] = [this.cellW * columns.length, this.cellH * rows.length];
    this.spacer.style.width = fits ? "100%" : `${this.headW + across + 1}px`;
    this.spacer.style.height = fits ? "100%" : `${this.headH + down + 1}px`;
    this.sizeCanvas(ratio);
    scroller.dataset.geometry = [this.headW, this.headH, this.cellW, this.cellH].join(" ");
  }

  /**
   * The sides of a cell. Of an oblong cell the shorter side is what fits, and the longer one lets
   * the labels be read.
   * @param {number} ratio device pixels in a pixel
   * @param {number} side
   * @param {boolean} fits whether the whole grid is in view
   * @param {number} fitW
   * @param {number} fitH
   */
  sizeCells(ratio, side, fits, fitW, fitH) {
    /** @param {number} px */
    const crisp = (px) => (px < 4 ? px : Math.floor(px * ratio) / ratio);
    const { oblong } = this.options;
    const square = !oblong && (this.options.square || !fits);
    const least = oblong ? READABLE : 0;
    const shortest = fits ? 0 : side;
    const wide = Math.max(shortest, Math.min(fitW, Math.max(side * 1.8, least)));
    const high = Math.max(shortest, Math.min(fitH, Math.max(side * 1.5, least), WIDEST));
    this.cellW = crisp(square ? side : wide);
    this.cellH = crisp(square ? side : high);
  }

  /** @param {number} ratio device pixels in a pixel */
  sizeCanvas(ratio) {
    const { canvas, scroller } = this;
    this.width = scroller.clientWidth;
    this.height = scroller.clientHeight;
    canvas.style.width = `${this.width}px`;
    canvas.style.height = `${this.height}px`;
    const [width, height] = [Math.round(this.width * ratio), Math.round(this.height * ratio)];
    if (canvas.width !== width) canvas.width = width; // setting it clears the canvas
    if (canvas.height !== height) canvas.height = height;
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
  }

  /**
   * Zooms by a factor, keeping the point (x, y) of the view where it is; 0 shows everything.
   * @param {number} factor
   * @param {number} [x]
   * @param {number} [y]
   */
  zoomBy(factor, x = this.width / 2, y = this.height / 2) {
    const column = (x - this.headW + this.scroller.scrollLeft) / this.cellW;
    const row = (y - this.headH + this.scroller.scrollTop) / this.cellH;
    const side = Math.min(this.cellW, this.cellH) * factor;
    this.zoom = factor ? clamp(side, this.fit, LARGEST) : this.fit;
    this.refresh();
    this.scroller.scrollLeft = column * this.cellW + this.headW - x;
    this.scroller.scrollTop = row * this.cellH + this.headH - y;
  }

  /**
   * Zooms at the pointer when the wheel is turned with Ctrl or Cmd held; says whether it did.
   * @param {WheelEvent} event
   */
  zoomAt(event) {
    if (!event.ctrlKey && !event.metaKey) return false;
    event.preventDefault();
    const box = this.canvas.getBoundingClientRect();
    const factor = Math.exp(-event.deltaY / 300);
    this.zoomBy(factor, event.clientX - box.left, event.clientY - box.top);
    return true;
  }

  /** @param {Paint} paint */
  show(paint) {
    this.paint = paint;
    this.refresh();
  }

  /**
   * Scrolls to where another grid is. The scroll event comes later, when the other one may have
   * moved again; it must not be moved back then.
   * @param {Grid} grid
   */
  scrollWith({ scroller: { scrollTop, scrollLeft }, sources, cellW, cellH }) {
    this.scroller.scrollTop = scrollTop * (this.cellH / cellH);
    if (sameNames(sources?.columns, this.sources?.columns)) {
      this.scroller.scrollLeft = scrollLeft * (this.cellW / cellW);
    }
    this.followed = { top: this.scroller.scrollTop, left: this.scroller.scrollLeft };
  }

  refresh() {
    if (!this.paint || !this.scroller.offsetWidth) return;
    this.layout(this.paint.theme);
    this.redraw();
  }

  /** New colours at the same places. */
  redraw() {
    const { rows, columns, image, paint } = this;
    if (!paint) return;
    if (rows.length && columns.length) {
      image.width = columns.length;
      image.height = rows.length;
      const context = context2d(image);
      const data = context.createImageData(image.width, image.height);
      const pixels = new Uint32Array(data.data.buffer);
      for (let k = 0; k < pixels.length; k++) pixels[k] = paint.color(k);
      context.putImageData(data, 0, 0);
    }
    this.draw();
  }

  draw() {
    const { context, paint } = this;
    if (!paint || !this.width) return;
    const { theme } = paint;
    this.readScroll();
    context.fillStyle = theme.background;
    context.fillRect(0, 0, this.width, this.height);
    context.save();
    context.beginPath();
    context.rect(this.headW, this.headH, this.width, this.height);
    context.clip();
    this.drawCells(paint);
    this.drawMark(theme);
    paint.over?.(context);
    context.restore();
    this.labels.draw(context, theme);
    this.drawSecond(theme);
  }

  /**
   * Lines where the second text begins, through the labels too.
   * @param {Theme} theme
   */
  drawSecond(theme) {
    const { context, headW, headH, cellW, cellH, rows, columns, second } = this;
    const { x, y } = this.corner(second.i ?? -Infinity, second.j ?? -Infinity);
    const origin = this.corner(0, 0);
    const right = Math.min(this.width, origin.x + columns.length * cellW);
    const bottom = Math.min(this.height, origin.y + rows.length * cellH);
    context.fillStyle = theme.muted;
    if (y >= headH) context.fillRect(0, y - 1, right, 1);
    if (x >= headW) context.fillRect(x - 1, 0, 1, bottom);
  }

  /** @param {Paint} paint */
  drawCells(paint) {
    const { context, cellW, cellH } = this;
    const { theme } = paint;
    const { x, y } = this.corner(0, 0);
    const right = cellW * this.columns.length;
    const bottom = cellH * this.rows.length;
    context.imageSmoothingEnabled = false;
    context.drawImage(this.image, x, y, right, bottom);
    const { top, low, left, high } = this.visible();
    if (Math.min(cellW, cellH) >= 5) {
      context.fillStyle = theme.background;
      for (let i = top; i <= low + 1; i++) context.fillRect(x, y + i * cellH - 0.5, right, 1);
      for (let j = left; j <= high + 1; j++) context.fillRect(x + j * cellW - 0.5, y, 1, bottom);
    } else {
      context.strokeStyle = theme.faint;
      context.strokeRect(x + 0.5, y + 0.5, right - 1, bottom - 1);
    }
    if (cellW >= 21 && cellH >= 13) this.drawTexts(paint);
  }

  /** @param {Paint} paint */
  drawTexts(paint) {
    const { context } = this;
    const { top, low, left, high } = this.visible();
    context.font = `${clamp(this.cellW / 2.9, 9, 12.5)}px ${paint.theme.font}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (let i = top; i <= low; i++) {
      for (let j = left; j <= high; j++) {
        const text = paint.text(i, j);
        if (!text) continue;
        const { x, y } = this.corner(i, j);
        context.fillStyle = paint.ink(i, j);
        context.fillText(text, x + this.cellW / 2, y + this.cellH / 2 + 0.5, this.cellW - 2);
      }
    }
  }

  /**
   * The cross-hair over the row and the column of the marked cell.
   * @param {Theme} theme
   */
  drawMark(theme) {
    if (!this.mark) return;
    const { context, cellW, cellH, mark } = this;
    const { x, y } = this.corner(mark.i, mark.j);
    context.fillStyle = theme.dark ? "rgba(255, 255, 255, 0.10)" : "rgba(20, 30, 50, 0.08)";
    const right = cellW * this.columns.length;
    const bottom = cellH * this.rows.length;
    const origin = this.corner(0, 0);
    if (mark.i !== ALL) context.fillRect(origin.x, y, right, cellH);
    if (mark.j !== ALL) context.fillRect(x, origin.y, cellW, bottom);
    if (mark.i === ALL || mark.j === ALL) return;
    context.strokeStyle = theme.text;
    context.lineWidth = 1.25;
    context.strokeRect(x - 0.5, y - 0.5, Math.max(cellW, 4), Math.max(cellH, 4));
  }

  /** Reading the scroll position makes the browser lay out the page: once a drawing, not a cell. */
  readScroll() {
    this.scrollLeft = this.scroller.scrollLeft;
    this.scrollTop = this.scroller.scrollTop;
  }

  /**
   * Where a cell begins in the view.
   * @param {number} i
   * @param {number} j
   */
  corner(i, j) {
    return {
      x: this.headW - this.scrollLeft + j * this.cellW,
      y: this.headH - this.scrollTop + i * this.cellH,
    };
  }

  /** The first and the last row and column in view. */
  visible() {
    const { scrollTop, scrollLeft } = this;
    /** @type {(from: number, room: number, cell: number, count: number) => number} */
    const last = (from, room, cell, count) => Math.min(count - 1, Math.floor((from + room) / cell));
    return {
      top: Math.max(0, Math.floor(scrollTop / this.cellH)),
      low: last(scrollTop, this.height - this.headH, this.cellH, this.rows.length),
      left: Math.max(0, Math.floor(scrollLeft / this.cellW)),
      high: last(scrollLeft, this.width - this.headW, this.cellW, this.columns.length),
    };
  }

  /**
   * The cell at a pointer event: ALL for a label, null outside.
   * @param {MouseEvent} event
   * @returns {Place | null}
   */
  hit(event) {
    const { headW, headH, cellW, cellH, scroller } = this;
    const box = this.canvas.getBoundingClientRect();
    const x = event.clientX - box.left;
    const y = event.clientY - box.top;
    const i = y < headH ? ALL : Math.floor((y - headH + scroller.scrollTop) / cellH);
    const j = x < headW ? ALL : Math.floor((x - headW + scroller.scrollLeft) / cellW);
    const outside = x < 0 || y < 0 || x > this.width || y > this.height;
    return outside || i >= this.rows.length || j >= this.columns.length ? null : { i, j };
  }

  /**
   * Where an input for the cell belongs, in the scroller's parent.
   * @param {number} i
   * @param {number} j
   */
  box(i, j) {
    this.readScroll();
    const { x, y } = this.corner(Math.max(i, 0), Math.max(j, 0));
    return {
      x: j === ALL ? 0 : x,
      y: i === ALL ? 0 : y,
      width: j === ALL ? this.headW : this.cellW,
      height: i === ALL ? this.headH : this.cellH,
    };
  }

  /**
   * Scrolls a cell into view.
   * @param {number} i
   * @param {number} j
   */
  reveal(i, j) {
    const { scroller, cellW, cellH } = this;
    /** @type {(from: number, room: number, start: number, size: number) => number} */
    const into = (from, room, start, size) =>
      start < from ? start : start + size > from + room ? start + size - room : from;
    const [roomW, roomH] = [this.width - this.headW, this.height - this.headH];
    if (i !== ALL) scroller.scrollTop = into(scroller.scrollTop, roomH, i * cellH, cellH);
    if (j !== ALL) scroller.scrollLeft = into(scroller.scrollLeft, roomW, j * cellW, cellW);
  }

  /**
   * Marks a cell, and unmarks the one before.
   * @param {Place | null} place
   */
  point(place) {
    if (place?.i === this.mark?.i && place?.j === this.mark?.j) return;
    this.mark = place;
    this.draw();
  }
}

/** @type {(value: number, low: number, high: number) => number} */
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
