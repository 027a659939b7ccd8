/* Language: the page carries every text in both; the switch changes <html lang> and tells the parts made by script. */
globalThis.ballerupGeo = globalThis.ballerupGeo || {};
(function (app) {
  "use strict";
  const listeners = [];

  app.language = () => (document.documentElement.lang === "en" ? "en" : "da");
  app.onLanguage = (listener) => listeners.push(listener);

  /** A text of the page's own: {da, en} → the words of the language shown. */
  app.say = (text) => (typeof text === "string" ? text : text[app.language()]);

  /** A number as it is written in the language shown; `digits` below 0 rounds to tens, hundreds … */
  app.number = function (value, digits) {
    let shown = value;
    let decimals = digits;
    if (digits === null || digits === undefined) decimals = Number.isInteger(value) ? 0 : Math.abs(value) < 10 ? 2 : 1;
    if (decimals < 0) {
      const step = 10 ** -decimals;
      shown = Math.sign(value) * Math.round(Math.abs(value) / step) * step;
      decimals = 0;
    }
    if (Object.is(Number(shown.toFixed(decimals)), -0)) shown = 0;
    const written = new Intl.NumberFormat(app.language() === "en" ? "en-GB" : "da-DK", {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    });
    return written.format(shown).replace("-", "−");
  };

  function label(element) {
    const text = element.dataset[app.language()];
    if (element.dataset.sets === "text") element.textContent = text;
    else element.setAttribute("aria-label", text);
  }

  function carryToLinks() {
    for (const link of document.querySelectorAll("a[data-own]")) {
      const plain = link.getAttribute("href").split("#")[0];
      link.setAttribute("href", app.language() === "en" ? plain + "#sprog=en" : plain);
    }
  }

  app.setLanguage = function (language) {
    document.documentElement.lang = language;
    for (const element of document.querySelectorAll("[data-da]")) label(element);
    for (const button of document.querySelectorAll("button.language")) button.lang = language === "en" ? "da" : "en";
    carryToLinks();
    for (const listener of listeners) listener(language);
  };

  /** What the address says after #: selection and language. */
  app.address = () => new URLSearchParams(location.hash.slice(1));

  /** What stands after # in an address that people may read: slashes and commas as they are. */
  app.plainHash = (said) => said.toString().replace(/%2F/g, "/").replace(/%2C/g, ",");

  const late = [];
  /** Parts of the address that are written a moment after the reader's hand: `write` writes what is waiting. */
  app.beforeLink = (write) => late.push(write);
  app.writeLate = () => late.forEach((write) => write());

  /** Write one part of the address; `keep`: as a step that Back takes back. */
  app.setAddress = function (key, value, keep) {
    if (keep) app.writeLate();
    const said = app.address();
    if (value) said.set(key, value);
    else said.delete(key);
    const text = "#" + app.plainHash(said);
    if (text === (location.hash || "#")) return;
    if (keep) location.hash = text;
    else location.replace(text);
    if (app.entered && app.map) app.entered(keep);
  };

  app.startLanguage = function () {
    for (const button of document.querySelectorAll("button.language")) {
      button.hidden = false;
      button.addEventListener("click", () => {
        const next = app.language() === "en" ? "da" : "en";
        app.setLanguage(next);
        app.setAddress("sprog", next === document.documentElement.dataset.first ? null : next, false);
      });
    }
    for (const link of document.querySelectorAll("a.skip")) {
      link.addEventListener("click", (event) => {
        event.preventDefault(); // the address keeps selection and language
        const target = document.querySelector(link.getAttribute("href"));
        target.focus();
        target.scrollIntoView();
      });
    }
    document.documentElement.dataset.first = document.documentElement.lang;
    const said = app.address().get("sprog");
    app.setLanguage(said === "en" || said === "da" ? said : app.language());
  };
})(globalThis.ballerupGeo);
