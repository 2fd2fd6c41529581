// What the table of trials calls by name.
(function () {
  "use strict";
  const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
  const components = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  const figures = () => window.dash_clientside.figures;

  functions.seBenchTheme = function (quartz) {
    return quartz.withParams({
      backgroundColor: "var(--paper)", foregroundColor: "var(--ink)", borderColor: "var(--line)",
      headerBackgroundColor: "var(--head)", headerTextColor: "var(--ink)", oddRowBackgroundColor: "var(--paper)",
      rowHoverColor: "var(--head)", accentColor: "var(--focus)", fontFamily: "inherit", fontSize: 14,
      cellHorizontalPadding: 10, wrapperBorderRadius: 4, browserColorScheme: "inherit",
    });
  };

  // Up and down in the table show the trial in the figure; Enter opens its page.
  functions.seBenchFocused = function (params) {
    const row = params.rowIndex === null ? null : params.api.getDisplayedRowAtIndex(params.rowIndex);
    figures().highlight(row && row.data);
  };
  functions.seBenchKey = function (params) {
    if (params.event.key === "Enter" && params.data) window.dash_clientside.page.go(params.data.href);
  };

  components.TrialLink = function (props) {
    if (!props.data) return null;
    const open = function (event) {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      window.dash_clientside.page.go(props.data.href);
    };
    return window.React.createElement("a", { href: props.data.href, onClick: open, tabIndex: -1 }, props.value);
  };
})();
