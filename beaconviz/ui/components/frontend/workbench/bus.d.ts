// What the parts of the workbench tell it. The parts do not know each other.

import type { Grid, Place } from "../drawing/grid.js";
import type { MatrixKind } from "../matrix/sides.js";
import type { Command } from "../messages/types.d.ts";

export type MapName = "baseline" | "edited" | "change";

/** A cell that somebody points at, by its row and column in the editors. */
export interface Pointed {
  kind: MatrixKind | "map";
  /** ALL for a label; null for a row or column that is in no editor, such as a special token's. */
  i: number | null;
  j: number | null;
  /** Which map, and where in it; for kind "map". */
  name?: MapName;
  label?: Place;
  /** Where the mouse is on the page, for the tip beside it. */
  pointer?: { x: number; y: number } | null;
}

export interface Bus {
  /** The cells of an editor changed in a stroke. */
  change(stroke: number): void;
  command(name: Command): void;
  hover(place: Pointed | null): void;
  say(text: string): void;
  complain(text: string): void;
  /** An editor's grid was scrolled by a person. */
  scrolled(grid: Grid): void;
  erasing(): boolean;
  /** A cell of a map was clicked. */
  go(place: Pointed | null): void;
  /** A layer and head were chosen for the maps. */
  look(layer: number | null, head: number | null): void;
  /** A map was enlarged or shrunk. */
  resized(): void;
}
