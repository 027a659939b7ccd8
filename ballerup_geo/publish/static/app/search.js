/* Search by name: a combobox over names that came with the page. Nothing typed leaves it or is kept. */
globalThis.ballerupGeo = globalThis.ballerupGeo || {};
(function (app) {
  "use strict";
  const MOST = 8;
  const PLACE_ZOOM = 17;
  const lists = []; // {plan, sheet, layer, entries}
  let found = [];
  let active = -1;
  let shown = 0;

  const make = (tag, attributes = {}, text) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const words = (key, ...args) => args.reduce((text, arg) => text.replace("{}", () => arg), app.say(app.plan.words[key]));
  app.controlWords = words;

  const bare = (text) => text.normalize("NFD").replace(/\p{M}/gu, "");
  /* Words and numbers as they are compared: "Højvangen 12B" → højvangen, 12, b. Å is a letter of its own, é is an e. */
  const wordsOf = (text) => text.match(/\p{L}+|\p{N}+/gu) || [];
  const danish = (text) => bare(text.toLowerCase().replace(/å/g, "aa").replace(/æ/g, "ae").replace(/ø/g, "oe"));
  const plain = (text) => bare(text.toLowerCase().replace(/æ/g, "ae").replace(/ø/g, "o"));

  /** A name ready to be compared: with æ, ø, å written out, and without their strokes and rings. */
  app.folded = (text) => [wordsOf(danish(text.normalize("NFC"))), wordsOf(plain(text.normalize("NFC")))];

  /* 0: every word is there whole; 1: each begins one of the name's words; null: no. Numbers before the last word are whole. */
  function fits(asked, name) {
    let rank = 0;
    for (const [at, word] of asked.entries()) {
      const open = at === asked.length - 1 || !/^\p{N}/u.test(word);
      if (name.includes(word)) continue;
      if (!open || !name.some((one) => one.startsWith(word))) return null;
      rank = 1;
    }
    return rank + (name[0] && asked[0] && name[0].startsWith(asked[0]) ? 0 : 2);
  }

  /** The best matches of a text among entries [{name, folded}], and how many there are. */
  app.matches = function (text, entries) {
    const asked = app.folded(text);
    if (!asked[0].length) return { best: [], total: 0 };
    const order = new Intl.Collator("da", { numeric: true });
    const all = [];
    for (const entry of entries) {
      const ranks = asked.map((one, k) => fits(one, entry.folded[k])).filter((rank) => rank !== null);
      if (ranks.length) all.push({ entry, rank: Math.min(...ranks) });
    }
    all.sort((a, b) => a.rank - b.rank || order.compare(a.entry.name, b.entry.name));
    return { best: all.slice(0, MOST).map((one) => one.entry), total: all.length };
  };

  /* ---- where the names are */

  function addScript(file) {
    return new Promise((_, fail) => {
      const script = make("script", { src: file });
      script.addEventListener("error", () => fail(new Error(file)));
      document.head.append(script);
    });
  }

  function entriesOf(list) {
    const { layer, plan } = list;
    const entries = [];
    for (let index = 0; index < layer.size; index += 1) {
      const value = app.value(layer, plan.column, index);
      if (value === null || value === "" || !Number.isFinite(layer.box[4 * index])) continue;
      const name = list.sheet ? app.nameIn(list.sheet.plan, plan.column, value) : String(value);
      entries.push({ name, folded: app.folded(name), list, index });
    }
    return entries;
  }

  async function load(list) {
    if (list.entries) return;
    if (!list.layer) {
      const arrived = app.payload(list.plan.payload);
      list.layer = await app.decode(list.plan.file ? await Promise.race([arrived, addScript(list.plan.file)]) : await arrived);
    }
    list.entries = entriesOf(list);
  }

  let loading = null;
  function loadAll() {
    loading = loading || Promise.all(lists.map(load)).catch((error) => {
      loading = null;
      throw error;
    });
    return loading;
  }

  /* ---- the box */

  const by = (id) => document.getElementById(id);

  function close() {
    found = [];
    active = -1;
    by("search-list").hidden = true;
    by("search-list").replaceChildren();
    by("search-box").setAttribute("aria-expanded", "false");
    by("search-box").removeAttribute("aria-activedescendant");
  }

  function mark(at) {
    active = at;
    for (const [k, option] of [...by("search-list").children].entries()) option.setAttribute("aria-selected", String(k === at));
    if (at < 0) by("search-box").removeAttribute("aria-activedescendant");
    else {
      by("search-box").setAttribute("aria-activedescendant", "search-" + at);
      by("search-" + at).scrollIntoView({ block: "nearest" });
    }
  }

  function tell(best, total) {
    const text = !total ? words("searchNone") : total === 1 ? words("searchOne")
      : best < total ? words("searchFirst", app.number(best, 0), app.number(total, 0)) : words("searchMany", app.number(total, 0));
    by("search-told").textContent = text;
  }

  async function seek() {
    const text = by("search-box").value;
    shown += 1;
    const turn = shown;
    if (!text.trim()) {
      close();
      by("search-told").textContent = "";
      return;
    }
    try {
      await loadAll();
    } catch {
      by("search-told").textContent = words("searchLost");
      return;
    }
    if (turn !== shown) return;
    const { best, total } = app.matches(text, lists.flatMap((list) => list.entries));
    close();
    found = best;
    by("search-list").replaceChildren(...best.map((entry, k) => {
      const option = make("li", { id: "search-" + k, role: "option", "aria-selected": "false" });
      option.append(make("span", {}, entry.name), make("span", { class: "soft" }, app.say(entry.list.plan.title)));
      option.addEventListener("mousedown", (event) => event.preventDefault());
      option.addEventListener("click", () => choose(k));
      return option;
    }));
    by("search-list").hidden = !best.length;
    by("search-box").setAttribute("aria-expanded", String(best.length > 0));
    tell(best.length, total);
  }

  function choose(at) {
    const { list, index, name } = found[at];
    by("search-box").value = name;
    by("search-told").textContent = "";
    close();
    const { box } = list.layer;
    const middle = [0, 1].map((k) => (box[4 * index + k] + box[4 * index + k + 2]) / 2);
    const latlng = app.map.options.crs.pointToLatLng(L.point(...middle), 0);
    const step = list.sheet ? app.stepOf(list.sheet, index) : app.step;
    if (list.sheet && list.sheet.plan.role === "answer" && step !== null) {
      app.hidePlace();
      if (step !== app.step) {
        app.goToStep(step);
        by("search-told").textContent = words("searchStep", name);
      }
      app.choose({ sheet: list.sheet, index });
      return;
    }
    app.select(null);
    app.tookMap();
    app.map.setView(latlng, Math.max(app.map.getZoom(), PLACE_ZOOM), { animate: false }); // where the map stands is in the link at once
    app.showPlace(latlng, name);
  }

  function onKey(event) {
    const { key } = event;
    if (key === "Escape" && (found.length || by("search-box").value)) {
      event.stopPropagation(); // takes back what was typed, and nothing else
      if (found.length) close();
      else {
        by("search-box").value = "";
        by("search-told").textContent = "";
      }
    } else if ((key === "ArrowDown" || key === "ArrowUp") && found.length) {
      event.preventDefault();
      const step = key === "ArrowDown" ? 1 : -1;
      mark(active < 0 ? (step > 0 ? 0 : found.length - 1) : (active + step + found.length) % found.length);
    } else if (key === "Enter" && found.length) {
      event.preventDefault();
      choose(Math.max(active, 0));
    }
  }

  function name() {
    by("search-label").textContent = words("searchTitle");
    by("search-list").setAttribute("aria-label", words("searchTitle"));
    by("search-about").textContent = words("searchFor", lists.map((list) => app.say(list.plan.title).toLowerCase()).join(", "));
  }

  app.startSearch = function () {
    for (const plan of app.plan.search) {
      const sheet = plan.layer ? app.sheets.find((one) => one.plan.id === plan.layer) : null;
      if (sheet || plan.payload) lists.push({ plan, sheet, layer: sheet ? sheet.layer : null });
    }
    const top = document.querySelector(".panel .top");
    if (!lists.length || !top) return;
    const section = make("div", { class: "search", role: "search" });
    const input = make("input", {
      id: "search-box", type: "text", role: "combobox", "aria-expanded": "false", "aria-controls": "search-list", "aria-autocomplete": "list",
      "aria-describedby": "search-about", autocomplete: "off", autocapitalize: "off", spellcheck: "false", maxlength: "200",
    });
    section.append(
      make("label", { id: "search-label", for: "search-box" }), input, make("ul", { id: "search-list", role: "listbox", hidden: "" }),
      make("p", { id: "search-told", class: "small", role: "status" }), make("p", { id: "search-about", class: "small" }),
    );
    top.after(section);
    input.addEventListener("focus", () => loadAll().catch(() => {}));
    input.addEventListener("input", seek);
    input.addEventListener("keydown", onKey);
    input.addEventListener("blur", close);
    app.onLanguage(name);
    name();
  };
})(globalThis.ballerupGeo);
