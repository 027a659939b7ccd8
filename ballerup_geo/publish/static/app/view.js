/* The view in the address: `lag` says which layers, `omr` which extent. Back takes back what the reader changed of either.

   An embed takes both after ? as well as after #; what cannot be read is left out, and the page says so. Each entry of the history keeps
   middle and zoom of its map beside its address, so that Back returns to the very view.
*/
globalThis.ballerupGeo = globalThis.ballerupGeo || {};
(function (app) {
  "use strict";
  const DIGITS = 5; // of a degree: a metre
  const ADDRESS_AFTER_MS = 300;
  const TOGETHER_MS = 1000; // a move so soon after another, or after a click, is taken back with it
  const AT_ONCE_MS = 50; // two changes of one click
  const NONE = "ingen";
  const notes = new Map(); // what of the address could not be used
  const listeners = [];
  let waiting = 0;
  let entered = -Infinity; // when the history's last entry was made
  let moved = false; // the reader has taken the map in hand
  let ordered = false; // the address says, or has said, which layers
  let extent = null; // what the address says of it

  app.said = (key) => app.address().get(key) || new URLSearchParams(location.search).get(key);
  const answers = () => [...app.sheets, ...app.rasters].filter((one) => one.plan.role === "answer");
  const idsShown = () => answers().filter((one) => one.shown).map((one) => one.plan.id);

  /** Be told when layers or extent have changed in the address. */
  app.onView = (listener) => listeners.push(listener);

  /** West,south,east,north in degrees, as Leaflet's bounds; null where the text says no such thing near the map. */
  function boundsOf(text) {
    const numbers = text.split(",").map((part) => (part.trim() === "" ? NaN : Number(part)));
    if (numbers.length !== 4 || !numbers.every(Number.isFinite)) return null;
    const [west, south, east, north] = numbers;
    if (west >= east || south >= north || west < -180 || east > 180 || south < -85 || north > 85) return null;
    const bounds = L.latLngBounds([south, west], [north, east]);
    return bounds.intersects(app.plan.bounds) ? bounds : null;
  }

  /** Say that a part of the address could not be used (null: that all of it could). Words are set as text, never as HTML. */
  app.sayIgnored = function (key, text) {
    const place = document.getElementById("view-note");
    if (!place) return;
    if (text) notes.set(key, key + "=" + text.slice(0, 80));
    else notes.delete(key);
    const said = (language) => [...notes.values()].map((part) => app.plan.words.ignored[language].replace("{}", () => part)).join(" ");
    place.replaceChildren(...["da", "en"].map((language) => Object.assign(document.createElement("span"), { lang: language, textContent: said(language) })));
    place.hidden = !notes.size;
  };

  /** The extent that the address asks for, or null. */
  app.askedBounds = function () {
    const text = app.said("omr");
    return text ? boundsOf(text) : null;
  };

  /** Show the layers that the address names; called on opening and by Back and Forward. */
  app.followLayers = function () {
    const text = app.said("lag");
    if (!text && !ordered) return;
    const asked = (text || "").split(",");
    const known = answers().filter((one) => asked.includes(one.plan.id));
    const obeyed = known.length || text === NONE;
    for (const one of answers()) one.shown = obeyed ? known.includes(one) : one.plan.visible;
    for (const box of document.querySelectorAll("input[data-layer]")) {
      const own = answers().find((one) => one.plan.id === box.dataset.layer);
      if (own) box.checked = own.shown;
    }
    ordered = Boolean(text);
    app.redraw();
  };

  function checkAddress() {
    const strange = (app.said("lag") || "").split(",").filter((id) => id && id !== NONE && !answers().some((one) => one.plan.id === id));
    app.sayIgnored("lag", strange.join(","));
    const asked = app.said("omr");
    app.sayIgnored("omr", asked && !boundsOf(asked) ? asked : null);
  }

  function extentText() {
    const bounds = app.map.getBounds();
    const corners = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
    return corners.map((value) => value.toFixed(DIGITS)).join(",");
  }

  function layersText() {
    const usual = answers().every((one) => one.shown === one.plan.visible) && !new URLSearchParams(location.search).has("lag");
    return usual ? null : idsShown().join(",") || NONE;
  }

  /** What an address of this view says: layers where they are not the usual ones, the extent where someone chose it. */
  app.viewSaid = () => ({ lag: layersText(), omr: moved || app.askedBounds() ? extentText() : null });

  /* ------------------------------------------------ writing */

  function put(how, text) {
    const { lat, lng } = app.map.getCenter();
    try {
      history[how]({ view: [[lat, lng], app.map.getZoom()] }, "", text);
      return true;
    } catch {
      return false; // a page without an address of its own, as in a notebook
    }
  }

  /* The history's present entry learns where its map stands. */
  const stamp = () => put("replaceState", location.href);

  function write(hash) {
    const text = "#" + app.plainHash(hash);
    if (text === (location.hash || "#")) {
      stamp();
      return;
    }
    const switched = (hash.get("lag") || null) !== (app.address().get("lag") || null);
    const own = performance.now() - entered > (switched ? AT_ONCE_MS : TOGETHER_MS);
    if (!put(own ? "pushState" : "replaceState", text)) return;
    if (own) entered = performance.now();
    ordered = ordered || hash.has("lag");
    extent = app.said("omr");
    for (const listener of listeners) listener();
  }

  function writeView() {
    clearTimeout(waiting);
    waiting = 0;
    const hash = app.address();
    if (moved) hash.set("omr", extentText());
    const layers = layersText();
    if (layers) hash.set("lag", layers);
    else hash.delete("lag");
    write(hash);
  }

  function later() {
    clearTimeout(waiting);
    waiting = setTimeout(writeView, ADDRESS_AFTER_MS);
  }

  app.beforeLink(() => { if (waiting) writeView(); });

  /** The map moves because the reader asked for a place: its extent stands in the address. */
  app.tookMap = function () {
    moved = true;
    later();
  };

  /** The map goes to what is selected: the address names that, and no extent. */
  app.leaveExtent = function () {
    moved = false;
    const hash = app.address();
    if (!hash.has("omr")) return;
    hash.delete("omr");
    write(hash);
  };

  /** Another part of the address was written. */
  app.entered = function (own) {
    if (own) entered = performance.now();
    stamp();
  };

  /* ------------------------------------------------ Back and Forward */

  function follow(event) {
    const view = event.state && event.state.view;
    const asked = app.said("omr");
    app.viewKept = Boolean(view);
    if (view) {
      moved = false;
      app.map.setView(...view, { animate: false });
    } else if (asked !== extent) { // somebody wrote another extent into the address
      moved = false;
      app.showFirst();
    }
    extent = asked;
    checkAddress();
  }

  /** Follow the address and keep it; called when all layers are there and before anything is selected. */
  app.startView = function () {
    checkAddress();
    app.followLayers();
    extent = app.said("omr");
    const container = app.map.getContainer();
    for (const gesture of ["pointerdown", "wheel", "keydown"]) container.addEventListener(gesture, () => { moved = true; }, { passive: true });
    app.map.on("moveend", later);
    document.addEventListener("change", (event) => { if (event.target.matches("input[data-layer]")) writeView(); });
    addEventListener("popstate", follow);
    stamp();
  };
})(globalThis.ballerupGeo);
