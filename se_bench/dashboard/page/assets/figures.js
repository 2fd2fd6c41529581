// Figures: the theme laid over the server's drawing, and buttons for the view.
(function () {
  "use strict";
  const dash = (window.dash_clientside = window.dash_clientside || {});

  // "xaxis.gridcolor" -> layout.xaxis.gridcolor, in copies: the drawing itself stays as it came.
  function put(layout, path, value) {
    const keys = path.split(".");
    let here = layout;
    for (const key of keys.slice(0, -1)) {
      const below = here[key];
      here = here[key] = typeof below === "object" && below !== null ? Object.assign({}, below) : {};
    }
    here[keys[keys.length - 1]] = value;
  }

  function themed(drawn, changes) {
    const layout = Object.assign({}, drawn.layout);
    const axes = Object.keys(layout).filter((key) => /^[xy]axis\d*$/.test(key));
    for (const [path, value] of Object.entries(changes || {})) {
      const [first, ...rest] = path.split(".");
      const places = /^[xy]axis$/.test(first) ? axes.filter((key) => key.startsWith(first)) : [first];
      for (const place of places.length ? places : [first]) put(layout, [place, ...rest].join("."), value);
    }
    return layout;
  }

  dash.figures = {
    draw(drawn, mode, themes) {
      if (!drawn) return [dash.no_update, dash.no_update];
      if (!drawn.data) return [dash.no_update, "stage nothing"];
      return [{ data: drawn.data, layout: themed(drawn, themes[mode]) }, "stage"];
    },
  };

  // Half or twice the range of both axes around its middle, or everything; a category axis stays whole.
  function changed(layout, what) {
    const changes = {};
    for (const name of ["xaxis", "yaxis"]) {
      const axis = layout[name];
      if (!axis) continue;
      if (what === "reset") {
        changes[name + ".autorange"] = true;
      } else if (axis.type !== "category") {
        const [low, high] = axis.range.map(axis.type === "date" ? (day) => new Date(day).getTime() : Number);
        const reach = (high - low) * (what === "in" ? 0.25 : 1);
        changes[name + ".range"] = [(low + high) / 2 - reach, (low + high) / 2 + reach];
      }
    }
    return changes;
  }

  document.addEventListener("click", function (event) {
    const button = event.target.closest && event.target.closest("button.view");
    if (!button) return;
    const graph = button.closest(".stage").querySelector(".js-plotly-plot");
    if (graph && graph._fullLayout) window.Plotly.relayout(graph, changed(graph._fullLayout, button.dataset.view));
  });
})();
