// The address is the state of a page: controls write it, the server reads it, Back undoes it.
(function () {
  "use strict";
  const dash = (window.dash_clientside = window.dash_clientside || {});
  let shown = null;

  // What the controls say, without what is at its default, in the order of the defaults: always the same text.
  function spelled(values, keys) {
    const found = new URLSearchParams();
    for (const key of keys) {
      if (values[key] !== undefined) found.append(key, values[key]);
    }
    const text = found.toString();
    return text ? "v=1&" + text : "";
  }

  function same(one, other) {
    return new URLSearchParams(one || "").toString() === new URLSearchParams(other || "").toString();
  }

  function asText(value) {
    if (Array.isArray(value)) return value.join(",");
    return value === null || value === undefined ? "" : String(value);
  }

  dash.page = {
    // A new page is built where the address is not the one that the present page has written itself.
    route(pathname, search, applied) {
      if (!pathname) return dash.no_update;
      const here = pathname + (search || "");
      return here === applied ? dash.no_update : { pathname, search: search || "", at: performance.now() };
    },

    // Another page, as a click on one of its links.
    go(href) {
      window.history.pushState({}, "", href);
      window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    },

    // Controls -> [what the whole page shows, what must be asked of the server].
    query(entries, ids, known, query, question) {
      if (!known) return [dash.no_update, dash.no_update];
      const values = {};
      ids.forEach((id, place) => {
        const text = asText(entries[place]);
        if (text !== known.defaults[id.control]) values[id.control] = text;
      });
      const now = spelled(values, Object.keys(known.defaults));
      const asked = spelled(values, known.asks);
      return [same(now, query) ? dash.no_update : now, same(asked, question) ? dash.no_update : asked];
    },

    // What the page shows -> the address. As a page comes only the spelling can differ: nothing to go back to.
    address(query, rendered, known) {
      if (rendered === undefined || rendered === null) return [dash.no_update, dash.no_update];
      const search = query ? "?" + query : "";
      const first = shown !== rendered;
      shown = rendered;
      if (search.length > known.longest) return [dash.no_update, dash.no_update];
      const here = window.location.pathname + search;
      if (window.location.search !== search) {
        window.history[first ? "replaceState" : "pushState"]({}, "", here);
      }
      return [here, search];
    },

    // A page has come: its title, and for those who move by keyboard or ear its beginning.
    arrived(title, before) {
      document.title = title ? title + " – se-bench" : "se-bench";
      if (before !== undefined && before !== null) {
        window.scrollTo(0, 0);
        const content = document.getElementById("content");
        if (content) content.focus({ preventScroll: true });
      }
      return title;
    },

    theme(clicks) {
      const root = document.documentElement;
      if (clicks) {
        root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
        try { window.localStorage.setItem("se-bench-theme", root.dataset.theme); } catch (denied) { /* until reload */ }
      }
      const other = root.dataset.theme === "dark" ? "Light" : "Dark";
      return [root.dataset.theme, other, "Switch to " + other.toLowerCase() + " colours"];
    },
  };
})();
