"use strict";
// A page that is no longer live says so.
(() => {
  const SILENT_MS = 10000;
  const byId = (id) => document.getElementById(id);
  let heard = Date.now(), leaving = false;

  function say() {
    const silent = Math.round((Date.now() - heard) / 1000);
    const lost = Date.now() - heard > SILENT_MS;
    byId("dot")?.classList.toggle("lost", lost);
    const line = byId("line"), words = lost ? `not live: nothing heard from sorwatch for ${silent} s` : "";
    if (line && line.textContent !== words) line.textContent = words;
  }

  document.addEventListener("queue-changed", () => { heard = Date.now(); });
  document.addEventListener("pulse", (event) => {
    heard = Date.now();
    byId("dot")?.classList.add("on");
    const told = JSON.parse(event.detail.data), unheard = byId("unheard");
    byId("pulse").textContent = told.words;
    if (unheard && byId("unheard-words").textContent !== told.alerts) {
      byId("unheard-words").textContent = told.alerts;
      unheard.hidden = !told.alerts;
    }
    say();
  });
  // who logs out here hears it while the answer is on its way: to reload then would throw the answer away
  document.addEventListener("submit", (event) => { leaving ||= event.target.matches(".actor"); });
  window.addEventListener("pageshow", () => { leaving = false; });
  document.addEventListener("signed-out", () => { if (!leaving) location.reload(); });
  setInterval(say, 1000);
})();
