/* Which feature lies under a point: the topmost answer layer there, else the one nearest within a finger's reach. */
globalThis.ballerupGeo = globalThis.ballerupGeo || {};
(function (app) {
  "use strict";
  const LINE_PX = 6; // a finger this close to a line means the line, not the area under it

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

  const isPoint = (sheet, i) => (typeof sheet.layer.kinds === "string" ? sheet.layer.kinds : sheet.layer.kinds[i]) === "point";

  const isNear = ({ layer }, i, x, y, reach) => layer.box[4 * i] - reach <= x && layer.box[4 * i + 2] + reach >= x
    && layer.box[4 * i + 1] - reach <= y && layer.box[4 * i + 3] + reach >= y;

  /* The feature that a pointer is on: inside an area, or so close to a line or point that it covers it. */
  function touched(sheet, x, y, reach, pointReach) {
    let best = -1;
    let least = Infinity;
    for (const i of topmostFirst(sheet)) {
      if (!isNear(sheet, i, x, y, pointReach)) continue;
      const filled = isFilled(sheet, i);
      if (filled && inside(sheet.layer, i, x, y)) return i;
      if (filled && !isSmall(sheet.layer, i, pointReach)) continue;
      const away = distance(sheet.layer, i, x, y);
      if (away > (isPoint(sheet, i) || filled ? pointReach : reach) || away >= least) continue;
      least = away;
      best = i;
    }
    return best;
  }

  /** The feature nearest to a place (world pixels at zoom 0) and how far away; −1 and Infinity where there is none within reach. */
  app.nearestTo = function (sheet, x, y, reach = Infinity, among = () => true) {
    let [index, away] = [-1, reach];
    for (const i of topmostFirst(sheet)) {
      if (!among(i) || !isNear(sheet, i, x, y, away)) continue;
      const d = isFilled(sheet, i) && inside(sheet.layer, i, x, y) ? 0 : distance(sheet.layer, i, x, y);
      if (d < away) [index, away] = [i, d];
    }
    return { index, away };
  };

  /** The areas of a layer that contain a place, topmost first. */
  app.areasAt = function* (sheet, x, y) {
    for (const i of topmostFirst(sheet)) if (isFilled(sheet, i) && isNear(sheet, i, x, y, 0) && inside(sheet.layer, i, x, y)) yield i;
  };

  /** The topmost of them, or −1. */
  app.areaAt = function (sheet, x, y) {
    const [first = -1] = app.areasAt(sheet, x, y);
    return first;
  };

  /** A line's points from the one nearest to a place on, world pixels at zoom 0: [[x, y], …], the nearest place first. */
  app.restOfLine = function ({ layer }, i, x, y) {
    const [start, end] = [layer.pointOf[layer.partOf[i]], layer.pointOf[layer.partOf[i + 1]]];
    let [least, rest] = [Infinity, []];
    for (let k = start + 1; k < end; k += 1) {
      const away = toSegment(layer, k - 1, k, x, y);
      if (away >= least) continue;
      least = away;
      const [dx, dy] = [layer.x[k] - layer.x[k - 1], layer.y[k] - layer.y[k - 1]];
      const t = Math.max(0, Math.min(1, ((x - layer.x[k - 1]) * dx + (y - layer.y[k - 1]) * dy) / (dx * dx + dy * dy || 1)));
      rest = [[layer.x[k - 1] + t * dx, layer.y[k - 1] + t * dy]];
      for (let p = k; p < end; p += 1) rest.push([layer.x[p], layer.y[p]]);
    }
    return rest;
  };

  /** The feature at a place, or null. What lies under the pointer comes before what lies within `reachPx` beside it. */
  app.pick = function (sheets, x, y, scale, reachPx) {
    const open = sheets.filter((sheet) => sheet.plan.role === "answer" && sheet.isDrawn()).reverse();
    const [line, point] = [Math.min(LINE_PX, reachPx / 2) / scale, reachPx / 2 / scale];
    for (const sheet of open) {
      const index = touched(sheet, x, y, line, point);
      if (index >= 0) return { sheet, index };
    }
    let best = null;
    let least = reachPx / scale;
    for (const sheet of open) {
      const { index, away } = app.nearestTo(sheet, x, y, least);
      if (index >= 0) [best, least] = [{ sheet, index }, away];
    }
    return best;
  };
})(globalThis.ballerupGeo);
