/* The terrain along a drop's way, as a picture with words: built node by node, no markup is parsed. */
globalThis.ballerupGeo = globalThis.ballerupGeo || {};
(function (app) {
  "use strict";
  const SPACE = "http://www.w3.org/2000/svg";
  const WIDE = 360;
  const HIGH = 150;
  const FRAME = { left: 40, right: 8, top: 8, bottom: 22 };
  const MOST_POINTS = 700;
  const LEAST_RISE_M = 2; // a level way is not drawn as mountains

  function node(tag, attributes, text) {
    const element = document.createElementNS(SPACE, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    if (text !== undefined) element.textContent = text;
    return element;
  }

  /** Hollows that a way passes: from and to which of its cells, the level they spill at, the deepest water. */
  app.hollowsPassed = function (water, way) {
    const found = [];
    const { grid } = water;
    way.cells.forEach((cell, k) => {
      if (!water.isHollow(cell)) return;
      const root = water.root[grid.basin[cell]];
      const level = water.final[grid.basin[cell]];
      const depthM = (level - grid.height[cell]) * grid.step;
      const last = found[found.length - 1];
      if (last && last.root === root && last.to === k - 1) {
        last.to = k;
        last.depthM = Math.max(last.depthM, depthM);
      } else found.push({ root, from: k, to: k, levelM: level * grid.step, depthM });
    });
    return found;
  };

  const rounded = (value) => Math.round(value * 10) / 10;

  /** Every so many cells, the first and the last, and the lowest of each hollow's. */
  function chosen(count, hollows) {
    const stride = Math.max(1, Math.ceil(count / MOST_POINTS));
    const keep = new Set([0, count - 1, ...hollows.flatMap(({ from, to }) => [from, to])]);
    for (let k = 0; k < count; k += stride) keep.add(k);
    return [...keep].sort((a, b) => a - b);
  }

  app.drawProfile = function (water, way, hollows, words) {
    const heights = way.cells.map((cell) => water.grid.height[cell] * water.grid.step);
    const length = way.metres[way.metres.length - 1] || 1;
    const top = hollows.reduce((most, hollow) => Math.max(most, hollow.levelM), heights.reduce((a, b) => Math.max(a, b)));
    const low = heights.reduce((a, b) => Math.min(a, b));
    const rise = Math.max(top - low, LEAST_RISE_M);
    const x = (m) => rounded(FRAME.left + (m / length) * (WIDE - FRAME.left - FRAME.right));
    const y = (m) => rounded(HIGH - FRAME.bottom - ((m - low) / rise) * (HIGH - FRAME.top - FRAME.bottom));
    const picture = node("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, class: "profile", role: "img", "aria-label": words.alternative });
    const points = chosen(way.cells.length, hollows).map((k) => `${x(way.metres[k])} ${y(heights[k])}`);
    const ground = HIGH - FRAME.bottom;
    for (const hollow of hollows) {
      const bed = [];
      for (let k = hollow.from; k <= hollow.to; k += 1) bed.push(`${x(way.metres[k])} ${y(heights[k])}`);
      const [start, end] = [x(way.metres[hollow.from]), x(way.metres[hollow.to])];
      const level = y(hollow.levelM);
      picture.append(node("path", { class: "profile-water", d: `M${start} ${level}L${bed.join("L")}L${end} ${level}Z` }));
    }
    picture.prepend(node("path", { class: "profile-ground", d: `M${x(0)} ${ground}L${points.join("L")}L${x(length)} ${ground}Z` }));
    picture.append(node("path", { class: "profile-line", d: `M${points.join("L")}` }));
    picture.append(node("path", { class: "profile-axis", d: `M${FRAME.left} ${FRAME.top}V${ground}H${WIDE - FRAME.right}` }));
    for (const [height, text] of [[low + rise, words.high], [low, words.low]]) {
      picture.append(node("text", { x: FRAME.left - 5, y: y(height) + (height === low ? 0 : 8), "text-anchor": "end", class: "profile-text" }, text));
    }
    picture.append(node("text", { x: FRAME.left, y: HIGH - 6, class: "profile-text" }, words.start));
    picture.append(node("text", { x: WIDE - FRAME.right, y: HIGH - 6, "text-anchor": "end", class: "profile-text" }, words.end));
    return picture;
  };
})(globalThis.ballerupGeo);
