"use strict";
// Rows arrive live, yet never move under the pointer; and a page that is no longer live says so.
(() => {
  const REST_MS = 1500, SILENT_MS = 10000;
  const byId = (id) => document.getElementById(id);
  let heard = Date.now(), busyUntil = 0, waiting = null;

  const seen = () => new Set([...document.querySelectorAll("#queue tbody tr")].map((row) => row.id));
  let known = seen();

  function refresh() {
    const queue = byId("queue");
    clearTimeout(waiting);
    waiting = null;
    if (!queue) return;
    const rest = busyUntil - Date.now();
    byId("held").hidden = rest <= 0;
    if (rest > 0) waiting = setTimeout(refresh, rest);
    else htmx.trigger(queue, "refresh");
  }

  function markNew() {
    for (const row of document.querySelectorAll("#queue tbody tr")) {
      row.classList.toggle("fresh", !known.has(row.id));
    }
    known = seen();
  }

  function say() {
    const silent = Math.round((Date.now() - heard) / 1000);
    const lost = Date.now() - heard > SILENT_MS;
    byId("dot")?.classList.toggle("lost", lost);
    const line = byId("line"), words = lost ? `not live: nothing heard from sorwatch for ${silent} s` : "";
    if (line && line.textContent !== words) line.textContent = words;
  }

  document.addEventListener("queue-changed", (event) => {
    heard = Date.now();
    const news = JSON.parse(event.detail.data);
    if (byId("queue")) document.title = `${news.waiting} to look at · sorwatch`;
    refresh();
  });
  document.addEventListener("pulse", (event) => {
    heard = Date.now();
    byId("dot")?.classList.add("on");
    byId("pulse").textContent = JSON.parse(event.detail.data).words;
    say();
  });
  document.addEventListener("signed-out", () => location.reload());
  document.addEventListener("htmx:after:swap", markNew);
  document.addEventListener("pointermove", (event) => {
    if (event.target.closest?.("#queue tbody")) busyUntil = Date.now() + REST_MS;
  }, { passive: true });
  document.addEventListener("keydown", () => {
    if (document.activeElement?.closest("#queue tbody")) busyUntil = Date.now() + REST_MS;
  });
  setInterval(say, 1000);
})();
