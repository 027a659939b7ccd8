/* The strength of each layer's colours, and a link to the view: both stand in the address. */
globalThis.ballerupGeo = globalThis.ballerupGeo || {};
(function (app) {
  "use strict";
  const ADDRESS_AFTER_MS = 300;
  const LEAST = 10; // percent: a layer fainter than this is switched off instead
  let waiting = 0;

  const layers = () => [...app.sheets, ...app.rasters].filter((one) => one.plan.role !== "ground");
  const usual = (one) => Math.round((one.plan.opacity === undefined ? 1 : one.plan.opacity) * 100);
  const percent = (one) => Math.round(one.opacity * 100);
  const rangeOf = (one) => document.querySelector(`input[data-opacity="${one.plan.id}"]`);

  function say(one) {
    const range = rangeOf(one);
    if (!range) return;
    range.value = String(percent(one));
    range.setAttribute("aria-valuetext", app.controlWords("percent", range.value));
  }

  function set(one, share) {
    if (one.setOpacity) one.setOpacity(share);
    else one.opacity = share;
    say(one);
  }

  /* The same text for the same view: only layers whose strength was changed. */
  function written() {
    return layers().filter((one) => Math.abs(percent(one) - usual(one)) > 0).map((one) => one.plan.id + ":" + percent(one)).join(",") || null;
  }

  /** Give layers the strength that the address says; parts of it that say no such thing are left out, and named. */
  app.followStrengths = function () {
    const said = app.address().get("styrke");
    if (!said) app.sayIgnored("styrke", null);
    if (waiting || (said || null) === written()) return; // what the reader sets goes before what still stands there
    const asked = new Map();
    const strange = [];
    for (const part of (said || "").split(",").filter(Boolean)) {
      const [id, number] = part.split(":");
      const value = /^\d{1,3}$/.test(number || "") ? Number(number) : NaN;
      if (layers().some((one) => one.plan.id === id) && value >= LEAST && value <= 100) asked.set(id, value);
      else strange.push(part);
    }
    for (const one of layers()) set(one, (asked.has(one.plan.id) ? asked.get(one.plan.id) : usual(one)) / 100);
    app.sayIgnored("styrke", strange.join(","));
    app.redraw();
  };

  function row(one) {
    const label = document.createElement("label");
    const name = document.createElement("span");
    const range = document.createElement("input");
    label.className = "strength";
    for (const [key, value] of [["type", "range"], ["min", String(LEAST)], ["max", "100"], ["step", "10"], ["data-opacity", one.plan.id], ["autocomplete", "off"]]) {
      range.setAttribute(key, value);
    }
    label.append(name, range);
    app.onLanguage(() => {
      name.textContent = app.say(one.plan.title);
    });
    name.textContent = app.say(one.plan.title);
    return label;
  }

  function addStrengths() {
    const rows = app.sheets.filter((one) => one.plan.role === "answer" && one.plan.paints.some((paint) => paint.fill || paint.width)).reverse().map(row);
    const legend = document.querySelector(".panel .legend");
    if (!rows.length || !legend || app.plan.mode === "embed") return;
    const fold = document.createElement("details");
    const title = document.createElement("summary");
    fold.className = "legend strengths";
    fold.append(title, ...rows);
    legend.after(fold);
    const name = () => {
      title.textContent = app.controlWords("strengths");
    };
    app.onLanguage(name);
    name();
  }

  async function copyLink(told) {
    let done = false;
    app.writeLate();
    try {
      await navigator.clipboard.writeText(location.href);
      done = true;
    } catch {
      done = false; // no permission, or a page from a disk
    }
    told.textContent = app.controlWords(done ? "shareDone" : "shareByHand");
  }

  function addLink() {
    const legend = document.querySelector(".panel .legend");
    if (!legend || app.plan.mode === "embed") return;
    const line = document.createElement("p");
    const button = document.createElement("button");
    const told = document.createElement("span");
    line.className = "acts share";
    button.type = "button";
    button.className = "quiet";
    told.className = "small";
    told.setAttribute("role", "status");
    button.addEventListener("click", () => copyLink(told));
    line.append(button, told);
    legend.closest("section").append(line);
    const name = () => {
      button.textContent = app.controlWords("shareLink");
      told.textContent = "";
    };
    app.onLanguage(name);
    name();
  }

  function writeStrengths() {
    clearTimeout(waiting);
    waiting = 0;
    app.setAddress("styrke", written(), false);
  }

  app.startShare = function () {
    app.beforeLink(() => { if (waiting) writeStrengths(); });
    addStrengths();
    addLink();
    for (const one of layers()) {
      const range = rangeOf(one);
      if (!range) continue;
      say(one);
      range.disabled = false;
      range.addEventListener("input", () => {
        set(one, Number(range.value) / 100);
        if (!one.setOpacity) app.redraw();
        clearTimeout(waiting);
        waiting = setTimeout(writeStrengths, ADDRESS_AFTER_MS);
      });
    }
    app.followStrengths();
    addEventListener("hashchange", app.followStrengths);
  };
})(globalThis.ballerupGeo);
