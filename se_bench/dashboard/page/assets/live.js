// Live refresh: how often to ask whether something is new, and what to say about it.
(function () {
  "use strict";
  const dash = (window.dash_clientside = window.dash_clientside || {});
  const STEPS = [2000, 5000, 10000, 30000, 60000];
  const ACTIVE = 2500; // while trials are running: a new result is to be seen within 5 s
  const LATE = 12000;
  let inFlight = 0, heard = Date.now(), paused = false, finished = false, still = true, lost = "";

  function say(text) {
    const banner = document.getElementById("banner");
    if (!banner || banner.dataset.live === text) return;
    banner.dataset.live = text;
    banner.textContent = text;
    banner.hidden = !text;
  }

  function age() {
    const place = document.getElementById("age");
    if (!place) return;
    const button = document.getElementById("refresh");
    if (button) button.hidden = still;
    if (still) { place.textContent = ""; return; }
    const seconds = Math.round((Date.now() - heard) / 1000);
    const ago = seconds < 60 ? seconds + " s" : Math.round(seconds / 60) + " min";
    place.textContent = (finished ? "Finished, as of " : paused ? "Paused, as of " : "Checked ") + ago + " ago";
    if (inFlight && Date.now() - inFlight > LATE) {
      inFlight = 0;
      say("The server does not answer. What you see is the last that it said.");
    }
  }

  dash.live = {
    // A tick or the button -> a question, unless one is under way or nobody looks.
    ask(ticks, clicks, subject) {
      const button = dash.callback_context.triggered.some((each) => each.prop_id.startsWith("refresh"));
      if (!subject || subject.still || (!button && (inFlight || document.hidden))) return dash.no_update;
      inFlight = Date.now();
      return inFlight;
    },

    // The answer -> a new mark where something changed, and when to ask again.
    hear(beat, subject, mark, interval) {
      const newPage = dash.callback_context.triggered.some((each) => each.prop_id.startsWith("subject"));
      inFlight = 0;
      if (newPage || !beat) {
        heard = Date.now();
        finished = false;
        still = !subject || Boolean(subject.still);
        age();
        return [mark, STEPS[0], Boolean(subject && subject.still)]; // the mark as it is, or what waits for it never starts
      }
      lost = beat.error ? "The database cannot be read: " + beat.error + " What you see is the last that it said." : "";
      say(lost);
      if (beat.error) return [dash.no_update, STEPS[2], false];
      heard = Date.now();
      finished = beat.finished;
      const changed = beat.mark !== mark;
      const slower = STEPS.find((step) => step > interval) || STEPS[STEPS.length - 1];
      const next = changed ? STEPS[0] : beat.active ? ACTIVE : slower;
      return [changed ? beat.mark : dash.no_update, next, beat.finished];
    },
  };

  document.addEventListener("visibilitychange", function () {
    paused = document.hidden;
    if (!paused && dash.set_props) dash.set_props("tick", { interval: STEPS[0], disabled: false });
    age();
  });
  window.setInterval(age, 1000);
})();
