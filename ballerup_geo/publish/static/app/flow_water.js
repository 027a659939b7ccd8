/* Rain fills the hollows in their order: fill, spill, merge on the hierarchy of hollows.

   A hollow that is full spills into the basin beyond; where both sides of a pass are full they rise together in their
   whole. Heights of the ground in each hollow are sorted once, so an amount of rain costs one walk over the hollows and
   one over the cells in them. (The idea: Barnes, Callaghan & Wickert 2020; in Python: hydrology/_routing.py.)
*/
globalThis.ballerupGeo = globalThis.ballerupGeo || {};
(function (app) {
  "use strict";
  const MM_PER_M = 1000;
  const HEIGHTS = 2 ** 22; // more steps than any height has
  const LOWEST = 2 ** 21;

  /* Per node the level its outermost whole spills at, and that whole. A part comes before its whole. */
  function outermost({ count, whole, level }) {
    const root = new Int32Array(count);
    const final = new Int32Array(count);
    for (let v = count - 1; v > 1; v -= 1) {
      root[v] = whole[v] ? root[whole[v]] : v;
      final[v] = whole[v] ? final[whole[v]] : level[v];
    }
    return { root, final };
  }

  /* Cells that lie in a hollow, and the heights that each node floods first, rising. */
  function sortCells(grid, final) {
    const { count, whole, level } = grid.nodes;
    const cells = [];
    const keys = [];
    const own = new Int32Array(count);
    for (let i = 0; i < grid.basin.length; i += 1) {
      let v = grid.basin[i];
      if (v < 2 || grid.height[i] >= final[v]) continue;
      while (whole[v] && grid.height[i] >= level[v]) v = whole[v];
      cells.push(i);
      keys.push(v * HEIGHTS + grid.height[i] + LOWEST);
      own[v] += 1;
    }
    const sorted = Float64Array.from(keys).sort();
    const start = new Int32Array(count + 1);
    for (let v = 0; v < count; v += 1) start[v + 1] = start[v] + own[v];
    return { cells: Int32Array.from(cells), heights: Int32Array.from(sorted, (key) => (key % HEIGHTS) - LOWEST), start, own };
  }

  function upTheTree(whole, values) {
    const sums = Float64Array.from(values);
    for (let v = 2; v < whole.length; v += 1) if (whole[v]) sums[whole[v]] += sums[v];
    return sums;
  }

  /** Work out what every amount of rain shares. */
  app.FlowWater = function (grid) {
    const { nodes } = grid;
    this.grid = grid;
    Object.assign(this, outermost(nodes));
    Object.assign(this, sortCells(grid, this.final));
    const all = upTheTree(nodes.whole, this.own);
    this.under = all.map((sum, v) => sum - this.own[v]); // cells of the parts
    this.capacity = upTheTree(nodes.whole, nodes.roomM3);
    /* Hollows beyond the grid travel too, for the water they send here; they are neither drawn nor counted. */
    this.isHere = this.root.map((root) => (all[root] > 0 ? 1 : 0));
    this.hollows = [];
    for (let v = 2; v < nodes.count; v += 1) if (this.isHere[v] && !nodes.whole[v] && this.capacity[v] > 0) this.hollows.push(v);
    this.cellM2 = grid.dx * grid.dy;
  };

  /* Pour water into the basins: what each node holds above its parts, and where it sends the rest (itself: not full). */
  function pour({ count, whole, beyond, roomM3, runoffM2 }, deepM) {
    const held = new Float64Array(count);
    const sendsTo = Int32Array.from({ length: count }, (_, v) => v);
    const quick = Int32Array.from(sendsTo);
    const fullParts = new Uint8Array(count);
    for (let basin = 2; basin < count; basin += 1) {
      let left = runoffM2[basin] * deepM;
      let v = basin;
      while (left > 0) {
        while (quick[v] !== v) {
          quick[v] = quick[quick[v]];
          v = quick[v];
        }
        if (v < 2) break; // it has left
        const space = roomM3[v] - held[v];
        if (left < space) {
          held[v] += left;
          break;
        }
        left -= space;
        held[v] = roomM3[v];
        let to = Math.max(1, beyond[v]);
        if (whole[v]) {
          fullParts[whole[v]] += 1;
          if (fullParts[whole[v]] === 2) to = whole[v];
        }
        sendsTo[v] = to;
        quick[v] = to;
      }
    }
    return { held, sendsTo };
  }

  /* What falls on the hollows drawn here and leaves them: over the edge, or to hollows beyond the grid. Water mixes. */
  function leaving(water, { held, sendsTo }, deepM) {
    const { count, runoffM2 } = water.grid.nodes;
    const arrived = runoffM2.map((m2) => m2 * deepM);
    const own = arrived.map((m3, v) => (water.isHere[v] ? m3 : 0));
    const waiting = new Int32Array(count);
    let sum = 0;
    for (let v = 2; v < count; v += 1) if (sendsTo[v] !== v) waiting[sendsTo[v]] += 1;
    for (let start = 2; start < count; start += 1) {
      let v = start;
      while (v > 1 && waiting[v] === 0) {
        waiting[v] = -1;
        const to = sendsTo[v];
        if (to === v) break;
        const spilled = Math.max(arrived[v] - held[v], 0);
        const fromHere = arrived[v] > 0 ? spilled * (own[v] / arrived[v]) : 0;
        arrived[to] += spilled;
        waiting[to] -= 1;
        if (water.isHere[v] && (to < 2 || !water.isHere[to])) sum += fromHere;
        else own[to] += fromHere;
        v = to;
      }
    }
    return sum;
  }

  /* The level of the water in each node that holds some of its own, in steps; NaN where it is dry. */
  function levels(water, held) {
    const { grid, heights, start, under, cellM2 } = water;
    const { count, level, floor, roomM3 } = grid.nodes;
    const found = new Float64Array(count).fill(NaN);
    for (let v = 2; v < count; v += 1) {
      if (!(held[v] > 0)) continue;
      if (held[v] >= roomM3[v]) {
        found[v] = level[v];
        continue;
      }
      let wet = under[v];
      let at = wet > 0 ? floor[v] : heights[start[v]];
      let left = held[v] / cellM2 / grid.step;
      let i = start[v];
      for (; i < start[v + 1]; i += 1) {
        const need = (heights[i] - at) * wet;
        if (need >= left) break;
        left -= need;
        at = heights[i];
        wet += 1;
      }
      found[v] = wet > 0 ? Math.min(at + left / wet, level[v]) : level[v];
    }
    return found;
  }

  /* The level at which water stands over each node: its own, or that of the whole it has joined. */
  function surfaces({ count, whole, level }, found, sendsTo) {
    const surface = new Float64Array(count).fill(-Infinity);
    const fullParts = new Uint8Array(count);
    for (let v = 2; v < count; v += 1) if (sendsTo[v] !== v && whole[v]) fullParts[whole[v]] += 1;
    for (let v = count - 1; v > 1; v -= 1) {
      if (whole[v] && fullParts[whole[v]] === 2) surface[v] = Math.max(surface[whole[v]], level[v]);
      else if (sendsTo[v] !== v) surface[v] = level[v];
      else if (found[v] === found[v]) surface[v] = found[v];
    }
    return surface;
  }

  /** Let so many mm fall, of which `lossMm` stay where they fall. */
  app.FlowWater.prototype.rain = function (mm, lossMm) {
    const { nodes } = this.grid;
    const deepM = Math.max(mm - lossMm, 0) / MM_PER_M;
    const poured = pour(nodes, deepM);
    const { held, sendsTo } = poured;
    const surface = surfaces(nodes, levels(this, held), sendsTo);
    let standing = 0;
    for (let v = 2; v < nodes.count; v += 1) if (this.isHere[v]) standing += held[v];
    const full = this.hollows.reduce((sum, v) => sum + (sendsTo[v] !== v), 0);
    return { mm, sendsTo, surface, standingM3: standing, overflowM3: leaving(this, poured, deepM), full, hollows: this.hollows.length };
  };

  /** The depth of water over a cell, m. */
  app.FlowWater.prototype.depth = function (rained, cell) {
    const { basin, height, step } = this.grid;
    const above = basin[cell] > 1 ? rained.surface[basin[cell]] - height[cell] : 0;
    return above > 0 ? above * step : 0;
  };

  /** True for a cell that is under water when all hollows are full. */
  app.FlowWater.prototype.isHollow = function (cell) {
    const v = this.grid.basin[cell];
    return v > 1 && this.grid.height[cell] < this.final[v];
  };
})(globalThis.ballerupGeo);
