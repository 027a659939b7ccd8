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

  /* The neighbours of a cell that lie on the grid, in the order of the directions; −1 where there is none. */
  function around(grid, cell, into) {
    const { rows, cols } = grid;
    const c = cell % cols;
    const r = (cell - c) / cols;
    for (let k = 0; k < 8; k += 1) {
      const y = r + DOWN[k];
      const x = c + RIGHT[k];
      into[k] = y >= 0 && x >= 0 && y < rows && x < cols ? y * cols + x : -1;
    }
  }

  /** All cells that drain to a place: mask (1; 2 at the rim), cells, m², and the share of rain that runs off. */
  app.catchmentOf = function (grid, place) {
    const { onward, basin } = grid;
    const mask = new Uint8Array(onward.length);
    const found = new Int32Array(onward.length);
    const near = new Int32Array(8);
    let count = 1;
    found[0] = place;
    mask[place] = 1;
    for (let at = 0; at < count; at += 1) {
      around(grid, found[at], near);
      for (let k = 0; k < 8; k += 1) {
        if (near[k] < 0 || mask[near[k]] || onward[near[k]] !== found[at]) continue;
        mask[near[k]] = 1;
        found[count] = near[k];
        count += 1;
      }
    }
    const cells = found.subarray(0, count);
    for (const cell of cells) {
      around(grid, cell, near);
      for (let k = 0; k < 8; k += 2) if (near[k] < 0 || !mask[near[k]]) mask[cell] = 2;
    }
    return { mask, cells, areaM2: count * grid.dx * grid.dy, share: shareOf(grid, cells, basin) };
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
    const { areaM2, runoffM2 } = grid.nodes;
    const sum = (values) => values.reduce((total, value) => total + value, 0);
    const all = sum(areaM2);
    const mean = all ? Math.min(1, sum(runoffM2) / all) : NaN; // areas are rounded on their way here
    return runoffM2.map((own, v) => (areaM2[v] ? Math.min(1, own / areaM2[v]) : mean));
  }
})(globalThis.ballerupGeo);
