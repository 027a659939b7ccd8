/* A raster in classes: tiles beside the page, or one picture inside it. Of a stack with a raster a step, only the chosen one is loaded. */
globalThis.ballerupGeo = globalThis.ballerupGeo || {};
(function (app) {
  "use strict";
  if (!globalThis.L) return;
  const ABOVE_OVERLAY = 401; // Leaflet's pane for vectors, where the first canvas lies, is 400

  app.rasters = [];
  let panes = 0;

  /** A pane above all that were made before: layers lie as the map file lists them. */
  app.paneAbove = function () {
    const name = "layer-" + panes;
    app.map.createPane(name).style.zIndex = String(ABOVE_OVERLAY + panes);
    panes += 1;
    return name;
  };

  /* Which tiles of a zoom there are: a bit each, row by row from the north-west. */
  function readLevel(level) {
    const text = atob(level.bits);
    return (x, y) => {
      const column = x - level.x;
      const row = y - level.y;
      if (column < 0 || row < 0 || column >= level.columns || row >= level.rows) return false;
      const at = row * level.columns + column;
      return Boolean((text.charCodeAt(at >> 3) >> (7 - (at & 7))) & 1);
    };
  }

  /* Tiles without a colour do not exist, and are not asked for. */
  const Tiles = L.TileLayer.extend({
    initialize: function (step, options) {
      const { first, last, levels } = step.set;
      L.TileLayer.prototype.initialize.call(this, step.tiles, Object.assign({ minNativeZoom: first, maxNativeZoom: last, noWrap: true }, options));
      this.levels = new Map(Object.entries(levels).map(([zoom, level]) => [Number(zoom), readLevel(level)]));
    },
    _isValidTile: function (coords) {
      const there = this.levels.get(coords.z);
      return Boolean(there) && there(coords.x, coords.y) && L.TileLayer.prototype._isValidTile.call(this, coords);
    },
  });

  app.Raster = class {
    constructor(plan) {
      this.plan = plan;
      this.shown = plan.visible;
      this.opacity = plan.opacity;
      this.pane = app.paneAbove();
      this.front = null; // what is seen
      this.next = null; // what is still loading
      this.wanted = null;
      app.map.on("zoomend", () => this.draw());
    }

    isDrawn() {
      return this.shown && app.map.getZoom() >= this.plan.minimumZoom;
    }

    isReady() {
      return this.next === null;
    }

    /** Bring the map in line with switch, zoom and step; what is seen stays until the next picture is there. */
    draw() {
      const wanted = this.isDrawn() ? this.plan.steps[this.plan.follows ? app.step - 1 : 0] : null;
      if (wanted === this.wanted) return;
      this.wanted = wanted;
      if (this.next) this.next.remove();
      this.next = null;
      if (wanted) this.load(wanted);
      else this.settle(null);
    }

    load(step) {
      const options = { pane: this.pane, opacity: this.opacity, className: "raster" };
      const layer = step.tiles ? new Tiles(step, options) : L.imageOverlay(this.picture(step), step.bounds, options);
      this.next = layer;
      const done = () => {
        if (this.next === layer) this.settle(layer);
      };
      layer.once("load", done);
      layer.once("error", done);
      layer.addTo(app.map);
      if (step.tiles && !layer.isLoading()) done();
    }

    picture(step) {
      return "data:image/webp;base64," + document.getElementById("data-" + step.picture).textContent.trim();
    }

    settle(layer) {
      if (this.front) this.front.remove();
      this.front = layer;
      this.next = null;
    }

    setOpacity(share) {
      this.opacity = share;
      for (const layer of [this.front, this.next]) if (layer) layer.setOpacity(share);
    }
  };

  /* Past the finest tiles cells are drawn as cells, not blurred. */
  app.watchCells = function () {
    const finest = () => Math.max(...app.rasters.map(({ plan }) => Math.max(...plan.steps.map((step) => (step.set ? step.set.last : 0)))));
    const show = () => app.map.getContainer().classList.toggle("cells", app.map.getZoom() > finest());
    app.map.on("zoomend", show);
    show();
  };
})(globalThis.ballerupGeo);
