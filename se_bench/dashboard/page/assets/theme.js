// The theme before anything is drawn: what the reader chose here before, else what the system prefers.
(function () {
  "use strict";
  let chosen = null;
  try { chosen = window.localStorage.getItem("se-bench-theme"); } catch (denied) { /* then the system's */ }
  const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = chosen || (dark ? "dark" : "light");
})();
