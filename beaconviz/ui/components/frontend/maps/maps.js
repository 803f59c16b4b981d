// The three attention maps: baseline, edited, and what changed. The first two share one scale; the
// third is symmetric about zero.

import { make, setText } from "../drawing/dom.js";
import { ALL } from "../matrix/matrix.js";
import { percent } from "../wording/numbers.js";
import { ColorBar } from "./color_bar.js";
import { cellText, changeEnds, MapData, valueText } from "./map_data.js";
import { MapView } from "./map_view.js";

/** @import * as Messages from "../messages/types.d.ts" */
/** @import { Grid, Place } from "../drawing/grid.js" */
/** @import { Theme } from "../drawing/theme.js" */
/** @import { Bus, MapName, Pointed } from "../workbench/bus.d.ts" */

/** @type {MapName[]} */
const NAMES = ["baseline", "edited", "change"];
const GAP = 10;
const OTHER_ROWS = "the texts differ: force a text to compare cell by cell";

export class Maps {
  /** @param {Pick<Bus, "hover" | "go" | "resized">} bus */
  constructor(bus) {
    this.bus = bus;
    /** @type {MapData | null} */
    this.data = null;
    /** @type {Theme | null} */
    this.theme = null;
    /** @type {MapName | null} the map that takes all the room */
    this.enlarged = null;
    this.views = NAMES.map((name) => this.view(name));
    this.empty = make("p", { class: "empty", hidden: true }, OTHER_ROWS); // in place of the change
    this.views[2].panel.append(this.empty);
    this.bars = { probability: new ColorBar("probability"), change: new ColorBar("change") };
    this.row = make("div", { class: "maps" }, ...this.views.map((view) => view.panel));
    const { probability, change } = this.bars;
    const bars = make("div", { class: "bars" }, probability.element, change.element);
    const label = "Attention maps";
    this.panel = make("section", { class: "mapping", "aria-label": label }, this.row, bars);
  }

  /** @param {MapName} name */
  view(name) {
    return new MapView(name, name === NAMES[0], {
      hover: (at, { clientX: x, clientY: y }) => {
        const place = this.data?.place(name, at);
        this.bus.hover(place ? { ...place, pointer: { x, y } } : null);
      },
      leave: () => this.bus.hover(null),
      click: (at) => this.bus.go(this.data?.place(name, at) ?? null),
      enlarge: () => this.enlarge(name),
      scrolled: (grid) => this.scrolled(grid),
    });
  }

  /**
   * @param {Messages.SizedMaps} maps
   * @param {Messages.EditorState} document
   */
  load(maps, document) {
    const data = new MapData(maps, document);
    this.data = data;
    const secondText = maps.pair ? -1 : (maps.segments?.indexOf(1) ?? -1);
    const second = secondText < 0 ? null : secondText;
    for (const { name, grid } of this.views) {
      grid.options.oblong = maps.columns !== null;
      grid.setLabels(data.rowLabelsInView(name), data.columnLabelsInView());
      grid.second = { i: second, j: second };
    }
  }

  /** @param {Theme} theme */
  show(theme) {
    const { data, bars } = this;
    if (!data) return;
    this.theme = theme;
    const [low, high] = changeEnds(data.largestChange);
    bars.probability.show(theme.probability, "0", "attention", percent(data.largest));
    bars.change.show(theme.change, low, "change", high);
    bars.change.element.classList.toggle("idle", data.rowsDiffer);
    this.arrange(theme, data);
    for (const view of this.views) paintMap(view, data, theme);
  }

  /**
   * Maps of one size, side by side; or one that fills the room.
   * @param {Theme} theme
   * @param {MapData} data
   */
  arrange(theme, data) {
    const { enlarged, views } = this;
    this.row.classList.toggle("one", enlarged !== null);
    this.empty.hidden = !data.rowsDiffer;
    for (const view of views) {
      const { name, grid, panel } = view;
      const ownRows = data.rowsDiffer && name === "edited";
      grid.scroller.hidden = data.rowsDiffer && name === "change";
      panel.hidden = enlarged !== null && enlarged !== name;
      grid.options.rowLabels = enlarged !== null || name === NAMES[0] || ownRows;
      view.showEnlarged(enlarged);
    }
    const heads = views.map(({ grid }) => grid.labels.headWidth(theme));
    const labels = heads.reduce((total, width) => total + width, 0);
    const side = (this.row.clientWidth - labels - 2 * GAP) / 3;
    views.forEach(({ panel, grid }, k) => {
      const height = side + grid.labels.headHeight(theme) + 2;
      panel.style.width = enlarged ? "100%" : `${Math.floor(side + heads[k])}px`;
      grid.scroller.style.height = enlarged ? "" : `${Math.ceil(height)}px`;
    });
  }

  /** @param {MapName} name */
  enlarge(name) {
    this.enlarged = this.enlarged === name ? null : name;
    for (const { grid } of this.views) grid.zoom = null;
    this.bus.resized();
    if (this.theme) this.show(this.theme);
  }

  /**
   * Maps that show the same rows scroll together.
   * @param {Grid} from
   */
  scrolled(from) {
    if (this.data?.rowsDiffer) return;
    for (const { grid } of this.views) {
      const alike = grid.options.rowLabels === from.options.rowLabels;
      if (grid !== from && alike) grid.scrollWith(from);
    }
  }

  /**
   * Marks the cell that somebody points at, here or in an editor, and returns where it is here.
   * @param {Pointed | null} place
   * @returns {Place | null}
   */
  point(place) {
    const { data } = this;
    if (!data) return null;
    const at = place && (place.label ?? data.find(place));
    for (const { name, grid, value } of this.views) {
      const here = data.hasOwnRows(name) === data.hasOwnRows(place?.name) ? at : null;
      grid.point(here);
      const isCell = here && here.i !== ALL && here.j !== ALL && !grid.scroller.hidden;
      setText(value, isCell ? valueText(name, data.value(name, here)) : "");
    }
    return at;
  }
}

/**
 * @param {MapView} view
 * @param {MapData} data
 * @param {Theme} theme
 */
function paintMap({ name, grid }, data, theme) {
  const columns = data.columns.length;
  const scale = name === "change" ? theme.change : theme.probability;
  grid.show({
    theme,
    color: (k) => {
      const place = { i: Math.floor(k / columns), j: k % columns };
      return scale.pixel(data.tint(name, data.value(name, place)));
    },
    text: (i, j) => cellText(name, data.value(name, { i, j })),
    ink: (i, j) => scale.ink(data.tint(name, data.value(name, { i, j }))),
  });
}
