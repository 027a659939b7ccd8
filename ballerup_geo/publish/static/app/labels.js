/* Names on the map: dark grey with a white halo, the answer's first; one that would lie on another waits for a closer zoom. */
globalThis.ballerupGeo = globalThis.ballerupGeo || {};
(function (app) {
  "use strict";
  if (!globalThis.L) return;
  const LARGEST_PX = 16;
  const SMALLEST_PX = 12;
  const AIR_PX = 4;
  const NARROW_PX = 500;
  const SHIFTS = [0, -1.2, 1.2, -2.4, 2.4]; // in text heights: a name without a point may give way

  function anchor(layer, i) {
    if (layer.anchors.length) return layer.anchors[i];
    const k = layer.pointOf[layer.partOf[i]];
    return layer.partOf[i] === layer.partOf[i + 1] ? null : [layer.x[k], layer.y[k]];
  }

  const meets = (a, b) => a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1];

  app.Labels = L.Path.extend({
    options: { interactive: false },
    initialize: function (sheets, renderer) {
      L.setOptions(this, { renderer });
      this.sheets = sheets;
    },
    _project: function () {},
    _update: function () {
      this._updatePath();
    },
    _updatePath: function () {
      const canvas = this._renderer;
      if (!canvas._drawing) return;
      const view = app.view(this._map, canvas._bounds);
      const taken = [];
      this.written = 0;
      for (const sheet of this.sheets) if (sheet.isDrawn()) this.write(canvas._ctx, sheet, view, taken);
    },

    write: function (ctx, sheet, view, taken) {
      const { layer, plan } = sheet;
      const seen = [];
      plan.paints.forEach((paint, k) => {
        const largest = this._map.getSize().x < NARROW_PX ? LARGEST_PX - 2 : LARGEST_PX;
        const size = plan.role === "ground" ? Math.max(SMALLEST_PX, largest - 2 * k) : largest - 2;
        const slant = plan.role === "answer" && layer.kinds !== "point" ? "italic " : "";
        ctx.font = `${slant}600 ${size}px system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif`;
        ctx.textBaseline = "middle";
        for (const i of sheet.members[k]) this.place(ctx, { layer, plan, paint, size, seen }, i, view, taken);
      });
    },

    /** Moved sideways so that a name near the map's edge is not cut. */
    within: function (x, width) {
      const left = this._map.containerPointToLayerPoint([0, 0]).x + AIR_PX;
      const right = left + this._map.getSize().x - 2 * AIR_PX;
      if (x + width < left || x > right) return x;
      return Math.max(left, Math.min(x, right - width));
    },

    place: function (ctx, what, i, view, taken) {
      const at = anchor(what.layer, i);
      const text = app.value(what.layer, what.plan.labels, i);
      if (!at || text === null || text === "") return;
      const dot = what.paint.fill && what.paint.fillOpacity > 0 && what.layer.kinds === "point" ? what.paint.radius * app.growth(view.zoom) + 4 : 0;
      const shown = String(text).slice(0, 60);
      const width = ctx.measureText(shown).width;
      const x = this.within(at[0] * view.scale - view.ox + (dot || -width / 2), width);
      const middle = at[1] * view.scale - view.oy;
      const boxAt = (y) => [x - AIR_PX, y - what.size / 2 - AIR_PX, x + width + AIR_PX, y + what.size / 2 + AIR_PX];
      const y = (dot ? [0] : SHIFTS).map((shift) => middle + shift * what.size)
        .find((one) => !taken.some((other) => meets(boxAt(one), other)));
      if (y === undefined) return;
      if (what.seen.some((s) => s.text === shown && Math.hypot(s.x - x, s.y - y) < 260)) return;
      taken.push(boxAt(y));
      what.seen.push({ text: shown, x, y });
      ctx.lineWidth = 3.5;
      ctx.lineJoin = "round";
      ctx.strokeStyle = "#ffffff";
      ctx.strokeText(shown, x, y);
      ctx.fillStyle = what.paint.text || "#3a3f44";
      ctx.fillText(shown, x, y);
      this.written += 1;
    },
  });
})(globalThis.ballerupGeo);
