/* A compact layer: base64 → gzip → columns, and features as typed arrays in Leaflet's world pixels at zoom 0.

   bytes: length of the header (uint32, little endian) | header (JSON) | counts | dx | dy
   counts: varints; per feature the number of its parts, then the points of each part
   dx, dy: zigzag varints; steps of 1e-6 degree from the point before, the first one from header.origin
*/
globalThis.ballerupGeo = globalThis.ballerupGeo || {};
(function (app) {
  "use strict";
  const payloads = new Map();
  const waiting = new Map();

  /** Called by a data file: hands over the base64 text of a layer. */
  app.put = function (key, text) {
    payloads.set(key, text);
    if (waiting.has(key)) waiting.get(key).arrive(text);
  };

  /** The base64 text of a layer: from its data file, or from a data block inside the page. */
  app.payload = function (key) {
    const block = document.getElementById("data-" + key);
    if (block) return Promise.resolve(block.textContent);
    if (payloads.has(key)) return Promise.resolve(payloads.get(key));
    if (!waiting.has(key)) { // two layers of the same data wait for one file
      const wait = {};
      wait.promise = new Promise((resolve) => { wait.arrive = resolve; });
      waiting.set(key, wait);
    }
    return waiting.get(key).promise;
  };

  function bytesOf(base64) {
    const text = atob(base64.trim());
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
    return bytes;
  }

  async function unzip(bytes) {
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }

  /** The bytes of a payload. */
  app.unpack = (base64) => unzip(bytesOf(base64));

  function varints(bytes, start, length) {
    const out = [];
    const end = start + length;
    let at = start;
    while (at < end) {
      let value = 0;
      let shift = 0;
      let byte = 0;
      do {
        byte = bytes[at];
        at += 1;
        value += (byte & 127) * 2 ** shift;
        shift += 7;
      } while (byte & 128);
      out.push(value);
    }
    return out;
  }

  const unzigzag = (value) => (value % 2 ? -(value + 1) / 2 : value / 2);
  const worldX = (lon) => (256 * (lon + 180)) / 360;
  const worldY = (lat) => {
    const sin = Math.sin((lat * Math.PI) / 180);
    return 128 - (64 * Math.log((1 + sin) / (1 - sin))) / Math.PI;
  };

  function coordinates(bytes, at, lengths, origin) {
    const dx = varints(bytes, at, lengths[1]);
    const dy = varints(bytes, at + lengths[1], lengths[2]);
    const x = new Float64Array(dx.length);
    const y = new Float64Array(dx.length);
    let lon = origin[0];
    let lat = origin[1];
    for (let i = 0; i < dx.length; i += 1) {
      lon += unzigzag(dx[i]);
      lat += unzigzag(dy[i]);
      x[i] = worldX(lon / 1e6);
      y[i] = worldY(lat / 1e6);
    }
    return { x, y };
  }

  /* partOf[i] … partOf[i + 1]: the parts of feature i; pointOf[p] … pointOf[p + 1]: the points of part p. */
  function structure(counts, features) {
    const partOf = new Uint32Array(features + 1);
    const pointOf = [0];
    let at = 0;
    for (let i = 0; i < features; i += 1) {
      const parts = counts[at];
      at += 1;
      for (let p = 0; p < parts; p += 1) {
        pointOf.push(pointOf[pointOf.length - 1] + counts[at]);
        at += 1;
      }
      partOf[i + 1] = pointOf.length - 1;
    }
    return { partOf, pointOf: Uint32Array.from(pointOf) };
  }

  /* West, north, east, south of each feature. */
  function boxes(layer) {
    const box = new Float64Array(layer.size * 4);
    for (let i = 0; i < layer.size; i += 1) {
      let west = Infinity, north = Infinity, east = -Infinity, south = -Infinity;
      const end = layer.pointOf[layer.partOf[i + 1]];
      for (let k = layer.pointOf[layer.partOf[i]]; k < end; k += 1) {
        west = Math.min(west, layer.x[k]);
        east = Math.max(east, layer.x[k]);
        north = Math.min(north, layer.y[k]);
        south = Math.max(south, layer.y[k]);
      }
      box.set([west, north, east, south], i * 4);
    }
    return box;
  }

  /** Decode a layer: {size, kinds, x, y, partOf, pointOf, box, classes, columns, anchors}. */
  app.decode = async function (base64) {
    const bytes = await app.unpack(base64);
    const headerLength = new DataView(bytes.buffer).getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + headerLength)));
    const at = 4 + headerLength;
    const counts = varints(bytes, at, header.lengths[0]);
    const layer = Object.assign(
      { size: header.size, kinds: header.kinds, classes: header.classes, columns: header.columns },
      structure(counts, header.size),
      coordinates(bytes, at + header.lengths[0], header.lengths, header.origin),
    );
    layer.box = boxes(layer);
    layer.anchors = (header.anchors || []).map((a) => (a ? [worldX(a[0] / 1e6), worldY(a[1] / 1e6)] : null));
    return layer;
  };

  /** One value of a column; null is unknown. */
  app.value = function (layer, column, index) {
    const held = layer.columns[column];
    if (!held) return null;
    if (!held.index) return held.values[index];
    const code = held.index[index];
    return code === null ? null : held.values[code];
  };
})(globalThis.ballerupGeo);
