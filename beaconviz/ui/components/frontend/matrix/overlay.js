// What is drawn over the cells of an editor: hatching where a cell does nothing, and the selection.

import { hidesLaterColumns } from "../wording/sentence.js";
import { ALL } from "./matrix.js";

/** @import * as Messages from "../messages/types.d.ts" */
/** @import { Grid } from "../drawing/grid.js" */
/** @import { Theme } from "../drawing/theme.js" */
/** @import { Matrix } from "./matrix.js" */

const HATCH = 6; // px between the lines

/** @typedef {{top: number, low: number, left: number, high: number}} Block cells */

/**
 * Hatches the cells above the diagonal, where they cannot be edited or the model does not attend.
 * @param {CanvasRenderingContext2D} context
 * @param {Grid} grid
 * @param {Matrix} matrix
 * @param {Messages.EditorState} document
 * @param {Theme} theme
 */
export function hatch(context, grid, matrix, document, theme) {
  const refused = !matrix.accepts(ALL, ALL);
  if (!matrix.rows || !(refused || hidesLaterColumns(matrix, document))) return;
  const { x, y } = grid.corner(0, 0);
  const [width, height] = [matrix.columns * grid.cellW, matrix.rows * grid.cellH];
  context.save();
  clipAboveDiagonal(context, grid, matrix, width);
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

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Grid} grid
 * @param {Matrix} matrix
 * @param {number} width of all columns
 */
function clipAboveDiagonal(context, grid, matrix, width) {
  const { cellW, cellH } = grid;
  const { x, y } = grid.corner(0, 0);
  context.beginPath();
  for (let i = 0; i < matrix.rows; i++) {
    const left = (i + 1) * cellW;
    context.rect(x + left, y + i * cellH, width - left, cellH);
  }
  context.clip();
}

/**
 * Outlines the selected cells; more than one are tinted too.
 * @param {CanvasRenderingContext2D} context
 * @param {Grid} grid
 * @param {Matrix} matrix
 * @param {Block} block
 * @param {Theme} theme
 */
export function drawSelection(context, grid, matrix, { top, low, left, high }, theme) {
  const { x, y } = grid.corner(Math.max(top, 0), Math.max(left, 0));
  const width = (left === ALL ? matrix.columns : high - left + 1) * grid.cellW;
  const height = (top === ALL ? matrix.rows : low - top + 1) * grid.cellH;
  context.strokeStyle = theme.primary;
  context.lineWidth = 2;
  context.strokeRect(x + 0.5, y + 0.5, Math.max(width - 1, 4), Math.max(height - 1, 4));
  if (top === low && left === high) return;
  context.globalAlpha = 0.14;
  context.fillStyle = theme.primary;
  context.fillRect(x, y, width, height);
  context.globalAlpha = 1;
}
