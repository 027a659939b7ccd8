/* One map layer: features of a class share fill and line, so thousands cost one stroke. */
globalThis.ballerupGeo = globalThis.ballerupGeo || {};
(function (app) {
  "use strict";
  if (!globalThis.L) return;
  const TOGETHER = 400; // features in one path: large paths are slow to fill without a graphics card
  const SPECK_PX = 2.5;
  const NEAR_PX = 0.6; // points closer than this are drawn as one

  const DASHES = { solid: [], dashed: [8, 6], dotted: [1, 5] };

  /** Members of each class, in order: those that `has` lets in. */
  function byClass(layer, classes, has) {
    const members = Array.from({ length: classes }, () => []);
    for (let i = 0; i < layer.size; i += 1) if (has(i)) members[layer.classes[i]].push(i);
    return members;
  }

  app.Sheet = class {
    constructor(plan, layer) {
      this.plan = plan;
      this.layer = layer;
      this.shown = plan.visible;
      this.opacity = 1;
      this.follow();
    }

    /** Say whether a feature is there at the slider's step; one whose step is unknown never is. */
    has(index) {
      if (!this.plan.fromStep) return true;
      const from = app.value(this.layer, this.plan.fromStep, index);
      const reached = app.stepValue();
      return from !== null && reached !== null && from <= reached;
    }

    /** Take in the features of the slider's step. */
    follow() {
      if (this.members && !this.plan.fromStep) return;
      this.members = byClass(this.layer, this.plan.paints.length, (i) => this.has(i));
    }

    /** Shown, and the map is zoomed in far enough. */
    isDrawn() {
      return this.shown && !this.paused && app.map.getZoom() >= this.plan.minimumZoom;
    }

    /** What its picture depends on besides place and zoom. */
    look() {
      return this.isDrawn() ? this.opacity + (this.plan.fromStep ? "@" + app.step : "") : "-";
    }

    draw(ctx, view) {
      if (!this.isDrawn()) return;
      this.plan.paints.forEach((paint, k) => this.paint(ctx, view, paint, this.members[k]));
    }

    near(view, paint, members) {
      const margin = (paint.width + paint.radius) * app.growth(view.zoom);
      return members.filter((i) => app.inView(this.layer.box, i, view, margin));
    }

    /** How many features are in view. */
    count(view) {
      if (!this.isDrawn()) return 0;
      return this.plan.paints.reduce((sum, paint, k) => sum + this.near(view, paint, this.members[k]).length, 0);
    }

    /** Draw areas of a pixel or two as rectangles, which costs a tenth; return the larger ones. */
    specks(ctx, view, paint, near) {
      const { box } = this.layer;
      const large = [];
      ctx.globalAlpha = paint.fillOpacity * this.opacity;
      ctx.fillStyle = paint.fill;
      for (const i of near) {
        const width = (box[4 * i + 2] - box[4 * i]) * view.scale;
        const height = (box[4 * i + 3] - box[4 * i + 1]) * view.scale;
        if (width > SPECK_PX || height > SPECK_PX) large.push(i);
        else ctx.fillRect(box[4 * i] * view.scale - view.ox, box[4 * i + 1] * view.scale - view.oy, width, height);
      }
      ctx.globalAlpha = 1;
      return large;
    }

    paint(ctx, view, paint, members) {
      const growth = app.growth(view.zoom);
      let near = this.near(view, paint, members);
      if (paint.fill && !paint.width && this.layer.kinds === "polygon") near = this.specks(ctx, view, paint, near);
      for (let at = 0; at < near.length; at += TOGETHER) {
        ctx.beginPath();
        for (const i of near.slice(at, at + TOGETHER)) app.trace(ctx, this.layer, i, view, paint.radius * growth);
        app.ink(ctx, paint, growth, this.layer.kinds, this.opacity);
      }
    }
  };

  /** Lines and points grow with the zoom. */
  app.growth = (zoom) => Math.min(3.2, Math.max(0.7, 2 ** ((zoom - 13) / 2.2)));

  /** How world pixels become canvas pixels: px = world · scale − origin; and the world box on the canvas. */
  app.view = (map, bounds) => app.viewOf(map.getZoom(), map.getPixelOrigin(), bounds);

  app.viewOf = function (zoom, origin, bounds) {
    const scale = 2 ** zoom;
    return {
      zoom, scale, ox: origin.x, oy: origin.y,
      west: (bounds.min.x + origin.x) / scale, east: (bounds.max.x + origin.x) / scale,
      north: (bounds.min.y + origin.y) / scale, south: (bounds.max.y + origin.y) / scale,
    };
  };

  app.inView = function (box, i, view, marginPx) {
    const margin = marginPx / view.scale;
    return box[4 * i] - margin <= view.east && box[4 * i + 2] + margin >= view.west
      && box[4 * i + 1] - margin <= view.south && box[4 * i + 3] + margin >= view.north;
  };

  const kindOf = (layer, i) => (typeof layer.kinds === "string" ? layer.kinds : layer.kinds[i]);

  app.trace = function (ctx, layer, i, view, radius) {
    const kind = kindOf(layer, i);
    for (let p = layer.partOf[i]; p < layer.partOf[i + 1]; p += 1) {
      const start = layer.pointOf[p];
      const end = layer.pointOf[p + 1];
      if (kind === "point") traceCircle(ctx, layer, start, view, radius);
      else traceLine(ctx, layer, start, end, view, kind === "polygon");
    }
  };

  function traceCircle(ctx, layer, k, view, radius) {
    const x = layer.x[k] * view.scale - view.ox;
    const y = layer.y[k] * view.scale - view.oy;
    ctx.moveTo(x + radius, y);
    ctx.arc(x, y, radius, 0, 2 * Math.PI);
  }

  function traceLine(ctx, layer, start, end, view, closed) {
    let lastX = layer.x[start] * view.scale - view.ox;
    let lastY = layer.y[start] * view.scale - view.oy;
    ctx.moveTo(lastX, lastY);
    for (let k = start + 1; k < end; k += 1) {
      const x = layer.x[k] * view.scale - view.ox;
      const y = layer.y[k] * view.scale - view.oy;
      if (k + 1 < end && Math.abs(x - lastX) + Math.abs(y - lastY) < NEAR_PX) continue;
      ctx.lineTo(x, y);
      lastX = x;
      lastY = y;
    }
    if (closed) ctx.closePath();
  }

  app.ink = function (ctx, paint, growth, kinds, opacity = 1) {
    if (paint.fill && kinds !== "line") {
      ctx.globalAlpha = paint.fillOpacity * opacity;
      ctx.fillStyle = paint.fill;
      ctx.fill("nonzero");
    }
    if (paint.line && paint.width > 0) {
      ctx.globalAlpha = opacity;
      ctx.strokeStyle = paint.line;
      ctx.lineWidth = paint.width * growth;
      ctx.setLineDash(DASHES[paint.dash].map((length) => length * Math.max(1, growth / 1.5)));
      ctx.lineCap = paint.dash === "dashed" ? "butt" : "round";
      ctx.lineJoin = "round";
      ctx.stroke();
      ctx.setLineDash([]);
    }
    ctx.globalAlpha = 1;
  };

  /** The selected feature: white casing, then the accent, above everything. */
  app.Mark = L.Path.extend({
    options: { interactive: false },
    initialize: function (renderer) {
      L.setOptions(this, { renderer });
      this.selected = null;
    },
    _project: function () {},
    _update: function () {
      this._updatePath();
    },
    _updatePath: function () {
      const canvas = this._renderer;
      if (!canvas._drawing || !this.selected) return;
      const { sheet, index } = this.selected;
      const view = app.view(this._map, canvas._bounds);
      const growth = app.growth(view.zoom);
      const paint = sheet.plan.paints[sheet.layer.classes[index]];
      const ctx = canvas._ctx;
      ctx.beginPath();
      app.trace(ctx, sheet.layer, index, view, (paint.radius + 2) * growth);
      app.ink(ctx, { line: "#ffffff", width: (paint.width + 7) / growth + 1, dash: "solid" }, growth, "line");
      app.ink(ctx, { line: "#0b5d3b", width: (paint.width + 3) / growth + 1, dash: "solid" }, growth, "line");
    },
  });
})(globalThis.ballerupGeo);
