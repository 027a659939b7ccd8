/* The view in the address (`lag`: layers, `omr`: extent), the map in another page's frame, and the code that puts it there.

   An embed takes lag and omr after ? as well as after #; what cannot be read is left out, and the page says so.
   It tells the page around it how high it is: postMessage({ type: "ballerup-geo:height", height }).
*/
globalThis.ballerupGeo = globalThis.ballerupGeo || {};
(function (app) {
  "use strict";
  const DIGITS = 5; // of a degree: a metre
  const ADDRESS_AFTER_MS = 300;
  const NONE = "ingen";
  let waiting = 0;
  let moved = false; // the reader has taken the map in hand
  let ordered = false; // the address has said which layers

  const said = (key) => app.address().get(key) || new URLSearchParams(location.search).get(key);
  const answers = () => [...app.sheets, ...app.rasters].filter((one) => one.plan.role === "answer");
  const idsShown = () => answers().filter((one) => one.shown).map((one) => one.plan.id);

  /** West,south,east,north in degrees, as Leaflet's bounds; null where the text says no such thing near the map. */
  function boundsOf(text) {
    const numbers = text.split(",").map((part) => (part.trim() === "" ? NaN : Number(part)));
    if (numbers.length !== 4 || !numbers.every(Number.isFinite)) return null;
    const [west, south, east, north] = numbers;
    if (west >= east || south >= north || west < -180 || east > 180 || south < -85 || north > 85) return null;
    const bounds = L.latLngBounds([south, west], [north, east]);
    return bounds.intersects(app.plan.bounds) ? bounds : null;
  }

  /* Words about the address: set as text, never as HTML. */
  function sayIgnored(key, text) {
    const place = document.getElementById("view-note");
    if (!place) return;
    for (const language of ["da", "en"]) {
      const words = app.plan.words.ignored[language].replace("{}", () => key + "=" + text.slice(0, 80));
      place.append(Object.assign(document.createElement("span"), { lang: language, textContent: words + " " }));
    }
    place.hidden = false;
  }

  app.sayIgnored = sayIgnored;

  /** The extent that the address asks for, or null. */
  app.askedBounds = function () {
    const text = said("omr");
    return text ? boundsOf(text) : null;
  };

  /** Show the layers that the address names; called on opening and by Back and Forward. */
  app.followLayers = function () {
    const text = said("lag");
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
    const layers = said("lag");
    const strange = (layers || "").split(",").filter((id) => id && id !== NONE && !answers().some((one) => one.plan.id === id));
    if (strange.length) sayIgnored("lag", strange.join(","));
    const extent = said("omr");
    if (extent && !boundsOf(extent)) sayIgnored("omr", extent);
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

  /* The address follows without a new entry in the history, and without a hashchange. */
  function writeAddress() {
    const hash = app.address();
    if (moved) hash.set("omr", extentText());
    if (layersText()) hash.set("lag", layersText());
    else hash.delete("lag");
    const text = "#" + hash.toString().replace(/%2F/g, "/").replace(/%2C/g, ",");
    if (text !== (location.hash || "#")) {
      try {
        history.replaceState(history.state, "", text);
      } catch {
        return; // a page without an address of its own, as in a notebook
      }
    }
    writeCode();
  }

  function later() {
    clearTimeout(waiting);
    waiting = setTimeout(writeAddress, ADDRESS_AFTER_MS);
  }

  /* ------------------------------------------------ the code for another page */

  const quoted = (text) => text.replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

  function embedAddress() {
    const target = new URL("embed.html", location.href);
    target.search = target.hash = "";
    const state = app.address();
    state.delete("omr");
    state.delete("lag");
    const asked = new URLSearchParams();
    if (layersText()) asked.set("lag", layersText());
    if (moved || app.askedBounds()) asked.set("omr", extentText());
    const search = asked.toString().replace(/%2C/g, ",");
    const hash = state.toString().replace(/%2F/g, "/").replace(/%2C/g, ",");
    return target.href + (search ? "?" + search : "") + (hash ? "#" + hash : "");
  }

  function writeCode() {
    const place = document.getElementById("embed-code");
    if (!place) return;
    const title = quoted(app.say(app.plan.title));
    place.value = `<iframe src="${quoted(embedAddress())}" title="${title}" width="100%" height="${place.dataset.height}" loading="lazy"></iframe>`;
  }

  async function copyCode() {
    const place = document.getElementById("embed-code");
    const told = document.getElementById("embed-copied");
    writeCode();
    let done = false;
    try {
      await navigator.clipboard.writeText(place.value);
      done = true;
    } catch {
      place.focus(); // no permission, or a page from a disk: the old way, and at the least it is marked
      place.select();
      done = document.execCommand("copy");
    }
    told.textContent = app.say(done ? app.plan.words.copied : app.plan.words.marked);
  }

  /* ------------------------------------------------ inside another page */

  function tellHeight() {
    const height = Math.ceil(document.body.getBoundingClientRect().height);
    globalThis.parent.postMessage({ type: "ballerup-geo:height", height }, "*"); // a number that says nothing of anyone
  }

  function carryToFullPage() {
    const link = document.getElementById("full-page");
    if (!link) return;
    const base = link.getAttribute("href").split("#")[0];
    link.addEventListener("click", () => {
      const state = app.address();
      for (const key of ["lag", "omr"]) if (!state.has(key) && said(key)) state.set(key, said(key));
      const hash = state.toString().replace(/%2F/g, "/").replace(/%2C/g, ",");
      link.setAttribute("href", base + (hash ? "#" + hash : ""));
    });
  }

  /** Follow the address and keep it; called when all layers are there and before anything is selected. */
  app.startView = function () {
    checkAddress();
    app.followLayers();
    const container = app.map.getContainer();
    for (const gesture of ["pointerdown", "wheel", "keydown"]) container.addEventListener(gesture, () => { moved = true; }, { passive: true });
    app.map.on("moveend", () => { if (moved) later(); });
    document.addEventListener("change", (event) => { if (event.target.matches("input[data-layer]")) later(); });
    for (const happens of ["hashchange", "popstate"]) addEventListener(happens, writeCode);
    app.onLanguage(writeCode);
    writeCode();
    const copy = document.getElementById("embed-copy");
    if (copy) {
      copy.addEventListener("click", copyCode);
      copy.disabled = false;
    }
    carryToFullPage();
    if (globalThis.parent !== globalThis) new ResizeObserver(tellHeight).observe(document.body);
  };
})(globalThis.ballerupGeo);
