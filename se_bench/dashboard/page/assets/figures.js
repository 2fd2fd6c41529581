// Figures: theme, scale and what the reader has chosen, laid over the server's drawing; buttons for the view.
(function () {
  "use strict";
  const dash = (window.dash_clientside = window.dash_clientside || {});
  const RING = { symbol: "circle-open", size: 22, color: "#D55E00", line: { width: 3 } };
  const HERE = { symbol: "circle-open", size: 18, color: "#0072B2", line: { width: 3 } };

  // "xaxis.type" -> layout.xaxis.type, in copies: the drawing itself stays as it came.
  function put(layout, path, value) {
    const keys = path.split(".");
    let here = layout;
    for (const key of keys.slice(0, -1)) {
      const below = here[key];
      here = here[key] = typeof below === "object" && below !== null ? Object.assign({}, below) : {};
    }
    here[keys[keys.length - 1]] = value;
  }

  function overlay(name, points, marker, words) {
    return {
      type: "scatter", mode: words ? "markers+text" : "markers", name, marker, showlegend: false, hoverinfo: "skip",
      x: points.map((point) => point[0]), y: points.map((point) => point[1]), cliponaxis: false,
      text: words ? points.map((point) => point[2]) : undefined, textposition: "top center", textfont: { size: 11 },
    };
  }

  // The scale of x, intervals or none, rings around chosen trials, and a place for the highlight: the last trace.
  function looked(drawn, layout, look) {
    const scale = look.xs === "auto" ? drawn.meta.scale : look.xs;
    put(layout, "xaxis.type", scale);
    put(layout, "xaxis.uirevision", layout.uirevision + " " + scale); // a range of another scale means nothing
    const data = look.ci !== "0" ? drawn.data : drawn.data.map((trace) =>
      trace.error_y ? Object.assign({}, trace, { error_y: Object.assign({}, trace.error_y, { visible: false }) }) : trace);
    return [...data, overlay("chosen", look.rings || [], RING, true), overlay("here", [], HERE, false)];
  }

  dash.figures = {
    draw(drawn, look, mode, themes) {
      if (!drawn) return [dash.no_update, dash.no_update];
      if (!drawn.data) return [dash.no_update, "stage nothing"];
      const layout = Object.assign({}, drawn.layout);
      for (const [path, value] of Object.entries(themes[mode] || {})) put(layout, path, value);
      return [{ data: look ? looked(drawn, layout, look) : drawn.data, layout }, "stage"];
    },

    // The point of a row of the table, in the figure beside it.
    highlight(row) {
      const graph = document.querySelector("[id*='\"by\":\"front\"'] .js-plotly-plot");
      if (!graph || !graph.data || !dash.front) return;
      const place = graph.data.length - 1;
      const point = row && dash.front.columns.map((name) => row[name]);
      const known = point && point.every((value) => typeof value === "number");
      if (graph.data[place].name !== "here" || (!known && !graph.data[place].x.length)) return;
      window.Plotly.restyle(graph, { x: [known ? [point[0]] : []], y: [known ? [point[1]] : []] }, [place]);
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
