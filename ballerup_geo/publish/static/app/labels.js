/* Names on the map: dark grey with a white halo; one that would lie on another waits for a closer zoom. */
globalThis.ballerupGeo = globalThis.ballerupGeo || {};
(function (app) {
  "use strict";
  if (!globalThis.L) return;
  const LARGEST_PX = 16;
  const SMALLEST_PX = 12;
  const AIR_PX = 4;
  const NARROW_PX = 500;
  const SAME_NAME_PX = 260; // a name stands once within this distance
  const SHIFTS = [0, -1.2, 1.2, -2.4, 2.4, -3.6, 3.6]; // in text heights: a name without a point may give way

  function anchor(layer, i) {
    if (layer.anchors.length) return layer.anchors[i];
    const k = layer.pointOf[layer.partOf[i]];
    return layer.partOf[i] === layer.partOf[i + 1] ? null : [layer.x[k], layer.y[k]];
  }

  /* The boxes of a layer's points. */
  function dots({ layer, plan }, view) {
    const growth = app.growth(view.zoom);
    return Array.from({ length: layer.size }, (_, i) => {
      const x = layer.box[4 * i] * view.scale - view.ox;
      const y = layer.box[4 * i + 1] * view.scale - view.oy;
      const radius = plan.paints[layer.classes[i]].radius * growth;
      return [x - radius, y - radius, x + radius, y + radius];
    });
  }

  /* The ground's first class (towns) is written first, then the answer, then the rest of the ground. */
  const turn = ({ sheet, k }) => (sheet.plan.role === "answer" ? 1 : k === 0 ? 0 : 2);

  const meets = (a, b) => a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1];

  app.Labels = L.Path.extend({
    options: { interactive: false },
    /** `sheets` have names; no name covers a point of `points`. */
    initialize: function (sheets, points, renderer) {
      L.setOptions(this, { renderer });
      this.sheets = sheets;
      this.points = points;
    },
    _project: function () {},
    _update: function () {
      this._updatePath();
    },
    _updatePath: function () {
      const canvas = this._renderer;
      if (!canvas._drawing) return;
      const view = app.view(this._map, canvas._bounds);
      const taken = this.points.flatMap((sheet) => (sheet.isDrawn() ? dots(sheet, view) : []));
      const seen = [];
      this.written = 0;
      const groups = this.sheets.filter((sheet) => sheet.isDrawn())
        .flatMap((sheet) => sheet.plan.paints.map((paint, k) => ({ sheet, paint, k })));
      groups.sort((a, b) => turn(a) - turn(b));
      for (const group of groups) this.write(canvas._ctx, group, view, taken, seen);
    },

    write: function (ctx, { sheet, paint, k }, view, taken, seen) {
      const { layer, plan } = sheet;
      const isGround = plan.role === "ground";
      const largest = this._map.getSize().x < NARROW_PX ? LARGEST_PX - 2 : LARGEST_PX;
      const size = isGround ? Math.max(SMALLEST_PX, largest - 2 * k) : largest - 2;
      const slant = !isGround && layer.kinds !== "point" ? "italic " : "";
      ctx.font = `${slant}600 ${size}px system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif`;
      ctx.textBaseline = "middle";
      const shifts = isGround ? SHIFTS.slice(0, 3) : SHIFTS;
      for (const i of sheet.members[k]) this.place(ctx, { layer, plan, paint, size, shifts, seen }, i, view, taken);
    },

    /** Where a name begins: beside its point or around its place, moved so that the map's edge does not cut it. */
    within: function (place, width, dot) {
      const left = this._map.containerPointToLayerPoint([0, 0]).x + AIR_PX;
      const right = left + this._map.getSize().x - 2 * AIR_PX;
      const x = dot ? place + dot : place - width / 2;
      if (place < left || place > right) return x;
      if (dot) return x + width > right ? place - dot - width : x;
      return Math.max(left, Math.min(x, right - width));
    },

    place: function (ctx, what, i, view, taken) {
      const at = anchor(what.layer, i);
      const text = app.value(what.layer, what.plan.labels, i);
      if (!at || text === null || text === "") return;
      const isDot = what.paint.fill && what.paint.fillOpacity > 0 && what.layer.kinds === "point";
      const dot = isDot ? what.paint.radius * app.growth(view.zoom) + AIR_PX + 2 : 0;
      const words = app.nameIn(what.plan, what.plan.labels, text);
      const shown = Array.from(words.slice(0, 120)).slice(0, 60).join("");
      const width = ctx.measureText(shown).width;
      const x = this.within(at[0] * view.scale - view.ox, width, dot);
      const middle = at[1] * view.scale - view.oy;
      const boxAt = (y) => [x - AIR_PX, y - what.size / 2 - AIR_PX, x + width + AIR_PX, y + what.size / 2 + AIR_PX];
      const y = (dot ? [0] : what.shifts).map((shift) => middle + shift * what.size)
        .find((one) => !taken.some((other) => meets(boxAt(one), other)));
      if (y === undefined) return;
      if (what.seen.some((s) => s.text === shown && Math.hypot(s.x - x, s.y - y) < SAME_NAME_PX)) return;
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
