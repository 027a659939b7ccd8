/* Layers that lie on each other, drawn once into tiles: moving the map copies pictures, and only new tiles cost time. */
globalThis.ballerupGeo = globalThis.ballerupGeo || {};
(function (app) {
  "use strict";
  if (!globalThis.L) return;
  const TILE_PX = 256;
  const AT_ONCE_MS = 8; // what is drawn before the frame ends; the rest follows, a few tiles a frame
  const MOST_TILES = 160;

  const frame = () => new Promise((done) => requestAnimationFrame(done));

  app.stacks = [];

  /** Draw everything that is in view now, whatever it takes: before the page is printed, and the first time. */
  app.drawAll = function () {
    for (const stack of app.stacks) stack.finish();
  };

  app.Stack = L.Path.extend({
    options: { interactive: false },

    initialize: function (sheets, renderer) {
      L.setOptions(this, { renderer });
      this.sheets = sheets;
      this.tiles = new Map(); // "x:y" → {picture, look} of this zoom
      this.zoom = null;
      this.old = null; // what the zoom before looked like, until its tiles are replaced
      this.turn = 0;
      app.stacks.push(this);
    },

    _project: function () {},
    _update: function () {
      this._updatePath();
    },
    _updatePath: function () {
      const canvas = this._renderer;
      if (!canvas._drawing) return;
      this.followZoom();
      const wanted = this.range(canvas._bounds);
      const waiting = this.draw(this.urgentFirst(wanted), AT_ONCE_MS);
      this.paste(canvas._ctx, wanted);
      if (waiting.length) this.later();
    },

    /** What the tiles depend on besides the place: a tile with another look is drawn anew. */
    look: function () {
      return this.sheets.map((sheet) => sheet.look()).join();
    },

    followZoom: function () {
      const zoom = this._map.getZoom();
      if (zoom === this.zoom) return;
      if (this.tiles.size) this.old = { tiles: this.tiles, zoom: this.zoom };
      this.tiles = new Map();
      this.zoom = zoom;
    },

    /* The tiles under a box of canvas pixels: [column, row] counted from the world's north-west at this zoom. */
    range: function (bounds) {
      const origin = this._map.getPixelOrigin();
      const found = [];
      const last = [Math.floor((bounds.max.x + origin.x - 1) / TILE_PX), Math.floor((bounds.max.y + origin.y - 1) / TILE_PX)];
      for (let y = Math.floor((bounds.min.y + origin.y) / TILE_PX); y <= last[1]; y += 1) {
        for (let x = Math.floor((bounds.min.x + origin.x) / TILE_PX); x <= last[0]; x += 1) found.push([x, y]);
      }
      return found;
    },

    /* Those in view first, from the middle; while the map is being moved only those. */
    urgentFirst: function (wanted) {
      const look = this.look();
      const view = this._map.getPixelBounds();
      const centre = view.getCenter().divideBy(TILE_PX);
      const away = ([x, y]) => Math.hypot(x + 0.5 - centre.x, y + 0.5 - centre.y);
      const seen = ([x, y]) => x * TILE_PX < view.max.x && (x + 1) * TILE_PX > view.min.x && y * TILE_PX < view.max.y && (y + 1) * TILE_PX > view.min.y;
      const moving = this._map.dragging && this._map.dragging.moving();
      return wanted
        .filter(([x, y]) => (this.tiles.get(x + ":" + y) || {}).look !== look)
        .map((place) => ({ place, look, seen: seen(place), away: away(place) }))
        .filter((one) => one.seen || !moving)
        .sort((a, b) => b.seen - a.seen || a.away - b.away);
    },

    /* Draw tiles for so long; return those left. What nobody sees yet waits for a quiet moment. */
    draw: function (wanted, milliseconds) {
      const until = performance.now() + milliseconds;
      let at = 0;
      while (at < wanted.length && performance.now() < until && (wanted[at].seen || milliseconds > AT_ONCE_MS || this.quiet)) {
        const { place: [x, y], look } = wanted[at];
        this.tiles.set(x + ":" + y, { picture: this.tile(x, y), look });
        at += 1;
      }
      return wanted.slice(at);
    },

    tile: function (x, y) {
      const density = L.Browser.retina ? 2 : 1;
      const picture = document.createElement("canvas");
      picture.width = picture.height = TILE_PX * density;
      const ctx = picture.getContext("2d");
      ctx.scale(density, density);
      const view = app.viewOf(this.zoom, L.point(x * TILE_PX, y * TILE_PX), L.bounds([0, 0], [TILE_PX, TILE_PX]));
      for (const sheet of this.sheets) sheet.draw(ctx, view);
      return picture;
    },

    paste: function (ctx, wanted) {
      const origin = this._map.getPixelOrigin();
      const missing = wanted.some(([x, y]) => !this.tiles.has(x + ":" + y));
      if (this.old && missing) this.pasteOld(ctx, origin);
      for (const [x, y] of wanted) {
        const tile = this.tiles.get(x + ":" + y);
        const [left, top] = [x * TILE_PX - origin.x, y * TILE_PX - origin.y];
        if (tile && this.old && missing) ctx.clearRect(left, top, TILE_PX, TILE_PX);
        if (tile) ctx.drawImage(tile.picture, left, top, TILE_PX, TILE_PX);
      }
      if (!missing) this.old = null;
      if (this.tiles.size > MOST_TILES) this.forget(wanted);
    },

    pasteOld: function (ctx, origin) {
      const growth = 2 ** (this.zoom - this.old.zoom);
      for (const [key, { picture }] of this.old.tiles) {
        const [x, y] = key.split(":").map((number) => number * TILE_PX * growth);
        ctx.drawImage(picture, x - origin.x, y - origin.y, TILE_PX * growth, TILE_PX * growth);
      }
    },

    forget: function (wanted) {
      const kept = new Set(wanted.map(([x, y]) => x + ":" + y));
      for (const key of [...this.tiles.keys()]) if (!kept.has(key) && this.tiles.size > MOST_TILES) this.tiles.delete(key);
    },

    /* Go on in the next frames until nothing is missing; a redraw in between starts the count anew. */
    later: async function () {
      this.turn += 1;
      const { turn } = this;
      await frame();
      if (turn !== this.turn || !this._map) return;
      this.quiet = true;
      this.redraw();
      await frame();
      this.quiet = false;
    },

    /** Nothing in view is missing or out of date. */
    isReady: function () {
      return this.zoom === this._map.getZoom() && !this.urgentFirst(this.range(this._renderer._bounds)).some((one) => one.seen);
    },

    finish: function () {
      this.followZoom();
      this.draw(this.urgentFirst(this.range(this._renderer._bounds)).filter((one) => one.seen), Infinity);
      this._renderer._redraw();
    },
  });
})(globalThis.ballerupGeo);
