/* The map in another page's frame, and the code that puts it there.

   An embed tells the page around it how high it is: postMessage({ type: "ballerup-geo:height", height }).
*/
globalThis.ballerupGeo = globalThis.ballerupGeo || {};
(function (app) {
  "use strict";
  const quoted = (text) => text.replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

  function embedAddress() {
    const target = new URL("embed.html", location.href);
    target.search = target.hash = "";
    const state = app.address();
    state.delete("omr");
    state.delete("lag");
    const asked = new URLSearchParams();
    const { lag, omr } = app.viewSaid();
    if (lag) asked.set("lag", lag);
    if (omr) asked.set("omr", omr);
    const search = asked.toString().replace(/%2C/g, ",");
    const hash = app.plainHash(state);
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
      for (const key of ["lag", "omr"]) if (!state.has(key) && app.said(key)) state.set(key, app.said(key));
      const hash = app.plainHash(state);
      link.setAttribute("href", base + (hash ? "#" + hash : ""));
    });
  }

  /** Keep the code in step with the view, and the page around an embed with its height; called when the map stands. */
  app.startEmbed = function () {
    app.onView(writeCode);
    app.onLanguage(writeCode);
    for (const happens of ["hashchange", "popstate"]) addEventListener(happens, writeCode);
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
