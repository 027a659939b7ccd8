/* What the map says about a place: computed here from what the page shows, for a place found by its name. */
globalThis.ballerupGeo = globalThis.ballerupGeo || {};
(function (app) {
  "use strict";
  let place = null; // {latlng, name}

  const make = (tag, text, className) => {
    const element = document.createElement(tag);
    if (text !== undefined) element.textContent = text;
    if (className) element.className = className;
    return element;
  };

  const hasPoints = (sheet) => sheet.layer.kinds === "point";
  const answers = () => app.sheets.filter((sheet) => sheet.plan.role === "answer").reverse();

  /** The feature of a layer that contains a place (world pixels at zoom 0), topmost first, or −1. */
  function containing(sheet, x, y) {
    return app.areaAt(sheet, x, y);
  }

  /** The feature nearest to a place and how far away it is in metres, or null. */
  function nearest(sheet, x, y, latlng) {
    const { index, away } = app.nearestTo(sheet, x, y);
    if (index < 0) return null;
    const east = app.map.options.crs.pointToLatLng(L.point(x + away, y), 0);
    return { index, metres: app.metresBetween(latlng, east) };
  }

  function line(sheet, index, before) {
    const row = make("li");
    const button = make("button", before, "link");
    button.type = "button";
    button.addEventListener("click", () => app.choose({ sheet, index }));
    row.append(button);
    return row;
  }

  /** What the map file asks to be said, where it does; else what the answer's layers show. */
  function findings({ latlng }) {
    const { x, y } = app.map.options.crs.latLngToPoint(latlng, 0);
    app.pin.way = [];
    if (app.plan.place.length) return app.plan.place.flatMap((asked) => app.placeSays(asked, { x, y, latlng }));
    const rows = [];
    for (const sheet of answers()) {
      const title = app.say(sheet.plan.title);
      const inside = containing(sheet, x, y);
      if (inside >= 0) {
        const name = app.nameOf(sheet, inside);
        rows.push(line(sheet, inside, app.controlWords("placeHere", name === title ? title : title + " – " + name)));
        rows[rows.length - 1].append(app.fieldsOf({ sheet, index: inside }));
      } else if (hasPoints(sheet)) {
        const near = nearest(sheet, x, y, latlng);
        if (near) {
          const what = title + " – " + app.nameOf(sheet, near.index);
          rows.push(line(sheet, near.index, app.controlWords("placeNearest", what, app.distanceText(near.metres))));
        }
      }
    }
    return rows;
  }

  function fill() {
    const box = document.getElementById("place");
    box.hidden = !place;
    box.replaceChildren();
    if (!place) return;
    const rows = findings(place);
    const list = make("ul");
    list.append(...rows);
    box.append(make("p", app.controlWords("placeTitle"), "kind"), make("h2", place.name));
    box.append(rows.length ? list : make("p", app.controlWords("placeNothing")), make("p", app.controlWords("placeNotAll"), "small"));
    const acts = make("p", undefined, "acts");
    const add = (text, act) => {
      const button = make("button", text, "quiet");
      button.type = "button";
      button.addEventListener("click", act);
      acts.append(button);
    };
    if (app.askDrop) add(app.controlWords("placeDrop"), () => app.askDrop(place.latlng));
    add(app.say(app.plan.words.close), app.hidePlace);
    box.append(acts);
  }

  /** Say what the map knows at a place; its name is shown as text. */
  app.showPlace = function (latlng, name) {
    place = { latlng, name };
    app.pin.at = latlng;
    fill();
    app.redraw();
    document.getElementById("place").scrollIntoView({ block: "nearest", behavior: app.calm() ? "auto" : "smooth" });
  };

  app.hidePlace = function () {
    if (!place) return false;
    const box = document.getElementById("place");
    const hadFocus = box.contains(document.activeElement);
    place = null;
    app.pin.at = null;
    app.pin.way = [];
    fill();
    app.redraw();
    if (hadFocus) app.map.getContainer().focus({ preventScroll: true });
    return true;
  };

  app.startPlace = function (renderer) {
    const after = document.querySelector(".panel .search");
    app.pin = new Pin(renderer);
    app.pin.addTo(app.map);
    if (!after) return;
    const box = make("div", undefined, "selection");
    box.id = "place";
    box.hidden = true;
    box.setAttribute("role", "status");
    after.after(box);
    app.onLanguage(fill);
    app.refreshPlace = fill;
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !app.selected && !event.defaultPrevented && app.hidePlace()) event.preventDefault();
    });
  };

  /* A ring and a dot: the place asked about. */
  const Pin = globalThis.L && L.Path.extend({
    options: { interactive: false },
    initialize: function (renderer) {
      L.setOptions(this, { renderer });
      this.at = null;
      this.way = []; // [[x, y], …], world pixels at zoom 0
    },
    drawWay: function (ctx) {
      if (this.way.length < 2) return;
      const view = app.view(this._map, this._renderer._bounds);
      ctx.beginPath();
      for (const [k, [x, y]] of this.way.entries()) ctx[k ? "lineTo" : "moveTo"](x * view.scale - view.ox, y * view.scale - view.oy);
      app.ink(ctx, { line: "#ffffff", width: 8, dash: "solid" }, 1, "line");
      app.ink(ctx, { line: "#0b5d3b", width: 4, dash: "solid" }, 1, "line");
    },
    _project: function () {},
    _update: function () {
      this._updatePath();
    },
    _updatePath: function () {
      const canvas = this._renderer;
      if (!canvas._drawing || !this.at) return;
      const { x, y } = this._map.latLngToLayerPoint(this.at);
      const ctx = canvas._ctx;
      this.drawWay(ctx);
      for (const [radius, width, colour] of [[11, 6, "#ffffff"], [11, 3, "#0b5d3b"]]) {
        ctx.beginPath();
        ctx.arc(x, y, radius, 0, 2 * Math.PI);
        ctx.strokeStyle = colour;
        ctx.lineWidth = width;
        ctx.stroke();
      }
      ctx.beginPath();
      ctx.arc(x, y, 3, 0, 2 * Math.PI);
      ctx.fillStyle = "#0b5d3b";
      ctx.fill();
    },
  });
})(globalThis.ballerupGeo);
