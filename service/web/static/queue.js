"use strict";
// The list by keyboard, and live: what changes does so in place, what is new waits until it is asked for.
(() => {
  const byId = (id) => document.getElementById(id);
  const all = (what, where = document) => [...where.querySelectorAll(what)];
  const EASE_MS = 1500, AFRESH_MS = 30000, GO_MS = 1200, PLACES = { q: "/", d: "/days", r: "/readiness" };
  const queue = byId("queue");

  // --- a decision over many goes on by itself while its page is open ---
  const going = byId("going");
  async function goOn() {
    const told = new URLSearchParams(new FormData(going));
    told.set("part", "1");
    const answer = await fetch(going.action, { method: "POST", body: told });
    if (!answer.ok) return location.reload();
    const how = await answer.json();
    byId("how-far").textContent = how.words;
    byId("progress").value = Number((how.words.match(/: ([\d,]+) of/)?.[1] ?? "").replaceAll(",", "")) || byId("progress").max;
    return how.finished ? location.reload() : goOn();
  }
  if (going && location.hash === "#go") goOn();
  going?.addEventListener("submit", (event) => { event.preventDefault(); going.querySelector("button").disabled = true; goOn(); });
  if (!queue) return;

  const rows = () => all("tbody tr", queue);
  const current = () => queue.querySelector("tbody tr[tabindex='0']");
  const boxOf = (row) => row.querySelector("input[name=case]");
  const every = document.querySelector("input[name=all]");
  const say = (words) => { byId("said").textContent = words; };
  let latest = null, timer = null, asked = 0, chord = 0;

  // --- focus and selection ---
  function stand(row, focus = true) {
    if (!row) return;
    for (const other of all("tbody tr[tabindex='0']", queue)) other.tabIndex = -1;
    row.tabIndex = 0;
    if (focus) { row.focus(); row.scrollIntoView({ block: "nearest" }); }
  }
  function move(by) {
    const list = rows(), place = list.indexOf(current());
    const held = document.activeElement?.closest("#queue tbody tr");
    stand(held ? list[Math.min(list.length - 1, Math.max(0, place + by))] : list[Math.max(0, place)]);
  }
  const selected = () => rows().filter((row) => boxOf(row)?.checked && !row.classList.contains("left"));
  function tell() {
    const many = selected().length;
    for (const row of rows()) row.classList.toggle("chosen", Boolean(boxOf(row)?.checked));
    if (byId("selected")) byId("selected").textContent = every?.checked ? "all that match" : many ? `${many} selected` : "select with the boxes";
  }
  queue.addEventListener("change", tell);
  every?.addEventListener("change", tell);
  queue.addEventListener("focusin", (event) => { const row = event.target.closest("tbody tr"); if (row) stand(row, false); });

  // --- decisions ---
  function meant(action) {
    const told = new URLSearchParams({ action, query: queue.dataset.query });
    if (every?.checked) { told.set("all", "1"); return told; }
    const chosen = selected(), held = document.activeElement?.closest("#queue tbody tr") ?? current();
    for (const row of chosen.length ? chosen : held ? [held] : []) told.append("case", row.dataset.case);
    return told.has("case") ? told : null;
  }
  async function decide(action) {
    const told = meant(action);
    if (!told) return say("There is nothing to do that to.");
    if (action === "acknowledge" && !told.has("all")) {
      const numbers = told.getAll("case");
      if (numbers.length === 1) told.set("seen", byId(`exception-${numbers[0]}`).dataset.n);
      told.set("csrf", document.querySelector("input[name=csrf]")?.value ?? "");
      return send(told);
    }
    told.set("part", "1");
    wait();
    const answer = await fetch(`/decide?${told}`);
    return show(await answer.text());
  }
  function wait() {  // what is typed before the form has come must not be taken for keys of the list
    byId("deed").textContent = "One moment …";
    byId("deed").showModal();
  }
  function show(text) {
    const dialog = byId("deed");
    dialog.replaceChildren(...new DOMParser().parseFromString(text, "text/html").body.childNodes);
    if (!dialog.open) dialog.showModal();
    dialog.querySelector("select, textarea, input:not([type=hidden]), button")?.focus();
  }
  async function send(told) {
    told.set("part", "1");
    const answer = await fetch("/decide", { method: "POST", body: told });
    if (!(answer.headers.get("content-type") ?? "").includes("json")) return show(await answer.text());
    const done = await answer.json();
    if (byId("deed").open) byId("deed").close();
    if (done.where) { location.href = `${done.where}#go`; return undefined; }
    say(done.words);
    for (const row of rows()) if (boxOf(row)) boxOf(row).checked = false;
    if (every) every.checked = false;
    tell();
    return refresh();
  }
  byId("deed").addEventListener("submit", (event) => { event.preventDefault(); send(new URLSearchParams(new FormData(event.target))); });
  byId("deed").addEventListener("click", (event) => { if (event.target.closest(".cancel")) { event.preventDefault(); byId("deed").close(); } });
  byId("deed").addEventListener("close", () => stand(current()));
  byId("choice")?.addEventListener("submit", (event) => { event.preventDefault(); decide(event.submitter?.value ?? ""); });

  // --- live ---
  async function refresh() {
    clearTimeout(timer);
    timer = null;
    const turn = ++asked;
    const answer = await fetch(`/rows?${queue.dataset.query}`, { headers: { "HX-Request": "true" } });
    if (answer.headers.has("hx-redirect")) return location.assign(answer.headers.get("hx-redirect"));
    if (!answer.ok || turn !== asked) return undefined;
    latest = new DOMParser().parseFromString(await answer.text(), "text/html").body;
    return bring();
  }
  function bring() {
    const now = new Map(all("tbody tr", latest).map((row) => [row.id, row]));
    const here = new Set(rows().map((row) => row.id));
    for (const row of rows()) {
      const fresh = now.get(row.id);
      row.classList.toggle("left", !fresh);
      if (fresh) inPlace(row, fresh);
    }
    const count = [...now.keys()].filter((id) => !here.has(id)).length;
    const news = byId("news"), words = count ? `${count} new — show` : "";
    news.hidden = !count || !queue.dataset.first;
    if (news.textContent !== words) news.textContent = words;
    counts(latest.querySelector("[data-steps]"));
    tell();
  }
  function inPlace(row, fresh) {
    [...row.cells].forEach((cell, place) => {
      if (place === 0 || cell.innerHTML === fresh.cells[place].innerHTML) return;
      const held = cell.contains(document.activeElement);
      cell.innerHTML = fresh.cells[place].innerHTML;
      cell.title = fresh.cells[place].title;
      if (held) row.focus();
      row.classList.add("changed");
    });
    const kept = ["left", "chosen", "changed"].filter((name) => row.classList.contains(name));
    row.className = [fresh.className, ...kept].join(" ");
    row.dataset.n = fresh.dataset.n;
  }
  function counts(told) {
    if (!told) return;
    document.title = `${told.dataset.waiting} to look at · sorwatch`;
    const many = Number(told.dataset.count);
    byId("how-many").querySelector("b").textContent = many.toLocaleString("en-US");
    (told.dataset.tabs ?? "").split("|").forEach((count, place) => { const tab = document.querySelector(`[data-tab='${place}']`); if (tab && count) tab.textContent = count; });
    for (const pair of (told.dataset.severities ?? "").split(";").filter(Boolean)) {
      const [name, count] = pair.split("=");
      const mark = document.querySelector(`[data-severity='${name}']`);
      if (mark) mark.textContent = count;
    }
  }
  function showNew() {
    if (!latest) return;
    const held = current()?.id, focused = Boolean(document.activeElement?.closest("#queue")), place = rows().indexOf(current());
    const known = new Set(rows().map((row) => row.id)), chosen = new Set(selected().map((row) => row.id));
    queue.replaceChildren(...latest.childNodes);
    latest = null;
    for (const row of rows()) {
      row.classList.toggle("fresh", !known.has(row.id));
      if (chosen.has(row.id) && boxOf(row)) boxOf(row).checked = true;
    }
    stand(byId(held) ?? rows()[Math.min(Math.max(0, place), rows().length - 1)], focused);
    byId("news").hidden = true;
    say("The list is up to date.");
    tell();
  }
  byId("news").addEventListener("click", showNew);
  document.addEventListener("queue-changed", () => { timer ??= setTimeout(refresh, queue.dataset.first ? EASE_MS : 2 * EASE_MS); });
  setInterval(() => { timer ??= setTimeout(refresh, 0); }, AFRESH_MS);

  // --- keys ---
  const help = byId("help");
  byId("help-button").hidden = false;
  byId("help-button").addEventListener("click", () => help.showModal());
  const KEYS = {
    j: () => move(1), k: () => move(-1), ArrowDown: () => move(1), ArrowUp: () => move(-1),
    Enter: () => document.activeElement.closest("#queue tbody tr")?.querySelector(".what a")?.click(),
    x: () => { const box = current() && boxOf(current()); if (box) { box.checked = !box.checked; tell(); } },
    X: () => { const open = rows().filter((row) => boxOf(row)), on = !open.every((row) => boxOf(row).checked); for (const row of open) boxOf(row).checked = on; tell(); },
    a: () => decide("acknowledge"), e: () => decide("escalate"), c: () => decide("close"), s: () => decide("shelve"),
    "/": () => { byId("search").focus(); byId("search").select(); }, n: () => { if (latest && !byId("news").hidden || rows().some((row) => row.classList.contains("left"))) showNew(); else refresh(); },
    "?": () => help.showModal(), g: () => { chord = Date.now(); },
  };
  document.addEventListener("keydown", (event) => {
    const field = event.target.closest("input:not([type=checkbox]), select, textarea, dialog") || document.querySelector("dialog[open]");
    if (event.key === "Escape" && event.target.id === "search") stand(current());
    if (field || event.ctrlKey || event.metaKey || event.altKey) return;
    const place = Date.now() - chord < GO_MS && PLACES[event.key];
    if (place) { chord = 0; location.href = place; return; }
    const moves = event.key.startsWith("Arrow") || event.key === "Enter";
    if (moves && !event.target.matches("#queue tbody tr")) return;
    const does = KEYS[event.key];
    if (!does || (!byId("choice") && "xXaecs".includes(event.key))) return;
    event.preventDefault();
    does();
  });
  tell();
})();
