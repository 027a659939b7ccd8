/* The map itself: started by the figure's own script, which names the layers. */
globalThis.ballerupGeo = globalThis.ballerupGeo || {};
(function (app) {
  "use strict";
  const MOUSE_REACH_PX = 8;
  const FINGER_REACH_PX = 22;
  const BESIDE_PX = [64, 46]; // the zoom buttons to the left and the north arrow to the right: a popup stays between them
  const MANY_POINTS = 300; // beyond, names may cover points
  const pending = [];
  let map = null;
  let canvas = null;
  let mark = null;
  let popup = null;

  app.sheets = [];
  app.selected = null;
  app.calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
  /** Draw everything again: each canvas once. */
  app.redraw = function () {
    const done = new Set();
    for (const path of [mark, ...app.stacks]) {
      if (!done.has(path.options.renderer)) path.redraw();
      done.add(path.options.renderer);
    }
    for (const raster of app.rasters) raster.draw();
  };

  const frameOf = () => map.getSize().x < 700 ? [12, 12] : [28, 28];

  /** Make the map; called once by the figure's script with the id of the map's element. */
  app.start = function (id, options) {
    app.plan = JSON.parse(document.getElementById("plan").textContent);
    canvas = L.canvas({ padding: 0.35 });
    const calm = app.calm();
    map = L.map(id, Object.assign({}, options, {
      renderer: canvas, preferCanvas: true, attributionControl: false, zoomControl: false, zoomSnap: 0.25, zoomDelta: 1, wheelPxPerZoomLevel: 90,
      minZoom: 9, maxZoom: 19, zoomAnimation: !calm, fadeAnimation: false, inertia: !calm, keyboardPanDelta: 120,
    }));
    if (calm) map.panBy = (offset, how) => L.Map.prototype.panBy.call(map, offset, Object.assign({}, how, { animate: false }));
    app.map = map;
    fitWhenSeen();
    if (globalThis.self !== globalThis.top) leaveWheelToHost();
    addControls();
    return map;
  };

  /* A frame that is not shown yet has no size to fit the municipality to: wait for one. */
  function fitWhenSeen() {
    const { x, y } = map.getSize();
    if (Math.min(x, y) > 2 * frameOf()[0]) app.showFirst();
    else map.once("resize", () => {
      fitWhenSeen();
      if (app.selected) app.zoomTo(app.selected);
    });
  }

  /** Show the extent that the address asks for, or the municipality. */
  app.showFirst = function () {
    const asked = app.askedBounds();
    map.fitBounds(asked || app.plan.bounds, { padding: asked ? [0, 0] : frameOf(), animate: false });
  };

  /* Inside another page the wheel scrolls that page, until the reader has taken the map in hand. */
  function leaveWheelToHost() {
    map.scrollWheelZoom.disable();
    map.on("focus", () => map.scrollWheelZoom.enable());
    map.on("blur", () => map.scrollWheelZoom.disable());
  }

  /** Add a layer; called by the figure's script, bottom layer first. */
  app.layer = function (_map, id) {
    const plan = app.plan.layers.find((one) => one.id === id);
    const renderer = topCanvas();
    pending.push(app.payload(plan.payload).then(app.decode).then((layer) => ({ renderer, sheet: new app.Sheet(plan, layer) })));
  };

  /** Add a raster; called by the figure's script. What comes after it is drawn above it. */
  app.raster = function (_map, id) {
    app.rasters.push(new app.Raster(app.plan.rasters.find((one) => one.id === id)));
    canvas = null;
  };

  /* A long drag leaves what is drawn: draw on before it is over. */
  function followDrag() {
    const beyond = () => {
      const [from, to] = [map.containerPointToLayerPoint([0, 0]), map.containerPointToLayerPoint(map.getSize())];
      for (const renderer of new Set(app.stacks.map((stack) => stack.options.renderer))) {
        if (!renderer._bounds.contains(L.bounds(from, to))) renderer._update();
      }
    };
    map.on("drag", beyond);
  }

  function topCanvas() {
    canvas = canvas || L.canvas({ padding: 0.35, pane: app.paneAbove() });
    return canvas;
  }

  function addControls() {
    const zoom = L.control.zoom({ position: "topleft" }).addTo(map);
    L.control.scale({ position: "bottomleft", imperial: false, maxWidth: 140 }).addTo(map);
    const name = () => {
      const { zoomIn, zoomOut, map: mapWords } = app.plan.words;
      for (const [button, words] of [[zoom._zoomInButton, zoomIn], [zoom._zoomOutButton, zoomOut]]) {
        button.title = app.say(words);
        button.setAttribute("aria-label", app.say(words));
      }
      map.getContainer().setAttribute("aria-label", app.say(mapWords) + ": " + app.say(app.plan.title));
    };
    app.onLanguage(name);
    name();
    zoom.getContainer().addEventListener("keydown", (event) => {
      if (event.key !== " ") return; // they are called buttons, and a button answers to the space bar
      event.preventDefault();
      event.target.click();
    });
  }

  function at(latlng) {
    const point = map.options.crs.latLngToPoint(latlng, 0);
    return [point.x, point.y];
  }

  function pick(event) {
    const finger = event.originalEvent && event.originalEvent.pointerType === "touch";
    return app.pick(app.sheets, ...at(event.latlng), 2 ** map.getZoom(), finger ? FINGER_REACH_PX : MOUSE_REACH_PX);
  }

  /* Hover shows the name beside the pointer. */
  function startHover() {
    const tip = document.createElement("div");
    tip.className = "tip";
    tip.hidden = true;
    map.getContainer().append(tip);
    let waiting = null;
    const show = () => {
      const event = waiting;
      waiting = null;
      const found = event && pick(event);
      tip.hidden = !found;
      map.getContainer().classList.toggle("over", Boolean(found));
      if (!found) return;
      tip.textContent = app.nameOf(found.sheet, found.index);
      const right = event.containerPoint.x > map.getSize().x * 0.6;
      tip.style.left = right ? "" : event.containerPoint.x + 14 + "px";
      tip.style.right = right ? map.getSize().x - event.containerPoint.x + 14 + "px" : "";
      tip.style.top = event.containerPoint.y + 12 + "px";
    };
    map.on("mousemove", (event) => {
      if (event.originalEvent.pointerType === "touch" || (map.dragging && map.dragging.moving())) return;
      if (!waiting) requestAnimationFrame(show);
      waiting = event;
    });
    map.on("mouseout dragstart zoomstart click", () => {
      waiting = null; // a finger leaves no pointer behind: its tap must not leave a name
      tip.hidden = true;
    });
  }

  const hasShape = ({ sheet, index }) => Number.isFinite(sheet.layer.box[4 * index]);

  const boxOf = ({ sheet, index }) => {
    const [west, north, east, south] = sheet.layer.box.subarray(4 * index, 4 * index + 4);
    const corner = (x, y) => map.options.crs.pointToLatLng(L.point(x, y), 0);
    return L.latLngBounds(corner(west, south), corner(east, north));
  };

  app.zoomTo = function (selected) {
    if (!selected || !hasShape(selected)) return;
    app.leaveExtent();
    map.fitBounds(boxOf(selected), { maxZoom: 17, padding: [60, 60], animate: !app.calm() });
    if (innerWidth <= 700 || app.plan.mode === "embed") map.getContainer().scrollIntoView({ block: "start" });
  };

  function openPopup(latlng) {
    if (app.plan.mode !== "embed") return;
    if (popup) popup.remove();
    popup = null;
    if (!app.selected || !(latlng || hasShape(app.selected))) return;
    const { x, y } = map.getSize();
    popup = L.popup({
      maxWidth: Math.max(160, Math.min(280, x - BESIDE_PX[0] - BESIDE_PX[1] - 40)), maxHeight: Math.max(140, y * 0.45), closeButton: false,
      autoPanPaddingTopLeft: [BESIDE_PX[0], 12], autoPanPaddingBottomRight: [BESIDE_PX[1], 12],
    })
      .setLatLng(latlng || boxOf(app.selected).getCenter()).setContent(app.describe(app.selected)).openOn(map);
  }

  /** Select a feature ({sheet, index}) or nothing (null): mark, panel or popup, table row, address. */
  app.select = function (selected, { keepAddress = false, latlng = null, gone = false } = {}) {
    app.selected = selected;
    if (selected) app.reveal(selected.sheet);
    mark.selected = selected;
    app.redraw();
    app.markRow(selected);
    if (app.plan.mode === "embed") {
      openPopup(latlng);
      app.announce(selected);
    } else app.fillPanel(selected, latlng !== null);
    if (gone) app.sayGone();
    if (!keepAddress) app.setAddress("valgt", selected ? selected.sheet.plan.id + "/" + app.keyOf(selected.sheet, selected.index) : null, true);
  };

  /** Select a feature and bring it into view: what a row of the table does. */
  app.choose = function (selected, options) {
    app.select(selected, options);
    app.zoomTo(selected);
  };

  app.selectKey = function (sheet, key, zoom, options) {
    for (let i = 0; i < sheet.layer.size; i += 1) {
      if (app.keyOf(sheet, i) !== key || !sheet.has(i)) continue;
      (zoom ? app.choose : app.select)({ sheet, index: i }, options);
      return true;
    }
    return false;
  };

  /* The address decides: on opening, and when Back or Forward is pressed. */
  function followAddress(zoom) {
    const said = app.address();
    app.followLayers();
    app.followStep(said.get("trin"));
    const language = said.get("sprog") || document.documentElement.dataset.first;
    if (language !== app.language() && (language === "da" || language === "en")) app.setLanguage(language);
    const cut = (said.get("valgt") || "").indexOf("/");
    const id = cut > 0 ? said.get("valgt").slice(0, cut) : null;
    const sheet = app.sheets.find((one) => one.plan.id === id && one.plan.role === "answer");
    if (!sheet) return app.select(null, { keepAddress: true, gone: said.has("valgt") });
    const key = said.get("valgt").slice(cut + 1);
    if (app.selected && app.selected.sheet === sheet && app.keyOf(sheet, app.selected.index) === key) return undefined;
    if (app.selectKey(sheet, key, zoom, { keepAddress: true })) return undefined;
    return app.select(null, { keepAddress: true, gone: true });
  }

  function startSelecting() {
    map.on("click", (event) => app.measureClick(event) || app.flowClick(event) || app.select(pick(event), { latlng: event.latlng }));
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && app.selected) app.select(null);
    });
    addEventListener("hashchange", () => followAddress(!app.viewKept && !app.address().has("omr")));
    app.onLanguage(() => {
      app.redraw();
      if (app.selected) app.select(app.selected, { keepAddress: true });
    });
  }

  function startPrint() {
    let seen = null;
    matchMedia("print").addEventListener("change", (event) => {
      if (event.matches) seen = map.getBounds().contains(app.plan.bounds) ? app.plan.bounds : map.getBounds();
      map.invalidateSize({ animate: false, pan: false });
      if (seen) map.fitBounds(seen, { animate: false }); // a screen again before the printing began is no change of the view
      app.drawAll();
    });
  }

  /** After all layers are decoded: draw, listen, follow the address. Says how many features were drawn on <html data-drawn>. */
  app.finish = async function () {
    const made = await Promise.all(pending);
    app.sheets = made.map(({ sheet }) => sheet);
    for (const renderer of new Set(made.map((one) => one.renderer))) {
      new app.Stack(made.filter((one) => one.renderer === renderer).map(({ sheet }) => sheet), renderer).addTo(map);
    }
    mark = new app.Mark(topCanvas());
    mark.addTo(map);
    const named = app.sheets.filter((sheet) => sheet.plan.labels).reverse();
    const points = app.sheets.filter((sheet) => sheet.layer.kinds === "point" && sheet.plan.role === "answer" && sheet.layer.size < MANY_POINTS);
    app.startFlow(canvas);
    new app.Labels(named, points, canvas).addTo(map);
    app.startLegend();
    app.startTables();
    app.startSteps();
    app.startSearch();
    app.startPlace(canvas);
    app.startMeasure(canvas);
    app.startShare();
    if (app.rasters.length) app.watchCells();
    app.redraw();
    followDrag();
    startHover();
    startSelecting();
    startPrint();
    app.startView();
    app.startEmbed();
    followAddress(!app.askedBounds());
    app.drawAll();
    requestAnimationFrame(() => requestAnimationFrame(() => {
      const view = app.view(map, L.bounds(map.containerPointToLayerPoint([0, 0]), map.containerPointToLayerPoint(map.getSize())));
      document.documentElement.dataset.drawn = app.sheets.reduce((sum, sheet) => sum + sheet.count(view), 0);
      performance.mark("drawn");
    }));
  };

  app.giveUp = function () {
    document.getElementById("failure").hidden = false;
    app.startTables();
  };

  app.begin = function () {
    app.startLanguage();
    if (!globalThis.ballerupGeoStart) return;
    if (!globalThis.L || !globalThis.DecompressionStream) {
      app.giveUp();
      return;
    }
    globalThis.ballerupGeoStart();
    app.finish().catch((error) => {
      app.giveUp();
      throw error;
    });
  };

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", app.begin);
  else app.begin();
})(globalThis.ballerupGeo);
