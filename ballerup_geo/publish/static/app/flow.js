/* Questions to the terrain: where a drop runs, what drains to a place, where rain stands. All of it is computed here, in the page. */
globalThis.ballerupGeo = globalThis.ballerupGeo || {};
(function (app) {
  "use strict";
  const REACH_PX = { mouse: 8, touch: 22 };
  const MOST_REACH_CELLS = 5;
  const KINDS = ["drop", "catchment"];
  const NEARLY = 1e-9;
  const state = { mode: "select", place: null, mm: 0, terrain: null, rained: null };
  let loading = null;
  let sheet = null;
  let asked = 0;

  app.flow = state;
  app.flowClick = () => false;

  /** Called by the figure's script: this page carries a terrain. */
  app.askTerrain = function (_map, key) {
    state.key = key;
  };

  const by = (id) => document.getElementById(id);
  const words = (key, ...args) => app.say(app.plan.flow.words[key]).replace(/\{(\d)\}/g, (_, k) => args[k]);
  const unit = (value, name, digits) => app.number(value, digits) + "\u00a0" + name;
  const metres = (m) => (m < 1000 ? words("metres", app.number(m, 0)) : words("kilometres", app.number(m / 1000, 1)));
  const metresWithUnit = (m) => metres(m).replace(" ", "\u00a0");

  function make(tag, text, className) {
    const element = document.createElement(tag);
    if (text !== undefined) element.textContent = text;
    if (className) element.className = className;
    return element;
  }

  /* ---- the terrain: fetched at the first question */

  function addScript(file) {
    return new Promise((_, fail) => {
      const script = document.createElement("script");
      script.src = file;
      script.addEventListener("error", () => fail(new Error(file)));
      document.head.append(script);
    });
  }

  async function load() {
    const { payload, file } = app.plan.flow;
    const arrived = app.payload(payload);
    const text = file ? await Promise.race([arrived, addScript(file)]) : await arrived;
    const grid = await app.decodeFlow(text);
    const water = new app.FlowWater(grid);
    return { grid, water, upstream: app.upstreamCells(grid), classes: new Uint8Array(grid.basin.length) };
  }

  /* Do something with the terrain, or say why not; an older question gives way to a newer one. */
  async function withTerrain(act) {
    asked += 1;
    const turn = asked;
    if (!state.terrain) say(words("loading"));
    try {
      loading = loading || load();
      state.terrain = await loading;
      sheet.grid = state.terrain.grid;
    } catch (error) {
      loading = null;
      say(words("lost"));
      return;
    }
    if (turn === asked) act();
  }

  function say(text) {
    by("ask-answer").replaceChildren(make("p", text));
  }

  /* ---- places */

  const worldOf = (latlng) => app.map.options.crs.latLngToPoint(latlng, 0);

  function cellOf(latlng) {
    const { grid } = state.terrain;
    const { x, y } = worldOf(latlng);
    return app.cellAt(grid, grid.frame.column(x, y), grid.frame.row(x, y));
  }

  /* How many cells a finger or pointer covers. */
  function reachOf(latlng, kind) {
    const { grid } = state.terrain;
    const { x, y } = worldOf(latlng);
    const px = 2 ** -app.map.getZoom();
    const perPx = Math.abs(grid.frame.column(x + px, y) - grid.frame.column(x, y));
    return Math.min(MOST_REACH_CELLS, Math.floor(REACH_PX[kind] * perPx));
  }

  function eastNorth(cell) {
    const { grid } = state.terrain;
    const [c, r] = app.centreOf(grid, cell);
    return [grid.west + c * grid.dx, grid.north - r * grid.dy];
  }

  function cellOfAddress(text) {
    const { grid } = state.terrain;
    const [east, north] = text.split(",").map(Number);
    return Number.isFinite(east) && Number.isFinite(north) ? app.cellAt(grid, (east - grid.west) / grid.dx, (grid.north - north) / grid.dy) : -1;
  }

  function latlngOf(cell) {
    const { grid } = state.terrain;
    const [c, r] = app.centreOf(grid, cell);
    return app.map.options.crs.pointToLatLng(L.point(grid.frame.x(c, r), grid.frame.y(c, r)), 0);
  }

  /* ---- asking */

  function ask(latlng, pointer, kind = state.mode) {
    return withTerrain(() => {
      const cell = cellOf(latlng);
      if (cell < 0) {
        put(null);
        say(words("outside"));
        return;
      }
      const { grid, upstream } = state.terrain;
      const near = kind === "catchment" ? app.nearestStream(grid, upstream, cell, reachOf(latlng, pointer)) : cell;
      const [from, to] = [app.centreOf(grid, cell), app.centreOf(grid, near)];
      put({ kind, cell: near, movedM: Math.hypot((to[0] - from[0]) * grid.dx, (to[1] - from[1]) * grid.dy) });
      writeAddress(true);
      by("ask-answer").scrollIntoView({ block: "nearest", behavior: app.calm() ? "auto" : "smooth" });
    });
  }

  /* Show the answer about a place, or none. */
  function put(place) {
    state.place = place;
    sheet.way = null;
    sheet.mask = null;
    if (place) {
      const { grid, water } = state.terrain;
      if (place.kind === "drop") {
        place.way = app.dropWay(grid, place.cell);
        place.hollows = app.hollowsPassed(water, place.way);
        const centres = place.way.cells.map((cell) => app.centreOf(grid, cell));
        sheet.way = { x: centres.map(([c, r]) => grid.frame.x(c, r)), y: centres.map(([c, r]) => grid.frame.y(c, r)) };
      } else {
        place.catchment = app.catchmentOf(grid, place.cell);
        sheet.mask = place.catchment.mask;
      }
    }
    sheet.changed();
    fillAnswer();
  }

  function rain() {
    if (!state.mm) {
      state.rained = null;
      sheet.water = null;
    } else {
      const { water, classes } = state.terrain;
      state.rained = water.rain(state.mm, app.plan.flow.lossMm);
      const limits = app.plan.flow.depths.map((depth) => depth.from - NEARLY);
      for (const cell of water.cells) {
        const depth = water.depth(state.rained, cell);
        let k = 0;
        while (k < limits.length && depth >= limits[k]) k += 1;
        classes[cell] = k;
      }
      sheet.water = classes;
    }
    makeWay();
    sheet.changed();
    fillWater();
  }

  /* Layers that show hollows full to the brim give way to the water of this rain. */
  function makeWay() {
    for (const one of app.sheets) if (app.plan.flow.hides.includes(one.plan.id)) one.paused = state.mm > 0;
    app.redraw();
  }

  function showRain() {
    rain();
    fillAnswer();
  }

  /* ---- what it says */

  function list(rows) {
    const box = make("dl");
    for (const [term, value] of rows) {
      const row = make("div");
      row.append(make("dt", term), make("dd", value));
      box.append(row);
    }
    return box;
  }

  function fillAnswer() {
    const { place } = state;
    const parts = !place ? [] : place.kind === "drop" ? describeDrop(place) : describeCatchment(place);
    const box = make("div", undefined, "feature");
    box.append(...parts);
    by("ask-answer").replaceChildren(...(place ? [box] : []));
    showButtons();
  }

  /* The recipient met first, and those that it leads to. */
  function chain(label) {
    const { recipients } = app.plan.flow;
    const found = [];
    let one = recipients.find((other) => other.label === label);
    while (one && !found.includes(one)) {
      found.push(one);
      const { downstream } = one;
      one = downstream === null ? undefined : recipients.find((other) => other.id === downstream);
    }
    return found.map((other) => other.name);
  }

  function whereTo({ end, label }) {
    if (end !== "recipient") return words(end);
    const [first = app.say(app.plan.words.unknown), ...onward] = chain(label);
    const reached = words("reaches", first);
    return onward.length ? reached + " " + words("onward", onward.join(" → ")) : reached;
  }

  function describeDrop({ way, hollows }) {
    const { grid, water } = state.terrain;
    const level = (k) => unit(grid.height[way.cells[k]] * grid.step, "m", 1);
    const last = way.cells.length - 1;
    const heights = way.cells.map((one) => grid.height[one] * grid.step);
    const length = metresWithUnit(way.metres[last]);
    const least = app.plan.flow.depths[0].from;
    const deep = hollows.filter((hollow) => hollow.depthM >= least - NEARLY);
    const deepest = deep.reduce((most, hollow) => Math.max(most, hollow.depthM), 0);
    const number = app.number(new Set(deep.map((hollow) => hollow.root)).size, 0);
    const parts = [make("h3", words("dropTitle")), make("p", words(hollows.length ? "whenFull" : "always", whereTo(way)), "ask-says")];
    if (state.rained) {
      const held = hollows.some(({ root }) => state.rained.sendsTo[root] === root);
      parts.push(make("p", hollows.length ? words(held ? "stops" : "passes", app.number(state.mm, 0)) : words("free")));
    }
    parts.push(list([
      [words("length"), length],
      [words("fall"), unit(heights[0] - heights[last], "m", 1)],
      [words("levels"), level(0) + " → " + level(last)],
      [words("hollowsPassed", app.number(least, 1)), number],
    ]));
    const [highest, lowest] = [heights.reduce((a, b) => Math.max(a, b)), heights.reduce((a, b) => Math.min(a, b))];
    const passed = deep.length ? words("profileHollows", number, unit(deepest, "m", 1)) : "";
    const top = hollows.reduce((most, hollow) => Math.max(most, hollow.levelM), highest);
    const figure = make("figure", undefined, "profile-figure");
    figure.append(
      app.drawProfile(water, way, hollows, {
        alternative: words("profileText", length, level(0), level(last), unit(highest, "m", 1), unit(lowest, "m", 1), passed),
        high: app.number(Math.max(top, lowest + 2), 1), low: app.number(lowest, 1), start: "0\u00a0m", end: length,
      }),
      make("figcaption", words("profile") + (hollows.length ? ". " + words("profileKey") : "")),
    );
    parts.push(figure);
    return parts;
  }

  function describeCatchment({ catchment, movedM }) {
    const { areaM2, share } = catchment;
    const { lossMm } = app.plan.flow;
    const known = Number.isFinite(share);
    const rows = [[words("area"), unit(areaM2 / 10000, "ha", areaM2 < 100000 ? 2 : 1)]];
    if (known) rows.push([words("share"), unit(100 * share, "%", 0)]);
    if (state.mm) {
      const m3 = (mm) => unit((mm / 1000) * areaM2, "m³", areaM2 * mm > 1e6 ? -1 : 0);
      rows.push([words("fallen", app.number(state.mm, 0)), m3(state.mm)]);
      if (known) rows.push([words("running"), m3(Math.max(state.mm - lossMm, 0) * share)]);
    }
    const parts = [make("h3", words("catchmentTitle")), list(rows)];
    if (state.mm) parts.push(make("p", known ? words("shareNote", app.number(lossMm, 1)) : words("areaNote"), "small"));
    if (movedM > 0) parts.push(make("p", words("moved", metresWithUnit(movedM)), "small"));
    return parts;
  }

  function fillWater() {
    by("ask-mm").textContent = unit(state.mm, "mm", 0);
    by("ask-rain").setAttribute("aria-valuetext", unit(state.mm, "mm", 0));
    const place = by("ask-water");
    const { rained } = state;
    showButtons();
    if (!rained) {
      place.replaceChildren();
      return;
    }
    const m3 = (value) => unit(value, "m³", value > 1000 ? -1 : 0);
    const box = make("div", undefined, "feature");
    box.append(make("h3", words("waterTitle", app.number(rained.mm, 0))), list([
      [words("standing"), m3(rained.standingM3)],
      [words("overflow"), m3(rained.overflowM3)],
      [words("full"), words("of", app.number(rained.full, 0), app.number(rained.hollows, 0))],
    ]), depthKey());
    const hidden = app.plan.layers.filter((layer) => app.plan.flow.hides.includes(layer.id)).map((layer) => app.say(layer.title));
    if (hidden.length) box.append(make("p", words("hidden", hidden.join("; ")), "small"));
    place.replaceChildren(box);
  }

  function depthKey() {
    const { depths } = app.plan.flow;
    const key = make("ul", undefined, "depth-key");
    key.setAttribute("aria-label", words("depths"));
    depths.forEach((depth, k) => {
      const row = make("li");
      const patch = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      for (const [name, value] of [["viewBox", "0 0 28 18"], ["width", 28], ["height", 18], ["class", "swatch"], ["aria-hidden", "true"]]) patch.setAttribute(name, value);
      const square = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      for (const [name, value] of [["x", 3], ["y", 2.5], ["width", 22], ["height", 13], ["rx", 2], ["fill", depth.colour]]) square.setAttribute(name, value);
      patch.append(square);
      const digits = (m) => app.number(m, Number.isInteger(m) ? 0 : 1);
      const next = depths[k + 1];
      row.append(patch, make("span", next ? words("depthBetween", digits(depth.from), digits(next.from)) : words("depthOver", digits(depth.from))));
      key.append(row);
    });
    return key;
  }

  /* ---- controls */

  function showButtons() {
    by("ask-middle").hidden = state.mode === "select";
    by("ask-clear").hidden = !state.place && !state.mm;
    app.map.getContainer().classList.toggle("asking", state.mode !== "select");
  }

  function setMode(mode) {
    state.mode = mode;
    for (const radio of document.querySelectorAll("input[name=ask]")) radio.checked = radio.value === mode;
    showButtons();
  }

  function setRain(mm) {
    state.mm = mm;
    by("ask-rain").value = mm;
    by("ask-mm").textContent = unit(mm, "mm", 0);
    if (mm || state.terrain) return withTerrain(showRain);
    return fillWater();
  }

  function writeAddress(keep) {
    const { place, mm } = state;
    app.setAddress("rain", mm ? String(mm) : null, false);
    for (const kind of KINDS) if (!place || place.kind !== kind) app.setAddress(kind, null, keep && !place);
    if (place) app.setAddress(place.kind, eastNorth(place.cell).map((m) => Math.round(m)).join(","), keep);
  }

  function clear({ all }) {
    const hadFocus = by("ask").contains(document.activeElement) && document.activeElement.id === "ask-clear";
    asked += 1; // whatever is under way
    put(null);
    if (all && state.mm) setRain(0);
    writeAddress(true);
    if (hadFocus) app.map.getContainer().focus({ preventScroll: true });
  }

  /* Escape takes back one thing at a time: the answer, the rain, the question. */
  function takeBack() {
    if (state.place) clear({ all: false });
    else if (state.mm) {
      setRain(0);
      writeAddress(true);
    } else if (state.mode !== "select") setMode("select");
  }

  function follow() {
    const said = app.address();
    const kind = KINDS.find((one) => said.has(one));
    const mm = Math.min(app.plan.flow.mostMm, Math.max(0, Math.round(Number(said.get("rain"))) || 0));
    const place = kind ? said.get(kind) : null;
    const now = state.place && { kind: state.place.kind, text: eastNorth(state.place.cell).map((m) => Math.round(m)).join(",") };
    if (mm === state.mm && (now ? now.kind === kind && now.text === place : !kind)) return;
    if (kind) setMode(kind);
    state.mm = mm;
    by("ask-rain").value = mm;
    by("ask-mm").textContent = unit(mm, "mm", 0);
    if (!kind && !mm && !state.terrain) return;
    withTerrain(() => {
      const cell = kind ? cellOfAddress(place) : -1;
      rain();
      put(cell < 0 ? null : { kind, cell, movedM: 0 });
      if (kind && cell < 0) say(words("outside"));
      if (cell >= 0 && !app.map.getBounds().contains(latlngOf(cell))) app.map.setView(latlngOf(cell), app.map.getZoom(), { animate: false });
    });
  }

  function startControls() {
    const slider = by("ask-rain");
    let waiting = false;
    for (const radio of document.querySelectorAll("input[name=ask]")) radio.addEventListener("change", () => setMode(radio.value));
    by("ask-middle").addEventListener("click", () => ask(app.map.getCenter(), "mouse"));
    by("ask-clear").addEventListener("click", () => clear({ all: true }));
    slider.addEventListener("input", () => {
      state.mm = Number(slider.value);
      by("ask-mm").textContent = unit(state.mm, "mm", 0);
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => {
        waiting = false;
        withTerrain(showRain);
      });
    });
    slider.addEventListener("change", () => withTerrain(() => {
      showRain();
      writeAddress(false);
    }));
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") takeBack();
    });
    app.map.getContainer().addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.target !== app.map.getContainer() || state.mode === "select") return;
      ask(app.map.getCenter(), "mouse");
    });
  }

  /** Show the tool; called when the map stands. What it draws lies under the names. */
  app.startFlow = function (canvas) {
    if (!state.key || !app.plan.flow || !by("ask")) return;
    sheet = new app.FlowSheet(app.plan.flow.depths, canvas).addTo(app.map);
    const cross = make("div", undefined, "cross");
    app.map.getContainer().append(cross);
    by("ask").hidden = false;
    startControls();
    fillWater();
    app.flowClick = (event) => {
      if (state.mode === "select") return false;
      const touch = event.originalEvent && event.originalEvent.pointerType === "touch";
      ask(event.latlng, touch ? "touch" : "mouse");
      return true;
    };
    app.askDrop = (latlng) => ask(latlng, "mouse", "drop");
    app.onLanguage(() => {
      fillWater();
      if (state.place) fillAnswer();
    });
    addEventListener("hashchange", follow);
    follow();
  };
})(globalThis.ballerupGeo);
