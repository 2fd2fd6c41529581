// The table of trials: when it asks again, how its order and columns get into the address, and the box of the figure.
(function () {
  "use strict";
  const dash = (window.dash_clientside = window.dash_clientside || {});

  function grid() {
    try { return window.dash_ag_grid.getApi("grid"); } catch (notYet) { return null; }
  }

  function number(text) { return Number(text).toLocaleString("en-US", { maximumSignificantDigits: 5 }); }

  dash.trials = {
    // Another question: from the beginning. Newer trials or other columns: where the reader is.
    again() {
      const api = grid();
      if (!api) return dash.no_update;
      const stays = ["mark.", '{"control":"cols"}.'];
      const same = dash.callback_context.triggered.every((each) => stays.some((one) => each.prop_id.startsWith(one)));
      if (same) api.refreshInfiniteCache(); else api.purgeInfiniteCache();
      return Date.now();
    },

    // What the table shows, as an address of the page of exports.
    download(question, box, href) {
      const [path, query] = href.split("?");
      const asked = new URLSearchParams(question || ""), wanted = new URLSearchParams();
      wanted.append("study", new URLSearchParams(query).get("study"));
      for (const key of ["f", "seeds"]) if (asked.get(key)) wanted.append(key, asked.get(key));
      if (box) wanted.append("box", box);
      return `${path}?${wanted}`;
    },

    sorted(request) {
      if (!request) return dash.no_update;
      const [first] = request.sortModel || [];
      return first ? (first.sort === "desc" ? "-" : "") + first.colId : "";
    },

    columns(shown, columns) {
      const names = (shown || "").split(",");
      return columns.map((column) => Object.assign({}, column, { hide: !names.includes(column.field) }));
    },

    // A box drawn in the figure -> the box of the table; its buttons let it go, or make it part of the filter.
    box(selected, clear, keep, box, filter, drawn) {
      const no = dash.no_update;
      const by = (name) => dash.callback_context.triggered.some((each) => each.prop_id.startsWith(name));
      if (by("box-clear")) return ["", no, null];
      if (by("box-filter")) {
        const parts = box.split(",").map((part) => part.split(":"));
        const words = parts.map(([name, low, high]) => `${name} >= ${low} and ${name} <= ${high}`).join(" and ");
        return ["", filter ? `(${filter}) and ${words}` : words, null];
      }
      if (!selected || !selected.range || !drawn || !drawn.meta) return [no, no, no];
      const text = (ends) => ends.map((end) => Number(Number(end).toPrecision(6))).sort((a, b) => a - b).join(":");
      const [x, y] = drawn.meta.columns;
      return [`${x}:${text(selected.range.x)},${y}:${text(selected.range.y)}`, no, no];
    },

    chip(box) {
      if (!box) return ["", true];
      const words = box.split(",").map((part) => {
        const [name, low, high] = part.split(":");
        return `${name.replace("_", " ")} ${number(low)} to ${number(high)}`;
      });
      return ["Only the box: " + words.join(", "), false];
    },
  };
})();
