/* The table that says what the map shows: a row's button selects its feature, a column's button sorts. */
globalThis.ballerupGeo = globalThis.ballerupGeo || {};
(function (app) {
  "use strict";

  const buttonsOf = (layer) => [...document.querySelectorAll("table[data-layer] button[data-row]")]
    .filter((button) => button.closest("table").dataset.layer === layer);

  app.rowOf = function (selected) {
    const button = buttonsOf(selected.sheet.plan.id).find((one) => Number(one.dataset.row) === selected.index);
    return button ? button.closest("tr") : null;
  };

  app.showRow = function (row) {
    const fold = row.closest("details");
    if (fold) fold.open = true;
    row.querySelector("button").focus();
    row.scrollIntoView({ block: "center", behavior: app.calm() ? "auto" : "smooth" });
  };

  app.markRow = function (selected) {
    for (const row of document.querySelectorAll("tr[aria-selected], tr.selected")) row.classList.remove("selected");
    const row = selected && app.rowOf(selected);
    if (row) row.classList.add("selected");
  };

  function valueOf(row, column) {
    const said = row.cells[column].dataset.value;
    const number = Number(said);
    return said === "" ? null : Number.isNaN(number) ? said : number;
  }

  function compare(a, b, sign) {
    if (a === null || b === null) return (a === null) - (b === null);
    if (typeof a === "number" && typeof b === "number") return sign * (a - b);
    return sign * String(a).localeCompare(String(b), app.language());
  }

  function sort(table, header) {
    const up = header.getAttribute("aria-sort") === "descending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", up ? "ascending" : "descending");
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row) => [valueOf(row, header.cellIndex), row]);
    rows.sort((a, b) => compare(a[0], b[0], up ? 1 : -1));
    body.append(...rows.map((pair) => pair[1]));
  }

  app.startTables = function () {
    for (const table of document.querySelectorAll("table[data-layer], table[data-rows]")) {
      table.addEventListener("click", (event) => {
        const button = event.target.closest("button");
        if (!button) return;
        const sheet = app.sheets.find((one) => one.plan.id === table.dataset.layer);
        if (button.closest("thead")) sort(table, button.closest("th"));
        else if (sheet) app.choose({ sheet, index: Number(button.dataset.row) });
      });
    }
  };
})(globalThis.ballerupGeo);
