// The Pareto figure: what is clicked and hovered, and the front at a budget, answered from its members.
(function () {
  "use strict";
  const dash = (window.dash_clientside = window.dash_clientside || {});
  const WITHIN = 0.05; // the widest distance from the best that the slider reaches, as a share of its value

  function number(value) {
    return Number.isInteger(value) ? value.toLocaleString("en-US") :
      value.toLocaleString("en-US", { maximumSignificantDigits: 4 });
  }

  function distanceInWords(name, value) {
    return name.endsWith("accuracy") ? `${(100 * value).toFixed(2)} points` : `${number(value)} of ${name}`;
  }

  // A place from 0 to 1000 between two costs, by their ratio.
  function between(low, high, place) {
    return low > 0 ? low * Math.pow(high / low, place / 1000) : low + ((high - low) * place) / 1000;
  }

  function point(event, drawn) {
    const hit = event && event.points && event.points[0];
    if (!hit || !drawn || !drawn.data || hit.curveNumber >= drawn.data.length) return null;
    const { question, mark, window } = drawn.meta;
    return { curve: hit.curveNumber, point: hit.pointNumber, question, mark, window };
  }

  dash.front = {
    columns: [],

    look(xs, ci, rings) { return { xs, ci, rings }; },

    // What is in sight of a figure whose points are too many to be drawn: the server draws it anew.
    window(event, drawn, before) {
      if (!event || !drawn || !drawn.meta || !drawn.meta.dense) return dash.no_update;
      const graph = document.querySelector("[id*='\"by\":\"front\"'] .js-plotly-plot");
      const [x, y] = ["xaxis", "yaxis"].map((name) => graph._fullLayout[name]);
      const value = (axis) => axis.range.map((end) => (axis.type === "log" ? Math.pow(10, end) : end));
      const now = graph.layout.xaxis.autorange || graph.layout.yaxis.autorange ? null : { x: value(x), y: value(y) };
      return JSON.stringify(now) === JSON.stringify(before || null) ? dash.no_update : now;
    },

    point(event, drawn) {
      if (!event) return [dash.no_update, dash.no_update];
      return [point(event, drawn) || dash.no_update, null]; // null: the same point can be clicked again
    },

    // Of a cloud only the point under the pointer is asked for; other points carry their words with them.
    hover(event, drawn) {
      const found = point(event, drawn);
      return found && drawn.data[found.curve].type === "scattergl" ? found : null;
    },

    drop(clicks, sel) {
      const place = clicks.findIndex((times) => times);
      const triggered = dash.callback_context.triggered[0];
      if (place < 0 || !triggered || !triggered.value) return dash.no_update;
      const gone = JSON.parse(triggered.prop_id.slice(0, triggered.prop_id.lastIndexOf("."))).drop;
      return sel.split(",").filter((each) => each !== gone).join(",");
    },

    budgets(most, within, drawn) {
      const meta = drawn && drawn.meta;
      if (!meta || !meta.front || !meta.front.x.length) return ["", ""];
      dash.front.columns = meta.columns;
      const { x, y, names } = meta.front;
      const [cost, gain] = meta.names;
      const order = x.map((_, place) => place);
      const limit = between(Math.min(...x), Math.max(...x), Number(most));
      const best = (places) => places.reduce((a, b) => ((meta.high ? y[b] > y[a] : y[b] < y[a]) ? b : a));
      const cheapest = (places) => places.reduce((a, b) => ((meta.cheap ? x[b] < x[a] : x[b] > x[a]) ? b : a));
      const reached = order.filter((place) => (meta.cheap ? x[place] <= limit * (1 + 1e-9) : x[place] >= limit));
      const top = best(order);
      const distance = Math.abs(y[top]) * WITHIN * (Number(within) / 1000);
      const near = order.filter((place) => Math.abs(y[place] - y[top]) <= distance + 1e-12);
      const words = (place) => `${names[place]}: ${gain} ${number(y[place])} at ${number(x[place])} ${cost}`;
      const asked = Number(most) === 1000 ? "any cost" : `${number(Math.round(limit))} ${cost}`;
      return [
        `${asked} → ${words(best(reached.length ? reached : [cheapest(order)]))}`,
        `${distanceInWords(gain, distance)} of the best → ${words(cheapest(near))}`,
      ];
    },
  };
})();
