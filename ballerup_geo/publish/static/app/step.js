/* The slider: one step at a time, by mouse, finger or keyboard. Rasters, features, table rows and words follow; the step stands in the address. */
globalThis.ballerupGeo = globalThis.ballerupGeo || {};
(function (app) {
  "use strict";
  const ADDRESS_AFTER_MS = 300; // browsers refuse an address that changes at every move of the slider
  let waiting = 0;

  /** The step shown; the first is 1. */
  app.step = 1;

  const steps = () => app.plan.steps;

  const has = (list, step) => list.split(" ").includes(String(step));

  /* Words of one step alone, in print too; rows of a step, which print shows all of. */
  function turnPage() {
    for (const element of document.querySelectorAll("[data-now]")) element.hidden = !has(element.dataset.now, app.step);
    for (const element of document.querySelectorAll("[data-steps]")) element.classList.toggle("other-step", !has(element.dataset.steps, app.step));
  }

  function sayStep() {
    const range = document.getElementById("step");
    range.value = String(app.step);
    range.setAttribute("aria-valuetext", app.say(steps().names[app.step - 1]));
  }

  /** The slider's value that `from_step` columns are compared with; null where there is none. */
  app.stepValue = () => (steps() ? steps().values[app.step - 1] : null);

  function writeAddress() {
    clearTimeout(waiting);
    waiting = 0;
    app.setAddress("trin", app.step === steps().start ? null : steps().keys[app.step - 1], false);
  }

  /** Show a step. */
  app.showStep = function (step) {
    app.step = step;
    sayStep();
    turnPage();
    for (const sheet of app.sheets) sheet.follow();
    if (app.selected && !app.selected.sheet.has(app.selected.index)) app.select(null);
    if (app.refreshPlace) app.refreshPlace(); // what is at a place may differ with the rain
    app.redraw();
  };

  /** The first step at which a feature is there; null where none is. */
  app.stepOf = function (sheet, index) {
    if (!steps() || sheet.has(index)) return app.step;
    const from = app.value(sheet.layer, sheet.plan.fromStep, index);
    const at = steps().values.findIndex((value) => from !== null && value !== null && from <= value);
    return at < 0 ? null : at + 1;
  };

  /** Show a step, and say so in the address. */
  app.goToStep = function (step) {
    app.showStep(step);
    writeAddress();
  };

  /** The step that the address names, or the first one; called on opening and by Back and Forward. */
  app.followStep = function (key) {
    if (!steps()) return;
    const at = steps().keys.indexOf(key);
    const step = at < 0 ? steps().start : at + 1;
    if (step !== app.step) app.showStep(step);
  };

  app.startSteps = function () {
    if (!steps()) return;
    const range = document.getElementById("step");
    range.disabled = false;
    range.addEventListener("input", () => {
      app.showStep(Number(range.value));
      clearTimeout(waiting);
      waiting = setTimeout(writeAddress, ADDRESS_AFTER_MS);
    });
    app.beforeLink(() => { if (waiting) writeAddress(); });
    app.onLanguage(sayStep);
    document.documentElement.classList.add("stepped");
    app.showStep(steps().start);
  };
})(globalThis.ballerupGeo);
