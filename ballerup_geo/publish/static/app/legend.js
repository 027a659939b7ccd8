/* The legend's switches. */
globalThis.ballerupGeo = globalThis.ballerupGeo || {};
(function (app) {
  "use strict";

  app.startLegend = function () {
    for (const box of document.querySelectorAll("input[data-layer]")) {
      const sheet = [...app.sheets, ...app.rasters].find((one) => one.plan.id === box.dataset.layer);
      if (!sheet) continue;
      box.disabled = false;
      box.checked = sheet.shown;
      box.addEventListener("change", () => {
        sheet.shown = box.checked;
        if (!box.checked && app.selected && app.selected.sheet === sheet) app.select(null);
        app.redraw();
      });
    }
  };

  /** Show a layer that something hidden was selected from. */
  app.reveal = function (sheet) {
    if (sheet.shown) return;
    sheet.shown = true;
    for (const box of document.querySelectorAll("input[data-layer]")) if (box.dataset.layer === sheet.plan.id) box.checked = true;
    app.redraw();
  };
})(globalThis.ballerupGeo);
