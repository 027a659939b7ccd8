/* Water, catchment and the way of a drop, drawn on the map's one canvas: they follow it, and are printed with it. */
globalThis.ballerupGeo = globalThis.ballerupGeo || {};
(function (app) {
  "use strict";
  if (!globalThis.L) return;
  const TILE_PX = 32; // within such a square the grid lies straight: off by less than 2 cm
  const INSIDE = [11, 93, 59, 84]; // the page's accent
  const RIM = [11, 93, 59, 230];
  const WATER_ALPHA = 225;
  const CATCHMENT = 8; // above the numbers of the depth classes

  const rgba = ([r, g, b, a]) => ((a << 24) | (b << 16) | (g << 8) | r) >>> 0; // as an ImageData holds it
  const parse = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));

  const mix = (over, under) => {
    const a = over[3] / 255;
    return [0, 1, 2].map((k) => Math.round(over[k] * a + under[k] * (1 - a))).concat(Math.max(over[3], under[3]));
  };

  /** Colours by number: depth class, plus CATCHMENT (inside) or twice that (rim). */
  function palette(depths) {
    const table = new Uint32Array(4 * CATCHMENT);
    const waters = depths.map(({ colour }) => [...parse(colour), WATER_ALPHA]);
    [null, INSIDE, RIM].forEach((over, k) => {
      if (over) table[k * CATCHMENT] = rgba(over);
      waters.forEach((water, d) => {
        table[k * CATCHMENT + d + 1] = rgba(over ? mix(over, water) : water);
      });
    });
    return table;
  }

  app.FlowSheet = L.Path.extend({
    options: { interactive: false },

    initialize: function (depths, renderer) {
      L.setOptions(this, { renderer });
      this.depths = depths;
      this.colours = palette(depths);
      this.picture = document.createElement("canvas");
      this.version = 0;
      this.clear();
    },

    clear: function () {
      this.water = null; // depth class per cell
      this.mask = null;
      this.way = null; // x, y in world pixels
      this.changed();
    },

    changed: function () {
      this.version += 1;
      if (this._map) this.redraw();
    },

    _project: function () {},
    _update: function () {
      this._updatePath();
    },
    _updatePath: function () {
      const canvas = this._renderer;
      if (!canvas._drawing) return;
      const view = app.view(this._map, canvas._bounds);
      if (this.grid && (this.water || this.mask)) {
        this.paint(view, canvas._bounds);
        canvas._ctx.imageSmoothingEnabled = false;
        canvas._ctx.drawImage(this.picture, canvas._bounds.min.x, canvas._bounds.min.y);
      }
      if (this.way) this.line(canvas._ctx, view);
    },

    /** Fill the picture, unless it shows this view already. */
    paint: function (view, bounds) {
      const key = [this.version, view.zoom, view.ox, view.oy, bounds.min.x, bounds.min.y, bounds.max.x, bounds.max.y].join();
      if (key === this.painted) return;
      this.painted = key;
      const size = bounds.getSize();
      this.picture.width = size.x;
      this.picture.height = size.y;
      const ctx = this.picture.getContext("2d");
      const image = ctx.createImageData(size.x, size.y);
      this.pixels = new Uint32Array(image.data.buffer);
      const at = (px) => [(bounds.min.x + px[0] + view.ox) / view.scale, (bounds.min.y + px[1] + view.oy) / view.scale];
      for (let y = 0; y < size.y; y += TILE_PX) {
        for (let x = 0; x < size.x; x += TILE_PX) this.tile(at, x, y, size);
      }
      ctx.putImageData(image, 0, 0);
    },

    /* Columns and rows run straight within a tile: from its corners by adding up. */
    tile: function (at, x, y, size) {
      const { grid, water, mask, colours, pixels } = this;
      const corner = (dx, dy) => {
        const place = at([x + 0.5 + dx, y + 0.5 + dy]);
        return [grid.frame.column(...place), grid.frame.row(...place)];
      };
      const [nw, ne, sw] = [corner(0, 0), corner(TILE_PX, 0), corner(0, TILE_PX)];
      const [ac, ar, bc, br] = [(ne[0] - nw[0]) / TILE_PX, (ne[1] - nw[1]) / TILE_PX, (sw[0] - nw[0]) / TILE_PX, (sw[1] - nw[1]) / TILE_PX];
      const [right, below] = [Math.min(TILE_PX, size.x - x), Math.min(TILE_PX, size.y - y)];
      for (let j = 0; j < below; j += 1) {
        let c = nw[0] + j * bc;
        let r = nw[1] + j * br;
        let to = (y + j) * size.x + x;
        for (let i = 0; i < right; i += 1, c += ac, r += ar, to += 1) {
          if (c < 0 || r < 0 || c >= grid.cols || r >= grid.rows) continue;
          const cell = (r | 0) * grid.cols + (c | 0);
          const kind = (water ? water[cell] : 0) + (mask ? mask[cell] * CATCHMENT : 0);
          if (kind) pixels[to] = colours[kind];
        }
      }
    },

    /* White casing, the accent, a dot where it starts and a ring where it ends. */
    line: function (ctx, view) {
      const { x, y } = this.way;
      const px = (k) => [x[k] * view.scale - view.ox, y[k] * view.scale - view.oy];
      ctx.lineJoin = "round";
      ctx.lineCap = "round";
      for (const [colour, width] of [["#ffffff", 7], ["#0b5d3b", 3.5]]) {
        ctx.beginPath();
        for (let k = 0; k < x.length; k += 1) ctx.lineTo(...px(k));
        ctx.strokeStyle = colour;
        ctx.lineWidth = width;
        ctx.stroke();
      }
      this.dot(ctx, px(0), "#0b5d3b");
      if (x.length > 1) this.dot(ctx, px(x.length - 1), "#ffffff");
    },

    dot: function (ctx, [x, y], colour) {
      ctx.beginPath();
      ctx.arc(x, y, 5.5, 0, 2 * Math.PI);
      ctx.fillStyle = colour;
      ctx.strokeStyle = colour === "#ffffff" ? "#0b5d3b" : "#ffffff";
      ctx.lineWidth = 2.5;
      ctx.fill();
      ctx.stroke();
    },
  });
})(globalThis.ballerupGeo);
