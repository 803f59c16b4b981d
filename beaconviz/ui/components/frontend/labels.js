// The words along two sides of a grid, kept as a picture: an edit changes cells, not words,
// and writing words is slow. On a canvas that is part of the page, each one has the browser
// bring the style of the whole page up to date.

import { ALL } from "./matrix.js";

const LABEL = 11; // px
const EDGE = 5; // px that the labels of thin cells reach beyond them

export class Labels {
  constructor(grid) {
    this.grid = grid;
    this.picture = document.createElement("canvas");
    this.context = this.picture.getContext("2d");
    this.cuts = new Map(); // a text and a width → the text cut to it
  }

  // New words, or another font.
  forget() {
    this.cuts.clear();
    this.measured = this.drawn = null;
  }

  // The room that the words want beside the rows and above the columns.
  measure(theme) {
    if (this.measured?.theme === theme) return this.measured;
    this.forget();
    const { context, grid } = this;
    context.font = `${LABEL}px ${theme.font}`;
    const widest = (labels) =>
      labels.reduce((most, text) => Math.max(most, context.measureText(text).width), 0);
    this.measured = { theme, row: widest(grid.rows), column: widest(grid.columns) };
    return this.measured;
  }

  headWidth(theme) {
    return this.grid.options.rowLabels ? clamp(Math.ceil(this.measure(theme).row) + 12, 34, 96) : 2;
  }

  // `headroom` keeps the rows of two grids side by side at one height.
  headHeight(theme) {
    return Math.max(this.wantedHeight(theme), this.grid.options.headroom);
  }

  wantedHeight(theme) {
    return clamp(Math.ceil(this.measure(theme).column) + 10, 24, 84);
  }

  // Put the words on the grid's own canvas, written anew only when they look another way.
  draw(onto, theme) {
    const { grid, picture } = this;
    const { canvas, width, height } = grid;
    const look = this.look(theme);
    if (look.some((value, k) => value !== this.drawn?.[k])) {
      this.drawn = look;
      picture.width = canvas.width; // and wipes it
      picture.height = canvas.height;
      this.context.scale(canvas.width / width, canvas.height / height);
      this.write(theme);
    }
    onto.drawImage(picture, 0, 0, width, height);
  }

  // All that the picture depends on, besides the words.
  look(theme) {
    const { canvas, mark, headW, headH, cellW, cellH, scrollLeft, scrollTop, options } = this.grid;
    const starred = this.grid.paint.starred?.() ?? "";
    return [
      theme, canvas.width, canvas.height, headW, headH, cellW, cellH, mark?.i, mark?.j,
      scrollLeft, scrollTop, options.rowLabels, String(options.corner), starred,
    ];
  }

  write(theme) {
    const { grid, context } = this;
    const { mark, headW, headH, cellW, cellH, width, height } = grid;
    const { top, low, left, high } = grid.visible();
    context.font = `${LABEL}px ${theme.font}`;
    context.textBaseline = "middle";
    if (grid.options.rowLabels) {
      this.axis(theme, {
        labels: grid.rows, first: top, last: low, cell: cellH, mark: mark?.i,
        clip: [0, headH - edge(cellH), headW, height], starred: (i) => grid.paint.bold?.(i, ALL),
        place: (i, text) => {
          context.textAlign = "right";
          context.fillText(this.cut(text, headW - 10), headW - 6, grid.corner(i, 0).y + cellH / 2);
        },
      });
    }
    this.axis(theme, {
      labels: grid.columns, first: left, last: high, cell: cellW, mark: mark?.j,
      clip: [headW - edge(cellW), 0, width, headH], starred: (j) => grid.paint.bold?.(ALL, j),
      place: (j, text) => {
        context.save();
        context.translate(grid.corner(0, j).x + cellW / 2, headH - 5);
        context.rotate(-Math.PI / 2);
        context.textAlign = "left";
        context.fillText(this.cut(text, headH - 8), 0, 0.5);
        context.restore();
      },
    });
    this.writeCorner(theme);
  }

  // Labels along one side, thinned to what has room; the marked one is always there.
  axis(theme, { labels, first, last, cell, mark, clip, starred, place }) {
    const { context } = this;
    const step = Math.max(1, Math.ceil(LABEL / cell));
    const clear = Math.ceil((LABEL + 2) / cell);
    const pointed = mark !== undefined && mark !== null && mark !== ALL && mark < labels.length;
    context.save();
    context.beginPath();
    context.rect(...clip);
    context.clip();
    for (let at = first - (first % step); at <= last; at += step) {
      if (at < 0 || (pointed && Math.abs(at - mark) < clear)) continue;
      context.fillStyle = starred(at) ? theme.primary : theme.muted;
      place(at, labels[at] + (starred(at) ? " ✱" : ""));
    }
    if (pointed) {
      context.font = `600 ${LABEL}px ${theme.font}`;
      context.fillStyle = theme.text;
      place(mark, labels[mark] + (starred(mark) ? " ✱" : ""));
    }
    context.restore();
  }

  writeCorner(theme) {
    const { context } = this;
    const { options, headW, headH } = this.grid;
    if (!options.rowLabels || headW < 40) return;
    context.font = `9px ${theme.font}`;
    context.textAlign = "right";
    context.fillStyle = theme.muted;
    options.corner.forEach((text, k) => {
      context.fillText(text, headW - 6, headH - 8 - 11 * (options.corner.length - 1 - k), headW - 8);
    });
  }

  // Text cut to a width, with an ellipsis.
  cut(text, width) {
    const key = `${this.context.font} ${width} ${text}`;
    if (!this.cuts.has(key)) this.cuts.set(key, fitted(this.context, text, width));
    return this.cuts.get(key);
  }
}

// Labels of thin cells reach beyond them.
const edge = (cell) => (cell > LABEL ? 0 : EDGE + 1);

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

function fitted(context, text, width) {
  if (context.measureText(text).width <= width) return text;
  const letters = Array.from(text);
  while (letters.length > 1 && context.measureText(letters.join("") + "…").width > width) letters.pop();
  return letters.join("") + "…";
}
