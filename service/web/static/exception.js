"use strict";
// An open exception asks how it stands when something has changed, and says so without moving anything; to print, all is open.
(() => {
  const AT_MOST_MS = 1500, HALF_A_MINUTE_MS = 30000;
  let waiting = null, opened = [];

  function refresh() {
    waiting = null;
    const now = document.querySelector("#now[hx-get]"); // an auditor's page asks for nothing by itself: every read is written down
    if (now) htmx.trigger(now, "refresh");
  }

  const soon = () => { waiting ??= setTimeout(refresh, AT_MOST_MS); };
  document.addEventListener("queue-changed", soon);
  setInterval(() => { if (!document.hidden) soon(); }, HALF_A_MINUTE_MS);

  // after a form was sent its answer is looked at, wherever on the page the form was
  let left = null;
  document.addEventListener("submit", () => { left = document.querySelector("article.exception"); });
  document.addEventListener("htmx:after:swap", () => {
    if (!left || left.isConnected) return;
    left = null;
    (document.querySelector(".work [role=alert]") ?? document.getElementById("now"))?.scrollIntoView({ block: "nearest" });
  });

  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("article.exception .evidence details:not([open])")];
    for (const one of opened) one.open = true;
  });
  addEventListener("afterprint", () => { for (const one of opened) one.open = false; });
})();
