/* The selected feature: in the panel on the page, in a popup where the map stands alone. Texts are set as text, never as HTML. */
globalThis.ballerupGeo = globalThis.ballerupGeo || {};
(function (app) {
  "use strict";
  const LONG = 36; // letters: a longer value, such as a reason, stands below its title


  function make(tag, text, className) {
    const element = document.createElement(tag);
    if (text !== undefined) element.textContent = text;
    if (className) element.className = className;
    return element;
  }

  /** A value as its reader meets it: decoded, with unit, or the word for unknown. */
  app.written = function (field, value) {
    if (value === null || value === undefined || value === "") return app.say(field.missing || app.plan.words.unknown);
    if (isCode(field.codes, value)) return app.say(field.codes[value]);
    if (typeof value === "boolean") return app.say(value ? app.plan.words.yes : app.plan.words.no);
    if (typeof value !== "number") return String(value);
    const number = field.year ? String(value) : app.number(value, field.digits);
    return field.unit && field.unit !== "1" && field.unit !== "-" ? number + "\u00a0" + app.say(field.unit) : number;
  };

  const isCode = (codes, value) => Boolean(codes) && Object.hasOwn(codes, String(value));

  /** A name as it is read: a code's meaning, else the value itself. */
  app.nameIn = function (plan, column, value) {
    const codes = plan.codes[column];
    return isCode(codes, value) ? app.say(codes[value]) : String(value);
  };

  app.keyOf = function (sheet, index) {
    const value = sheet.plan.key ? app.value(sheet.layer, sheet.plan.key, index) : null;
    return value === null ? String(index) : String(value);
  };

  app.nameOf = function (sheet, index) {
    const value = sheet.plan.name ? app.value(sheet.layer, sheet.plan.name, index) : null;
    if (value !== null && value !== "") return app.nameIn(sheet.plan, sheet.plan.name, value);
    return sheet.plan.keyTitle ? app.say(sheet.plan.keyTitle) + " " + app.keyOf(sheet, index) : app.say(sheet.plan.title);
  };

  function figures(selected, fields = selected.sheet.plan.fields) {
    const list = make("dl");
    for (const field of fields) {
      const row = make("div");
      row.append(make("dt", app.say(field.title)));
      const value = app.written(field, app.value(selected.sheet.layer, field.column, selected.index));
      row.classList.toggle("long", value.length > LONG);
      row.append(make("dd", value));
      list.append(row);
    }
    return list;
  }

  /** The figures of a feature, as a list; `fields`: others than its layer's own. */
  app.fieldsOf = figures;

  /** Heading, figures: the content of panel and popup. */
  app.describe = function (selected) {
    const box = make("div", undefined, "feature");
    box.append(make("p", app.say(selected.sheet.plan.title), "kind"));
    box.append(make("h2", app.nameOf(selected.sheet, selected.index)));
    box.append(figures(selected));
    return box;
  };

  function button(words, act) {
    const element = make("button", app.say(words), "quiet");
    element.type = "button";
    element.addEventListener("click", act);
    return element;
  }

  /** Tell a screen reader what a popup shows: it stands far from the button that opened it. */
  app.announce = function (selected) {
    const place = document.getElementById("selection");
    place.className = "unseen";
    place.hidden = false;
    place.replaceChildren(...(selected ? [app.describe(selected)] : []));
  };

  /** Say that the address names something that is not here. */
  app.sayGone = function () {
    const place = document.getElementById("selection");
    place.className = "selection";
    place.hidden = false;
    const note = make("p", undefined, "gone");
    for (const language of ["da", "en"]) note.append(Object.assign(make("span", app.plan.words.gone[language]), { lang: language }));
    place.replaceChildren(note);
  };

  /** Fill the panel's place for the selection, and bring it into view; null empties it. */
  app.fillPanel = function (selected, intoView) {
    const place = document.getElementById("selection");
    if (!place) return;
    const hadFocus = place.contains(document.activeElement);
    place.replaceChildren();
    if (hadFocus) app.map.getContainer().focus({ preventScroll: true });
    place.hidden = !selected;
    if (!selected) return;
    place.append(app.describe(selected));
    const acts = make("p", undefined, "acts");
    acts.append(button(app.plan.words.zoom, () => app.zoomTo(app.selected)));
    const row = app.rowOf(selected);
    if (row) acts.append(button(app.plan.words.row, () => app.showRow(row)));
    acts.append(button(app.plan.words.close, () => app.select(null)));
    place.append(acts);
    if (intoView) place.scrollIntoView({ block: "nearest", behavior: app.calm() ? "auto" : "smooth" });
  };
})(globalThis.ballerupGeo);
