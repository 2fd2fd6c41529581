// Native lists and buttons that stay pressed: each writes the hidden part of the address that is called like it.
(function () {
  "use strict";
  const dash = (window.dash_clientside = window.dash_clientside || {});

  function write(key, value) { dash.set_props({ control: key }, { value }); }

  document.addEventListener("change", function (event) {
    const list = event.target;
    if (list.tagName === "SELECT" && list.dataset.control) write(list.dataset.control, list.value);
  });

  document.addEventListener("click", function (event) {
    const button = event.target.closest && event.target.closest("button[data-control]");
    if (!button) return;
    const key = button.dataset.control;
    const all = [...document.querySelectorAll(`button[data-control="${key}"]`)];
    const many = button.dataset.many !== undefined;
    for (const each of all) {
      const pressed = each.getAttribute("aria-pressed") === "true";
      const now = each === button ? (many ? !pressed : true) : many && pressed;
      each.setAttribute("aria-pressed", String(now));
    }
    write(key, all.filter((each) => each.getAttribute("aria-pressed") === "true").map((each) => each.dataset.value).join(","));
  });
})();
