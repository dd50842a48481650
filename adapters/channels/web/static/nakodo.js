// What a page does beyond plain forms and links. Without this file everything still works; it only takes more steps.

const say = (ja, en) => (document.documentElement.lang === "ja" ? ja : en);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const main = () => document.getElementById("main");
const typing = "textarea, select, input:not([type=hidden], [type=checkbox], [type=radio])";

function make(tag, given, ...inside) {
  const { role, ...rest } = given;
  const made = Object.assign(document.createElement(tag), rest);
  if (role) made.setAttribute("role", role);
  made.append(...inside);
  return made;
}

// Half-written words

const written = (within) =>
  all(`form[method=post] :is(${typing}):not(select)`, within).filter((one) => one.value.trim() && one.value !== one.defaultValue);
let leaving = false;
addEventListener("beforeunload", (event) => {
  if (!leaving && written(document).length) event.preventDefault();
});
addEventListener("pageshow", () => (leaving = false));

// Changing a part of the page under somebody's hands: focus, place and what is unfolded stay

const nameOf = (one) => `${one.closest("[id]")?.id} ${one.name ?? ""} ${one.value ?? ""} ${one.textContent}`;
const unfolded = (one) => nameOf(one.querySelector("summary"));

function change(element, work) {
  const reachable = () => all("a[href], button:enabled, summary, input:not([type=hidden]), select, textarea, [tabindex]", element);
  const held = element.contains(document.activeElement) && document.activeElement;
  const place = reachable().indexOf(held);
  const name = held && nameOf(held);
  const opened = all("details[open]", element).map(unfolded);
  const top = element.scrollTop;
  work();
  for (const one of all("details", element)) if (opened.includes(unfolded(one))) one.open = true;
  element.scrollTop = top;
  if (held && !held.isConnected) {
    const now = reachable();
    const next = now.find((one) => nameOf(one) === name) ?? now[Math.min(place, now.length - 1)];
    (next ?? element.closest("[tabindex]")).focus({ preventScroll: true });
  }
  tune();
}

const later = new Map();

function setPart(id, html) {
  const element = document.getElementById(id);
  if (!element) return;
  if (written(element).length) return hold(element, html);
  later.delete(id);
  change(element, () => (element.innerHTML = html));
  if (element.matches("[role=log]")) {
    element.dataset.after = lastOf(element);
    element.scrollTop = element.scrollHeight;
  }
}

// Somebody is writing in it: what is new waits beside their words.
function hold(element, html) {
  later.set(element.id, html);
  element.querySelector(":scope > .notice")?.remove();
  const note = make("div", { className: "notice", role: "status" });
  element.prepend(note);
  if (html.includes("<form")) note.textContent = say("ここに新しい知らせがあります。書きかけの文を送るか消すと表れます。", "There is news here. It shows once you send or clear what you are writing.");
  else note.innerHTML = html;
}
const release = () => later.forEach((html, id) => setPart(id, html));
document.addEventListener("focusout", release);

// Live lists and parts

const numbered = (list) => all(":scope > [data-sequence]", list);
const numberOf = (one) => Number(one.dataset.sequence);
const lastOf = (list) => Math.max(0, ...numbered(list).map(numberOf));

function put(list, html) {
  const made = make("template", { innerHTML: html });
  for (const entry of all("[data-sequence]", made.content)) {
    const into = document.getElementById(entry.dataset.into) ?? list;
    const atEnd = into.scrollHeight - into.scrollTop - into.clientHeight < 80;
    const next = numbered(into).find((one) => numberOf(one) >= numberOf(entry));
    if (next && numberOf(next) === numberOf(entry)) {
      if (!written(next).length) change(into, () => next.replaceWith(entry));
      continue;
    }
    entry.classList.add("fresh");
    into.insertBefore(entry, next ?? null);
    if (atEnd) into.scrollTop = into.scrollHeight;
    mark(into.closest(".panel"));
  }
}

const streams = new Map();

function listen(list, wait = 1000) {
  const address = new URL(list.dataset.liveList, location.href);
  if (list.dataset.after) address.searchParams.set("after", Math.max(list.dataset.after, lastOf(list)));
  const stream = new EventSource(address);
  streams.set(list, stream);
  stream.addEventListener("open", () => (wait = 1000));
  stream.addEventListener("entry", (event) => put(list, event.data));
  stream.addEventListener("part", (event) => {
    const { id, html } = JSON.parse(event.data);
    setPart(id, html);
  });
  stream.addEventListener("error", () => {
    if (stream.readyState !== EventSource.CLOSED) return;
    // After a refusal the browser itself would not try again.
    setTimeout(() => {
      if (streams.get(list) !== stream) return;
      streams.delete(list);
      if (list.isConnected && !document.hidden) listen(list, Math.min(wait * 1.6, 20000));
    }, wait);
  });
}

// A browser opens six connections to one house; those that nobody looks at are given back.
function tune() {
  for (const [list, stream] of streams)
    if (document.hidden || !list.isConnected) {
      stream.close();
      streams.delete(list);
    }
  if (!document.hidden) for (const list of all("[data-live-list]")) if (!streams.has(list)) listen(list);
}
document.addEventListener("visibilitychange", tune);

// Forms

function tell(text) {
  document.querySelector(".notices").replaceChildren(make("div", { className: "notice", role: "alert", textContent: text }));
}

// Another page, or those parts of this one that no stream keeps up to date.
function show(answer, page) {
  if (new URL(answer.url).pathname !== here) {
    history.pushState(null, "", answer.url);
    here = location.pathname;
    document.title = page.title;
    document.body.replaceWith(page.body);
    begin();
    main().focus();
    return scrollTo(0, 0);
  }
  const live = (one) => one.matches("[data-live-list], [data-folds]") || one.querySelector("[data-live-list]");
  const [olds, news] = [main(), page.getElementById("main")].map((one) => [...one.children].filter((some) => !live(some)));
  if (olds.length !== news.length) return written(main()).length || change(main(), () => main().replaceWith(page.getElementById("main")));
  olds.forEach((old, place) => {
    if (!old.isEqualNode(news[place]) && !written(old).length) change(main(), () => old.replaceWith(news[place]));
  });
  foldAll();
}
let here = location.pathname;
addEventListener("popstate", () => location.pathname === here || location.reload());

async function send(form, button) {
  const words = written(form).map((field) => [field, field.value]);
  const buttons = all("button", form);
  const body = new URLSearchParams(new FormData(form, button));
  // Disabled in earnest they would lose the focus.
  buttons.forEach((one) => (one.ariaDisabled = "true"));
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const told = page.getElementById("main")?.textContent.trim().replace(/\s+/g, " ");
    if (!answer.ok || !told) return tell(told || lost());
    for (const [field, value] of words) if (field.value === value) field.value = field.defaultValue;
    form.closest("details.act")?.removeAttribute("open");
    show(answer, page);
    release();
  } catch {
    // To send it again unasked could do it twice, and to leave the page would lose what was written.
    tell(lost());
  } finally {
    buttons.forEach((one) => (one.ariaDisabled = null));
  }
}
const lost = () => say("つながりませんでした。書いたものは残っています。少ししてからもう一度お試しください。", "That did not get through. What you wrote is still here; please try again in a moment.");

document.addEventListener("submit", (event) => {
  const form = event.target;
  leaving = !form.matches("[data-live]");
  if (leaving) return;
  event.preventDefault();
  if (!form.querySelector("[aria-disabled]")) send(form, event.submitter);
});

// Keys

const quiet = () => localStorage.getItem("nakodo-keys") === "off";
const itemOf = (one) => one.closest("[data-item]");

function press(key) {
  const list = document.querySelector(`[data-key-next="${key}"], [data-key-previous="${key}"]`);
  const item = itemOf(document.activeElement);
  if (list) {
    const items = all("[data-item]", list);
    const at = items.indexOf(item) + (list.dataset.keyNext === key ? 1 : -1);
    items[Math.max(0, Math.min(items.length - 1, at))]?.focus();
    return true;
  }
  const found = all(`[data-key="${key}"]`).filter((one) => !one.disabled && one.getClientRects().length);
  const one = found.find((some) => item?.contains(some)) ?? found.find((some) => !item || !itemOf(some));
  one?.focus();
  if (one?.matches(typing)) return true;
  one?.click();
  if (one?.parentElement.open) one.parentElement.querySelector(typing)?.focus();
  return one;
}

document.addEventListener("keydown", (event) => {
  const opened = event.key === "Escape" && event.target.closest("details.act[open]");
  if (opened) {
    opened.open = false;
    opened.querySelector("summary").focus();
  }
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || quiet()) return;
  if (/^[a-z0-9?]$/.test(event.key) && !event.target.closest(typing) && press(event.key)) event.preventDefault();
});

function listKeys() {
  const keyed = new Map(all("[data-key]").map((one) => [one.dataset.key, one.ariaLabel ?? one.textContent.trim()]));
  if (!keyed.size) return;
  const label = () => (quiet() ? say("キー操作を使う", "Turn them on") : say("キー操作を使わない", "Turn them off"));
  const button = make("button", { type: "button", className: "quiet", textContent: label() });
  button.addEventListener("click", () => {
    localStorage.setItem("nakodo-keys", quiet() ? "on" : "off");
    button.textContent = label();
  });
  const items = [...keyed].map(([key, name]) => make("li", {}, make("kbd", { textContent: key }), ` ${name}`));
  const title = make("summary", { textContent: say("キーボードで使う", "Keyboard shortcuts") });
  document.querySelector(".tail").append(make("details", { className: "keys" }, title, make("ul", {}, ...items), button));
}

// Columns become tabs where there is no room for them side by side

const narrow = matchMedia("(max-width: 59.99rem)");

function fold(columns, number) {
  const panels = [...columns.children];
  if (panels.length < 2 || !panels.every((one) => one.matches(".panel") && one.querySelector("h2"))) return;
  const before = columns.previousElementSibling;
  const links = before?.matches("nav.tabs") && before;
  if (links) links.hidden = narrow.matches;
  panels.forEach((panel) => (panel.hidden = false));
  if (!narrow.matches) return panels.forEach((panel) => panel.removeAttribute("role"));
  const kept = `nakodo ${location.pathname} ${number}`;
  const tabs = panels.map((panel, place) => {
    panel.id ||= `panel-${number}-${place}`;
    panel.role = "tabpanel";
    const tab = make("button", { type: "button", role: "tab", id: `${panel.id}-tab`, textContent: panel.querySelector("h2").textContent });
    tab.setAttribute("aria-controls", panel.id);
    tab.addEventListener("click", () => choose(place));
    return tab;
  });
  function choose(chosen) {
    panels.forEach((panel, place) => {
      panel.hidden = place !== chosen;
      tabs[place].ariaSelected = place === chosen;
      tabs[place].tabIndex = place === chosen ? 0 : -1;
    });
    tabs[chosen].querySelector(".badge")?.remove();
    sessionStorage.setItem(kept, chosen);
    toEnd(panels[chosen]);
  }
  const bar = make("div", { className: "tabs", role: "tablist", ariaLabel: links.ariaLabel || say("見るところ", "Parts of this page") }, ...tabs);
  bar.dataset.folds = number;
  bar.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const next = (tabs.indexOf(event.target) + by + tabs.length) % tabs.length;
    choose(next);
    tabs[next].focus();
  });
  columns.before(bar);
  choose(Math.min(sessionStorage.getItem(kept) ?? 0, tabs.length - 1));
}

function foldAll() {
  all("[data-folds]").forEach((one) => one.remove());
  all(".columns").forEach(fold);
}
narrow.addEventListener("change", foldAll);

// Something arrived in a part that is not looked at.
function mark(panel) {
  const tab = panel?.hidden && document.getElementById(`${panel.id}-tab`);
  if (!tab) return;
  const badge = tab.querySelector(".badge") ?? tab.appendChild(make("span", { className: "badge warn number" }));
  badge.textContent = (Number.parseInt(badge.textContent) || 0) + 1 + say("件", " new");
}

// Of several lists that show one talk, only the one that is looked at is read out.
function readOut(panel) {
  const logs = all("[role=log]");
  if (logs.length > 1 && logs.some((one) => panel?.contains(one))) logs.forEach((one) => (one.ariaLive = panel.contains(one) ? "polite" : "off"));
}
document.addEventListener("focusin", (event) => readOut(event.target.closest(".panel")));

// Time boxes: `data-until` holds the end

function tick() {
  for (const one of all("[data-until]")) {
    const left = Math.round((Date.parse(one.dataset.until) - Date.now()) / 1000);
    const seconds = Math.abs(left);
    one.textContent = `${left < 0 ? "+" : ""}${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    one.classList.toggle("over", left < 0);
  }
}
setInterval(tick, 1000);

// Begin

const toEnd = (within) => all("[role=log]", within).forEach((one) => (one.scrollTop = one.scrollHeight));

function begin() {
  foldAll();
  listKeys();
  toEnd(document);
  readOut(document.querySelector(".panel:has([role=log])"));
  tune();
  tick();
}
begin();
