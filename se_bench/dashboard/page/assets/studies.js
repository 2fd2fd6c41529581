// The list of studies: its order, and which are ticked to be compared.
(function () {
  "use strict";
  const dash = (window.dash_clientside = window.dash_clientside || {});

  dash.studies = {
    // The column of the button that was pressed; pressed again, the other way round.
    sort(clicks, sort) {
      const hit = dash.callback_context.triggered[0];
      if (!hit || !hit.value) return dash.no_update;
      const name = JSON.parse(hit.prop_id.slice(0, hit.prop_id.lastIndexOf("."))).sort;
      return sort === "-" + name ? name : "-" + name;
    },

    compare(ids, href) {
      const path = href.split("?")[0];
      return ids ? path + "?" + new URLSearchParams({ ids }) : path;
    },
  };
})();
