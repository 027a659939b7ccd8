/* Along the water and against it: the way of a drop, and all that drains to a place. */
globalThis.ballerupGeo = globalThis.ballerupGeo || {};
(function (app) {
  "use strict";
  const { DOWN, RIGHT } = app.flowSteps;

  /** Row and column of a cell; the cell at a place of the grid (fractional), −1 where there is none. */
  app.cellAt = function (grid, column, row) {
    const c = Math.floor(column);
    const r = Math.floor(row);
    return c >= 0 && r >= 0 && c < grid.cols && r < grid.rows && grid.inside[r * grid.cols + c] ? r * grid.cols + c : -1;
  };

  app.centreOf = (grid, cell) => [(cell % grid.cols) + 0.5, Math.floor(cell / grid.cols) + 0.5];

  const isAtEdge = (grid, cell) => {
    const [c, r] = [cell % grid.cols, Math.floor(cell / grid.cols)];
    return DOWN.some((down, k) => app.cellAt(grid, c + RIGHT[k], r + down) < 0);
  };

  /** The cells a drop passes: to the first recipient, off the grid ("leaves") or to where nothing is lower ("stays"). */
  app.dropWay = function (grid, start) {
    const cells = [start];
    const metres = [0];
    let cell = start;
    while (!grid.outlet[cell] && grid.onward[cell] >= 0 && cells.length <= grid.basin.length) {
      const k = grid.direction[cell];
      cell = grid.onward[cell];
      metres.push(metres[metres.length - 1] + Math.hypot(DOWN[k] * grid.dy, RIGHT[k] * grid.dx));
      cells.push(cell);
    }
    const end = grid.outlet[cell] ? "recipient" : grid.direction[cell] < 8 || isAtEdge(grid, cell) ? "leaves" : "stays";
    return { cells, metres, end, label: grid.outlet[cell] };
  };

  /** How many cells drain through each cell, its own included. */
  app.upstreamCells = function (grid) {
    const { onward, inside } = grid;
    const waiting = new Uint8Array(onward.length);
    const sum = Uint32Array.from(inside);
    for (let i = 0; i < onward.length; i += 1) if (onward[i] >= 0) waiting[onward[i]] += 1;
    for (let start = 0; start < onward.length; start += 1) {
      let i = start;
      while (i >= 0 && inside[i] && waiting[i] === 0) {
        waiting[i] = 255; // done
        const to = onward[i];
        if (to < 0) break;
        sum[to] += sum[i];
        waiting[to] -= 1;
        i = to;
      }
    }
    return sum;
  };

  /** The cell within `reach` cells through which most water runs. */
  app.nearestStream = function (grid, upstream, cell, reach) {
    const [column, row] = [cell % grid.cols, Math.floor(cell / grid.cols)];
    let best = cell;
    for (let r = row - reach; r <= row + reach; r += 1) {
      for (let c = column - reach; c <= column + reach; c += 1) {
        const other = app.cellAt(grid, c, r);
        if (other >= 0 && (r - row) ** 2 + (c - column) ** 2 <= reach ** 2 && upstream[other] > upstream[best]) best = other;
      }
    }
    return best;
  };

  /** All cells that drain to a place: mask (1; 2 at the rim), cells, m², and how much of it runs off (m², null: unknown). */
  app.catchmentOf = function (grid, place) {
    const { cols, onward, basin } = grid;
    const mask = new Uint8Array(onward.length);
    const found = [place];
    mask[place] = 1;
    for (let at = 0; at < found.length; at += 1) {
      const [c, r] = [found[at] % cols, Math.floor(found[at] / cols)];
      for (let k = 0; k < 8; k += 1) {
        const other = app.cellAt(grid, c + RIGHT[k], r + DOWN[k]);
        if (other < 0 || mask[other] || onward[other] !== found[at]) continue;
        mask[other] = 1;
        found.push(other);
      }
    }
    for (const cell of found) {
      const [c, r] = [cell % cols, Math.floor(cell / cols)];
      for (let k = 0; k < 8; k += 2) {
        const other = app.cellAt(grid, c + RIGHT[k], r + DOWN[k]);
        if (other < 0 || !mask[other]) mask[cell] = 2;
      }
    }
    const areaM2 = found.length * grid.dx * grid.dy;
    return { mask, cells: found, areaM2, share: shareOf(grid, found, basin) };
  };

  /* The share of rain that runs off: the basins' own, by the cells each has here; ground in no hollow counts as the others. */
  function shareOf(grid, cells, basin) {
    const perBasin = grid.basinShare || (grid.basinShare = basinShares(grid));
    let sum = 0;
    let known = 0;
    for (const cell of cells) {
      if (basin[cell] < 2) continue;
      sum += perBasin[basin[cell]];
      known += 1;
    }
    return known ? sum / known : perBasin[1];
  }

  function basinShares(grid) {
    const { count, runoffM2 } = grid.nodes;
    const cells = new Float64Array(count);
    for (const v of grid.basin) if (v > 1) cells[v] += 1;
    const cellM2 = grid.dx * grid.dy;
    const shares = runoffM2.map((m2, v) => (cells[v] ? Math.min(1, m2 / cells[v] / cellM2) : 0));
    const all = cells.reduce((sum, n) => sum + n, 0) * cellM2;
    shares[1] = all ? Math.min(1, runoffM2.reduce((sum, m2) => sum + m2, 0) / all) : NaN;
    return shares;
  }
})(globalThis.ballerupGeo);
