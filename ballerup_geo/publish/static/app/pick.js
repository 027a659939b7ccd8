/* Which feature lies under a point: the topmost answer layer first, exactly, then within a finger's reach. */
globalThis.ballerupGeo = globalThis.ballerupGeo || {};
(function (app) {
  "use strict";

  function inside(layer, i, x, y) {
    let odd = false;
    for (let p = layer.partOf[i]; p < layer.partOf[i + 1]; p += 1) {
      const start = layer.pointOf[p];
      const end = layer.pointOf[p + 1];
      for (let k = start, j = end - 1; k < end; j = k, k += 1) {
        const above = layer.y[k] > y;
        if (above !== layer.y[j] > y
          && x < ((layer.x[j] - layer.x[k]) * (y - layer.y[k])) / (layer.y[j] - layer.y[k]) + layer.x[k]) odd = !odd;
      }
    }
    return odd;
  }

  function toSegment(layer, a, b, x, y) {
    const dx = layer.x[b] - layer.x[a];
    const dy = layer.y[b] - layer.y[a];
    const length = dx * dx + dy * dy;
    const t = length ? Math.max(0, Math.min(1, ((x - layer.x[a]) * dx + (y - layer.y[a]) * dy) / length)) : 0;
    return Math.hypot(layer.x[a] + t * dx - x, layer.y[a] + t * dy - y);
  }

  function distance(layer, i, x, y) {
    let least = Infinity;
    for (let p = layer.partOf[i]; p < layer.partOf[i + 1]; p += 1) {
      const start = layer.pointOf[p];
      const end = layer.pointOf[p + 1];
      if (end - start === 1) least = Math.min(least, Math.hypot(layer.x[start] - x, layer.y[start] - y));
      for (let k = start + 1; k < end; k += 1) least = Math.min(least, toSegment(layer, k - 1, k, x, y));
    }
    return least;
  }

  const isFilled = (sheet, i) => (typeof sheet.layer.kinds === "string" ? sheet.layer.kinds : sheet.layer.kinds[i]) === "polygon";

  const isSmall = (layer, i, reach) => layer.box[4 * i + 2] - layer.box[4 * i] < 3 * reach && layer.box[4 * i + 3] - layer.box[4 * i + 1] < 3 * reach;

  /* As drawn: a later class lies above an earlier one, a later feature above one before it in its class. */
  function* topmostFirst({ members }) {
    for (let k = members.length - 1; k >= 0; k -= 1) {
      for (let at = members[k].length - 1; at >= 0; at -= 1) yield members[k][at];
    }
  }

  function nearest(sheet, x, y, reach, exact) {
    const { layer } = sheet;
    let best = -1;
    let least = reach;
    for (const i of topmostFirst(sheet)) {
      if (layer.box[4 * i] - reach > x || layer.box[4 * i + 2] + reach < x) continue;
      if (layer.box[4 * i + 1] - reach > y || layer.box[4 * i + 3] + reach < y) continue;
      if (isFilled(sheet, i) && inside(layer, i, x, y)) return i;
      if (exact && isFilled(sheet, i) && !isSmall(layer, i, reach)) continue;
      const away = distance(layer, i, x, y);
      if (away < least) {
        least = away;
        best = i;
      }
    }
    return best;
  }

  /** The feature at a place (world pixels at zoom 0), or null. `reachPx` is how far beside a line or point counts. */
  app.pick = function (sheets, x, y, scale, reachPx) {
    const reach = reachPx / scale;
    const open = sheets.filter((sheet) => sheet.plan.role === "answer" && sheet.isDrawn()).reverse();
    for (const exact of [true, false]) {
      for (const sheet of open) {
        const index = nearest(sheet, x, y, exact ? reach / 2 : reach, exact);
        if (index >= 0) return { sheet, index };
      }
    }
    return null;
  };
})(globalThis.ballerupGeo);
