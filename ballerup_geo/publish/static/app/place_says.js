/* What a map file asks to be said about a place: the areas it lies in, the nearest feature, the way along lines. Worked out here; nothing leaves the page. */
globalThis.ballerupGeo = globalThis.ballerupGeo || {};
(function (app) {
  "use strict";
  const sheetOf = (id) => app.sheets.find((one) => one.plan.id === id);
  const byKey = new Map(); // layer's id → key → index

  function row(text, act) {
    const item = document.createElement("li");
    if (!act) {
      item.textContent = text;
      return item;
    }
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link";
    button.textContent = text;
    button.addEventListener("click", act);
    item.append(button);
    return item;
  }

  const says = (title, text) => app.controlWords("placeSays", title, text);

  function feature(sheet, index, text, fields) {
    const item = row(text, sheet.plan.role === "answer" ? () => app.choose({ sheet, index }) : null);
    if (fields.length) item.append(app.fieldsOf({ sheet, index }, fields));
    return item;
  }

  const metres = (from, to) => app.metresBetween(app.map.options.crs.pointToLatLng(L.point(...from), 0), app.map.options.crs.pointToLatLng(L.point(...to), 0));

  /* Which features may be meant: those that say the same as the areas here, where the map file asks for that. */
  function among(asked, sheet, { x, y }) {
    if (!asked.same) return () => true;
    const areas = sheetOf(asked.sameAs);
    const wanted = new Set(areas ? [...app.areasAt(areas, x, y)].map((i) => app.value(areas.layer, asked.sameColumn, i)) : []);
    wanted.delete(null);
    return (i) => wanted.has(app.value(sheet.layer, asked.same, i));
  }

  /** The feature nearest to a place and the metres to it; null where there is none, or none so near. */
  function nearest(asked, sheet, place) {
    const { index, away } = app.nearestTo(sheet, place.x, place.y, Infinity, among(asked, sheet, place));
    if (index < 0) return null;
    const far = metres([place.x, place.y], [place.x + away, place.y]);
    return asked.mostM && far > asked.mostM ? null : { index, far };
  }

  function keys(sheet) {
    if (!byKey.has(sheet.plan.id)) {
      byKey.set(sheet.plan.id, new Map(Array.from({ length: sheet.layer.size }, (_, i) => [app.keyOf(sheet, i), i])));
    }
    return byKey.get(sheet.plan.id);
  }

  /** The way from a place: its lines, its points and its metres, those to the first line included; null where it does not end. */
  app.wayFrom = function (asked, sheet, place) {
    const first = nearest(asked, sheet, place);
    if (!first) return null;
    const lines = [];
    const points = [[place.x, place.y]];
    const seen = new Set();
    for (let index = first.index; index !== null;) {
      if (index === undefined || seen.has(index) || !sheet.has(index)) return null; // half a way is none
      seen.add(index);
      lines.push(index);
      const [from, to] = [sheet.layer.pointOf[sheet.layer.partOf[index]], sheet.layer.pointOf[sheet.layer.partOf[index + 1]]];
      if (lines.length === 1) points.push(...app.restOfLine(sheet, index, place.x, place.y));
      else for (let k = from; k < to; k += 1) points.push([sheet.layer.x[k], sheet.layer.y[k]]);
      const next = app.value(sheet.layer, asked.next, index);
      index = next === null || next === "" ? null : keys(sheet).get(String(next));
    }
    const length = points.slice(1).reduce((sum, point, k) => sum + metres(points[k], point), 0);
    return { lines, points, length };
  };

  function within(asked, sheet, place, title) {
    const may = among(asked, sheet, place);
    return [...app.areasAt(sheet, place.x, place.y)].filter(may).map((index) => {
      const name = app.nameOf(sheet, index);
      return feature(sheet, index, name === title ? title : says(title, name), asked.fields);
    });
  }

  function near(asked, sheet, place, title) {
    const found = nearest(asked, sheet, place);
    if (!found) return [];
    const text = app.controlWords("placeFar", app.nameOf(sheet, found.index), app.distanceText(found.far));
    return [feature(sheet, found.index, says(title, text), asked.fields)];
  }

  function showAll(points) {
    const corners = points.map(([x, y]) => app.map.options.crs.pointToLatLng(L.point(x, y), 0));
    app.tookMap();
    app.pin.way = points;
    app.redraw();
    app.map.fitBounds(L.latLngBounds(corners), { padding: [40, 40], animate: false });
  }

  function way(asked, sheet, place, title) {
    const found = app.wayFrom(asked, sheet, place);
    if (!found) return [];
    if (!app.pin.way.length) app.pin.way = found.points; // the first that is told is drawn, until another is asked for
    const item = row(says(title, app.distanceText(found.length)), () => showAll(found.points));
    const last = found.lines[found.lines.length - 1];
    if (asked.fields.length) item.append(app.fieldsOf({ sheet, index: last }, asked.fields));
    if (!asked.worst) return [item];
    const values = found.lines.map((i) => [app.value(sheet.layer, asked.worst.column, i), i]).filter(([value]) => value !== null);
    const [, worst = last] = values.reduce((most, one) => (most.length && most[0] >= one[0] ? most : one), []);
    item.append(app.fieldsOf({ sheet, index: worst }, [asked.worst]));
    return [item];
  }

  const WAYS = { within, nearest: near, way };

  /** The lines of an answer about a place, as list items. */
  app.placeSays = function (asked, place) {
    const title = app.say(asked.title);
    const sheet = sheetOf(asked.layer);
    if (!sheet) return [row(says(title, app.controlWords("placeUnread")))];
    const rows = WAYS[asked.say](asked, sheet, place, title);
    return rows.length ? rows : [row(says(title, asked.otherwise ? app.say(asked.otherwise) : app.controlWords("placeNone")))];
  };
})(globalThis.ballerupGeo);
