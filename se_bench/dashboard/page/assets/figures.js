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
      text: words ? points.map((point) => point[2]) : undefined, textposition: "bottom left", textfont: { size: 14, color: RING.color },
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

  // Dash writes a view that the reader has chosen into the figure, where Plotly takes it for the server's and lets it
  // go at the next drawing in spite of uirevision. So it is carried over here, where it is not the drawing's own.
  function keepView(layout, before) {
    const own = {};
    for (const name of Object.keys(layout).filter((key) => /^[xy]axis\d*$/.test(key))) {
      own[name] = layout[name].range || null;
      const old = before && before.uirevision === layout.uirevision && before.meta && before[name];
      if (!old || old.autorange !== false || !old.range || old.uirevision !== layout[name].uirevision) continue;
      if (JSON.stringify(old.range) === JSON.stringify(before.meta.own[name])) continue;
      put(layout, name + ".range", old.range);
      put(layout, name + ".autorange", false);
    }
    layout.meta = { own };
  }

  dash.figures = {
    draw(drawn, look, mode, themes, before) {
      if (!drawn) return [dash.no_update, dash.no_update, dash.no_update];
      if (!drawn.data) return [dash.no_update, "stage nothing", dash.no_update];
      const layout = Object.assign({}, drawn.layout);
      for (const [path, value] of Object.entries(themes[mode] || {})) put(layout, path, value);
      const data = look ? looked(drawn, layout, look) : drawn.data;
      keepView(layout, before && before.layout);
      const stage = data.every((trace) => trace.type === "parcoords") ? "stage plain" : "stage";
      return [{ data, layout }, stage, { height: layout.height + "px" }]; // or a tall figure lies on what is below it
    },

    // A figure's points as a table, in the browser's own elements: as components of Dash, which looks at all of them
    // after every answer, they made each change of the page seconds slower.
    list(found, id) {
      const place = document.getElementById(JSON.stringify(id, Object.keys(id).sort()));
      const add = (to, tag, text, look) => {
        const made = document.createElement(tag);
        if (text !== undefined) made.textContent = text;
        if (look) made.className = look;
        return to.appendChild(made);
      };
      place.replaceChildren();
      if (!found || !found.rows.length) return "listed";
      const look = (column) => (found.words.includes(column) ? "words" : "");
      const frame = add(place, "div", undefined, "scroll");
      frame.tabIndex = 0;
      frame.setAttribute("role", "region");
      frame.setAttribute("aria-label", "Data of the figure");
      const table = add(frame, "table");
      const head = add(add(table, "thead"), "tr");
      found.columns.forEach((name, column) => { add(head, "th", name, look(column)).scope = "col"; });
      const body = add(table, "tbody");
      for (const row of found.rows) {
        const line = add(body, "tr");
        row.forEach((cell, column) => add(line, "td", cell, look(column)));
      }
      if (found.more) add(place, "p", found.more, "soft");
      return "listed";
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

  // The view that the drawing itself has: its own ranges, else all of the data.
  function whole(layout) {
    const changes = {};
    for (const [name, range] of Object.entries(layout.meta.own)) {
      changes[range ? name + ".range" : name + ".autorange"] = range || true;
    }
    return changes;
  }

  // The buttons below a figure. Zoom presses those of its own bar, which knows every kind of axis.
  document.addEventListener("click", function (event) {
    const button = event.target.closest && event.target.closest("button.view");
    if (!button) return;
    const graph = button.closest(".stage").querySelector(".js-plotly-plot");
    const what = button.dataset.view;
    if (what === "reset") return void window.Plotly.relayout(graph, whole(graph.layout));
    const own = graph.querySelector(`.modebar-btn[data-attr="zoom"][data-val="${what}"]`);
    if (own) own.click();
  });
})();
