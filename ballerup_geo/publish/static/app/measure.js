/* Measuring on the map, by pointer or keyboard: points are set where one clicks, or in the map's middle with Enter. */
globalThis.ballerupGeo = globalThis.ballerupGeo || {};
(function (app) {
  "use strict";
  const NARROW_PX = 700; // the map lies above the panel
  const state = { kind: null, places: [] };
  let sheet = null;

  app.measured = state;
  app.measureClick = () => false;

  const by = (id) => document.getElementById(id);
  const words = (key, ...args) => app.controlWords(key, ...args);

  const ring = () => (state.places.length > 2 ? [...state.places, state.places[0]] : state.places);

  function result() {
    const { kind, places } = state;
    if (places.length < 2) return words(places.length ? "measureNext" : "measureStart");
    if (kind === "length") return words("measuredLength", app.lengthText(app.lengthOf(places)));
    if (places.length < 3) return words("measureNext");
    return words("measuredArea", app.areaText(app.areaOf(places)), app.lengthText(app.lengthOf(ring())));
  }

  function show(text) {
    by("measure-told").textContent = text;
    for (const button of document.querySelectorAll("[data-measure]")) button.setAttribute("aria-pressed", String(button.dataset.measure === state.kind));
    by("measure-back").hidden = !state.places.length;
    by("measure-end").hidden = !state.kind;
    by("measure-how").hidden = !state.kind;
    app.map.getContainer().classList.toggle("measuring", Boolean(state.kind));
    sheet.redraw();
  }

  function start(kind) {
    state.kind = kind;
    state.places = [];
    show(result());
    app.map.getContainer().focus({ preventScroll: true });
    if (innerWidth <= NARROW_PX) app.map.getContainer().scrollIntoView({ block: "start" });
  }

  function end() {
    const inside = by("measure").contains(document.activeElement);
    const { kind } = state;
    state.kind = null;
    state.places = [];
    show(words("measureEnded"));
    if (inside) document.querySelector(`[data-measure=${kind}]`).focus();
  }

  function add(latlng) {
    state.places.push(latlng);
    show(result());
  }

  function back() {
    state.places.pop();
    show(result());
    if (by("measure-back").hidden && document.activeElement === document.body) by("measure-end").focus();
  }

  /* Before others hear the key: Escape ends the measuring and takes nothing else back. */
  function onKey(event) {
    if (!state.kind) return;
    const onMap = event.target === app.map.getContainer();
    if (event.key === "Escape") end();
    else if (onMap && event.key === "Enter") add(app.map.getCenter());
    else if (onMap && event.key === "Backspace") back();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  function make(tag, attributes, text) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    if (text !== undefined) element.textContent = text;
    return element;
  }

  function fill() {
    for (const [id, key] of [["measure-name", "measureTitle"], ["measure-how", "measureHow"], ["measure-back", "measureBack"], ["measure-end", "measureEnd"]]) {
      by(id).textContent = words(key);
    }
    for (const button of document.querySelectorAll("[data-measure]")) button.textContent = words(button.dataset.measure === "area" ? "measureArea" : "measureLength");
    if (state.kind) show(result());
    else by("measure-told").textContent = "";
  }

  app.startMeasure = function (renderer) {
    const panel = document.querySelector(".panel");
    const legend = panel.querySelector(".legend");
    if (!legend || app.plan.mode === "embed") return;
    sheet = new MeasureSheet(renderer).addTo(app.map);
    const fold = make("details", { class: "measure", id: "measure" });
    const acts = make("p", { class: "acts" });
    for (const kind of ["length", "area"]) {
      const button = make("button", { type: "button", class: "quiet", "data-measure": kind, "aria-pressed": "false" });
      button.addEventListener("click", () => start(kind));
      acts.append(button);
    }
    for (const [id, act] of [["measure-back", back], ["measure-end", end]]) {
      const button = make("button", { type: "button", class: "quiet", id, hidden: "" });
      button.addEventListener("click", act);
      acts.append(button);
    }
    fold.append(make("summary", { id: "measure-name" }), acts, make("p", { id: "measure-told", class: "measured", role: "status" }), make("p", { id: "measure-how", class: "small", hidden: "" }));
    legend.closest("section").append(fold);
    if (!app.map.getContainer().querySelector(".cross")) app.map.getContainer().append(make("div", { class: "cross" }));
    document.addEventListener("keydown", onKey, true);
    app.measureClick = (event) => {
      if (!state.kind) return false;
      add(event.latlng);
      return true;
    };
    app.onLanguage(fill);
    fill();
  };

  const MeasureSheet = globalThis.L && L.Path.extend({
    options: { interactive: false },
    initialize: function (renderer) {
      L.setOptions(this, { renderer });
    },
    _project: function () {},
    _update: function () {
      this._updatePath();
    },
    _updatePath: function () {
      const canvas = this._renderer;
      if (!canvas._drawing || !state.kind) return;
      const ctx = canvas._ctx;
      const points = state.places.map((place) => this._map.latLngToLayerPoint(place));
      ctx.lineJoin = "round";
      ctx.beginPath();
      for (const { x, y } of points) ctx.lineTo(x, y);
      if (state.kind === "area" && points.length > 2) {
        ctx.closePath();
        ctx.fillStyle = "rgb(11 93 59 / 0.18)";
        ctx.fill();
      }
      for (const [colour, width] of [["#ffffff", 6], ["#0b5d3b", 2.5]]) {
        ctx.strokeStyle = colour;
        ctx.lineWidth = width;
        ctx.stroke();
      }
      for (const { x, y } of points) {
        ctx.beginPath();
        ctx.arc(x, y, 5, 0, 2 * Math.PI);
        ctx.fillStyle = "#ffffff";
        ctx.fill();
        ctx.stroke();
      }
    },
  });
})(globalThis.ballerupGeo);
