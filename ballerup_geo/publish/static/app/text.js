/* Pages without a map: only the language switch. */
(function (app) {
  "use strict";
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", app.startLanguage);
  else app.startLanguage();
})(globalThis.ballerupGeo);
