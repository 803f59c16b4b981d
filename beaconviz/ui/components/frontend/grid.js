// A grid of coloured cells with row and column labels that stay in view: the ground of the
// editors and of the maps. It draws, scrolls, zooms and says which cell is under the
// pointer; what the cells are is its owner's business.

import { make } from "./dom.js";
import { Labels } from "./labels.js";
import { ALL } from "./matrix.js";
import { shown } from "./meaning.js";
import { same } from "./sides.js";

const TIGHT = 11; // px of a cell below which it is better to scroll
const READ = 13; // px of a cell whose label can be read
const EDGE = 5; // px kept free at the far ends
const WIDEST = 42; // px, a cell that fills the room
const LARGEST = 72; // px, a cell that is zoomed

export class Grid {
  // options: rowLabels (show them), corner ([text, text]), least (px of a cell when it has
  // to scroll), square (cells), oblong (rows and columns are different things: cells need not be
  // square), headroom (px that the columns' labels take at least), onscroll(grid).
  constructor(options) {
    this.options = { rowLabels: true, least: 0, square: true, corner: [], oblong: false, headroom: 0, ...options };
    this.canvas = make("canvas", { "aria-hidden": "true" });
    this.spacer = make("div", { class: "spacer" }, this.canvas);
    this.scroller = make("div", { class: "grid", tabindex: -1 }, this.spacer);
    this.scroller.addEventListener("scroll", () => {
      this.draw();
      const { scrollTop, scrollLeft } = this.scroller;
      const followed = scrollTop === this.led?.top && scrollLeft === this.led?.left;
      this.led = null;
      if (!followed) this.options.onscroll?.(this);
    });
    this.context = this.canvas.getContext("2d");
    this.image = document.createElement("canvas");
    this.labels = new Labels(this);
    this.rows = this.columns = [];
    this.zoom = null; // null: as large as fits, but at least `least`; a number: px of a cell
    this.mark = null; // the cell under the pointer, here or in a neighbour
    this.second = {}; // the row i and the column j with which the second of two texts begins
  }

  // The labels; sizes are measured anew when they or the room change.
  label(rows, columns) {
    if (same(rows, this.sources?.[0]) && same(columns, this.sources?.[1])) return;
    this.sources = [rows, columns];
    this.rows = rows.map((word) => shown(word));
    this.columns = columns.map((word) => shown(word));
    this.labels.forget();
  }

  layout(theme) {
    const { options, scroller, rows, columns } = this;
    const ratio = window.devicePixelRatio || 1;
    const crisp = (px) => (px < 4 ? px : Math.floor(px * ratio) / ratio);
    this.headW = this.labels.headWidth(theme);
    this.headH = this.labels.headHeight(theme);
    const roomW = scroller.offsetWidth - this.headW - EDGE;
    const roomH = scroller.offsetHeight - this.headH - EDGE;
    const fitW = roomW / columns.length;
    const fitH = roomH / rows.length;
    this.fit = Math.max(0.5, Math.min(fitW, fitH));
    const easy = this.fit >= TIGHT ? this.fit : Math.max(this.fit, options.least);
    const side = this.zoom === null ? easy : Math.max(this.zoom, this.fit);
    const fits = side <= this.fit;
    this.size(crisp, side, fits, fitW, fitH);
    this.spacer.style.width = fits ? "100%" : `${this.headW + this.cellW * columns.length + 1}px`;
    this.spacer.style.height = fits ? "100%" : `${this.headH + this.cellH * rows.length + 1}px`;
    this.width = scroller.clientWidth;
    this.height = scroller.clientHeight;
    this.canvas.style.width = `${this.width}px`;
    this.canvas.style.height = `${this.height}px`;
    const [width, height] = [Math.round(this.width * ratio), Math.round(this.height * ratio)];
    if (this.canvas.width !== width) this.canvas.width = width; // setting it wipes the canvas
    if (this.canvas.height !== height) this.canvas.height = height;
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    scroller.dataset.geometry = [this.headW, this.headH, this.cellW, this.cellH].join(" ");
  }

  // The sides of a cell. Of an oblong one the shorter side is what fits, and the longer one lets
  // the labels be read.
  size(crisp, side, fits, fitW, fitH) {
    const { oblong } = this.options;
    const square = !oblong && (this.options.square || !fits);
    const least = oblong ? READ : 0;
    this.cellW = crisp(square ? side : Math.max(fits ? 0 : side, Math.min(fitW, Math.max(side * 1.8, least))));
    this.cellH = crisp(square ? side : Math.max(fits ? 0 : side, Math.min(fitH, Math.max(side * 1.5, least), WIDEST)));
  }

  // Zoom by a factor, keeping the point (x, y) of the view where it is; 0 fits everything.
  zoomBy(factor, x = this.width / 2, y = this.height / 2) {
    const column = (x - this.headW + this.scroller.scrollLeft) / this.cellW;
    const row = (y - this.headH + this.scroller.scrollTop) / this.cellH;
    this.zoom = factor ? clamp(Math.min(this.cellW, this.cellH) * factor, this.fit, LARGEST) : this.fit;
    this.refresh();
    this.scroller.scrollLeft = column * this.cellW + this.headW - x;
    this.scroller.scrollTop = row * this.cellH + this.headH - y;
  }

  // What to draw. paint: {theme, color(k) → pixel, text(i, j) → string or "", ink(i, j),
  // bold(i, j), starred() → which labels are bold, over(context)}, k = i · columns + j.
  show(paint) {
    this.paint = paint;
    this.refresh();
  }

  // Scroll to where a neighbour is. The browser tells of it later, when the neighbour may have
  // gone on; then it must not be led back.
  scrollWith({ scroller: { scrollTop, scrollLeft }, sources, cellW, cellH }) {
    this.scroller.scrollTop = scrollTop * (this.cellH / cellH);
    if (same(sources[1], this.sources[1])) this.scroller.scrollLeft = scrollLeft * (this.cellW / cellW);
    this.led = { top: this.scroller.scrollTop, left: this.scroller.scrollLeft };
  }

  refresh() {
    if (!this.paint || !this.scroller.offsetWidth) return;
    this.layout(this.paint.theme);
    this.redraw();
  }

  // New colours, same places.
  redraw() {
    const { rows, columns, image } = this;
    if (!this.paint) return;
    if (!rows.length || !columns.length) return this.draw();
    image.width = columns.length;
    image.height = rows.length;
    const context = image.getContext("2d");
    const data = context.createImageData(image.width, image.height);
    const pixels = new Uint32Array(data.data.buffer);
    for (let k = 0; k < pixels.length; k++) pixels[k] = this.paint.color(k);
    context.putImageData(data, 0, 0);
    this.draw();
  }

  draw() {
    const { context, paint } = this;
    if (!paint || !this.width) return;
    const { theme } = paint;
    this.findScroll();
    context.fillStyle = theme.background;
    context.fillRect(0, 0, this.width, this.height);
    context.save();
    context.beginPath();
    context.rect(this.headW, this.headH, this.width, this.height);
    context.clip();
    this.drawCells(theme);
    this.drawMark(theme);
    paint.over?.(context, theme);
    context.restore();
    this.labels.draw(context, theme);
    this.drawSecond(theme);
  }

  // Lines where the second text begins, through the words too.
  drawSecond(theme) {
    const { context, headW, headH, cellW, cellH, rows, columns, second } = this;
    const { x, y } = this.corner(second.i ?? -Infinity, second.j ?? -Infinity);
    const origin = this.corner(0, 0);
    context.fillStyle = theme.muted;
    if (y >= headH) context.fillRect(0, y - 1, Math.min(this.width, origin.x + columns.length * cellW), 1);
    if (x >= headW) context.fillRect(x - 1, 0, 1, Math.min(this.height, origin.y + rows.length * cellH));
  }

  drawCells(theme) {
    const { context, cellW, cellH } = this;
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
    if (cellW >= 21 && cellH >= 13 && this.paint.text) this.drawTexts(theme, top, low, left, high);
  }

  drawTexts(theme, top, low, left, high) {
    const { context, paint } = this;
    const size = clamp(this.cellW / 2.9, 9, 12.5);
    context.font = `${size}px ${theme.font}`;
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

  // The cross-hair.
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

  // Asking the browser has it lay out the page, so it is asked once a drawing, not once a cell.
  findScroll() {
    const { scrollLeft, scrollTop } = this.scroller;
    Object.assign(this, { scrollLeft, scrollTop });
  }

  // Where a cell begins in the view.
  corner(i, j) {
    return {
      x: this.headW - this.scrollLeft + j * this.cellW,
      y: this.headH - this.scrollTop + i * this.cellH,
    };
  }

  visible() {
    const { scrollTop, scrollLeft } = this;
    const last = (from, room, cell, count) => Math.min(count - 1, Math.floor((from + room) / cell));
    return {
      top: Math.max(0, Math.floor(scrollTop / this.cellH)),
      low: last(scrollTop, this.height - this.headH, this.cellH, this.rows.length),
      left: Math.max(0, Math.floor(scrollLeft / this.cellW)),
      high: last(scrollLeft, this.width - this.headW, this.cellW, this.columns.length),
    };
  }

  // The cell at a pointer event: -1 in a label, null outside.
  hit(event) {
    const box = this.canvas.getBoundingClientRect();
    const x = event.clientX - box.left;
    const y = event.clientY - box.top;
    const i = y < this.headH ? ALL : Math.floor((y - this.headH + this.scroller.scrollTop) / this.cellH);
    const j = x < this.headW ? ALL : Math.floor((x - this.headW + this.scroller.scrollLeft) / this.cellW);
    const out = x < 0 || y < 0 || x > this.width || y > this.height;
    return out || i >= this.rows.length || j >= this.columns.length ? null : { i, j };
  }

  // Where an input for the cell belongs, in the scroller's parent.
  box(i, j) {
    this.findScroll();
    const { x, y } = this.corner(Math.max(i, 0), Math.max(j, 0));
    return {
      x: j === ALL ? 0 : x,
      y: i === ALL ? 0 : y,
      width: j === ALL ? this.headW : this.cellW,
      height: i === ALL ? this.headH : this.cellH,
    };
  }

  reveal(i, j) {
    const { scroller } = this;
    const into = (from, room, start, size) =>
      start < from ? start : start + size > from + room ? start + size - room : from;
    if (i !== ALL) {
      scroller.scrollTop = into(scroller.scrollTop, this.height - this.headH, i * this.cellH, this.cellH);
    }
    if (j !== ALL) {
      scroller.scrollLeft = into(scroller.scrollLeft, this.width - this.headW, j * this.cellW, this.cellW);
    }
  }

  point(mark) {
    if (mark?.i === this.mark?.i && mark?.j === this.mark?.j) return;
    this.mark = mark;
    this.draw();
  }
}

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
