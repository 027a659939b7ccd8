/* The terrain's grid: base64 → gzip → typed arrays. The other end of publish/flow_pack.py, which says what travels.

   Cells are numbered row by row from the north-west. Of each: height (steps), direction (0–7, NO_RECEIVER, OUTSIDE),
   the cell its water runs to (−1: none), its basin, the recipient on it. Nodes count from 2; 1 is what has left.
*/
globalThis.ballerupGeo = globalThis.ballerupGeo || {};
(function (app) {
  "use strict";
  const NO_RECEIVER = 9;
  const OUTSIDE = 255;
  const DOWN = [0, 1, 1, 1, 0, -1, -1, -1];
  const RIGHT = [1, 1, 0, -1, -1, -1, 0, 1];
  app.flowSteps = { DOWN, RIGHT, OUTSIDE };

  function read(bytes, at, count) {
    const out = new Float64Array(count);
    for (let i = 0; i < count; i += 1) {
      let byte = bytes[at];
      let value = byte & 127;
      let weight = 128;
      at += 1;
      while (byte & 128) {
        byte = bytes[at];
        at += 1;
        value += (byte & 127) * weight;
        weight *= 128;
      }
      out[i] = value;
    }
    return out;
  }

  const signed = (value) => (value % 2 ? -(value + 1) / 2 : value / 2);

  function streamsOf(bytes, start, listed) {
    const found = {};
    let at = start;
    for (const [name, length, count] of listed) {
      found[name] = read(bytes, at, count);
      at += length;
    }
    if (at !== bytes.length) throw new Error("the terrain's file is damaged");
    return found;
  }

  function insideOf(runs, cells) {
    const inside = new Uint8Array(cells);
    let at = 0;
    runs.forEach((length, k) => {
      if (k % 2) inside.fill(1, at, at + length);
      at += length;
    });
    return inside;
  }

  /* Median edge detector: each height from those to the left, above and between; outside a row's last value goes on. */
  function heightsOf(differences, inside, rows, cols) {
    const height = new Int32Array(rows * cols);
    let next = 0;
    for (let r = 0, i = 0; r < rows; r += 1) {
      for (let c = 0; c < cols; c += 1, i += 1) {
        const left = c ? height[i - 1] : 0;
        if (!inside[i]) {
          height[i] = left;
          continue;
        }
        const above = r ? height[i - cols] : 0;
        const between = r && c ? height[i - cols - 1] : 0;
        const high = Math.max(left, above);
        const low = Math.min(left, above);
        const foretold = between >= high ? low : between <= low ? high : left + above - between;
        height[i] = foretold + signed(differences[next]);
        next += 1;
      }
    }
    return height;
  }

  /* 1–8: the steepest lower neighbour; 0: none is lower. */
  function steepest(grid, r, c, per) {
    const { rows, cols, height, inside } = grid;
    const own = height[r * cols + c];
    let best = 0;
    let found = 0;
    for (let k = 0; k < 8; k += 1) {
      const y = r + DOWN[k];
      const x = c + RIGHT[k];
      if (y < 0 || x < 0 || y >= rows || x >= cols || !inside[y * cols + x]) continue;
      const slope = (own - height[y * cols + x]) * (k % 2 ? per[2] : DOWN[k] ? per[1] : per[0]);
      if (slope > best) {
        best = slope;
        found = k + 1;
      }
    }
    return found;
  }

  function waysOf(grid, differing, per) {
    const { rows, cols, inside } = grid;
    const direction = new Uint8Array(rows * cols).fill(OUTSIDE);
    const onward = new Int32Array(rows * cols).fill(-1);
    let next = 0;
    for (let r = 0, i = 0; r < rows; r += 1) {
      for (let c = 0; c < cols; c += 1, i += 1) {
        if (!inside[i]) continue;
        const said = differing[next] || steepest(grid, r, c, per) || NO_RECEIVER;
        next += 1;
        direction[i] = said === NO_RECEIVER ? NO_RECEIVER : said - 1;
        if (said === NO_RECEIVER) continue;
        const y = r + DOWN[said - 1];
        const x = c + RIGHT[said - 1];
        if (y >= 0 && x >= 0 && y < rows && x < cols && inside[y * cols + x]) onward[i] = y * cols + x;
      }
    }
    return { direction, onward };
  }

  function marked(at, values, Kind, cells) {
    const marks = new Kind(cells);
    let cell = 0;
    let value = 0;
    for (let k = 0; k < at.length; k += 1) {
      cell += at[k];
      value += signed(values[k]);
      marks[cell] = value;
    }
    return marks;
  }

  /* A cell lies in the basin of the cell it runs to, but where `exits` says otherwise. Follows the water; no recursion. */
  function basinsOf(grid, exits) {
    const basin = exits;
    const way = [];
    for (let start = 0; start < basin.length; start += 1) {
      if (!grid.inside[start] || basin[start]) continue;
      let i = start;
      while (i >= 0 && !basin[i]) {
        way.push(i);
        i = grid.onward[i];
        if (way.length > basin.length) throw new Error("water runs in a circle");
      }
      const found = i < 0 ? 1 : basin[i];
      while (way.length) basin[way.pop()] = found;
    }
    return basin;
  }

  /* The ground of a basin is its cells here and those that lie outside the grid. */
  function measure(nodes, basin, unshown, cellM2) {
    for (const v of basin) if (v > 1) nodes.areaM2[v] += cellM2;
    unshown.forEach((cells, k) => {
      nodes.areaM2[k + 2] += signed(cells) * cellM2;
    });
  }

  function nodesOf(streams, header) {
    const count = header.nodes + 2;
    const nodes = {
      count, whole: new Int32Array(count), beyond: new Int32Array(count), level: new Int32Array(count), floor: new Int32Array(count),
      roomM3: new Float64Array(count), areaM2: new Float64Array(count), runoffM2: new Float64Array(count),
    };
    let level = 0;
    for (let v = 2; v < count; v += 1) {
      const k = v - 2;
      level += signed(streams.level[k]);
      nodes.whole[v] = streams.whole[k] ? v + streams.whole[k] : 0;
      nodes.beyond[v] = v + signed(streams.beyond[k]);
      nodes.level[v] = level;
      nodes.floor[v] = level - signed(streams.floor[k]);
      nodes.roomM3[v] = streams.room[k] / header.tenths;
      nodes.runoffM2[v] = streams.runoff[k] / header.tenths;
    }
    return nodes;
  }

  /* Polynomials of the third degree in two variables, each moved and divided to −1 … 1 (publish/flow_pack.py::fit_frame). */
  function polynomial(factors, scaling) {
    const [ma, mb] = scaling.middle;
    const [ha, hb] = scaling.half;
    const [f00, f01, f02, f03, f10, f11, f12, f20, f21, f30] = factors;
    return (a, b) => {
      const u = (a - ma) / ha;
      const v = (b - mb) / hb;
      return f00 + v * (f01 + v * (f02 + v * f03)) + u * (f10 + v * (f11 + v * f12) + u * (f20 + v * f21 + u * f30));
    };
  }

  function frameOf({ column, row, x, y, world, cell }) {
    const [across, along] = [polynomial(x, cell), polynomial(y, cell)];
    const [mx, my] = world.middle;
    return {
      column: polynomial(column, world), row: polynomial(row, world), // of world pixels
      x: (c, r) => mx + across(c, r), y: (c, r) => my + along(c, r), // of columns and rows
    };
  }

  /** Decode a terrain. */
  app.decodeFlow = async function (base64) {
    const bytes = await app.unpack(base64);
    const headerLength = new DataView(bytes.buffer).getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + headerLength)));
    const streams = streamsOf(bytes, 4 + headerLength, header.streams);
    const { rows, cols } = header;
    const inside = insideOf(streams.mask, rows * cols);
    const grid = {
      rows, cols, inside, west: header.west, north: header.north, dx: header.cell[0], dy: header.cell[1], step: header.step,
      height: heightsOf(streams.heights, inside, rows, cols),
    };
    Object.assign(grid, waysOf(grid, streams.directions, header.per));
    grid.basin = basinsOf(grid, marked(streams.exits_at, streams.exits, Int32Array, rows * cols));
    grid.outlet = marked(streams.outlets_at, streams.outlets, Uint8Array, rows * cols);
    grid.nodes = nodesOf(streams, header);
    measure(grid.nodes, grid.basin, streams.unshown, grid.dx * grid.dy);
    grid.frame = frameOf(header.frame);
    return grid;
  };
})(globalThis.ballerupGeo);
