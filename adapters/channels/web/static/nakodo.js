// What a page does beyond plain forms and links. Without this file everything still works.

const say = (ja, en) => (document.documentElement.lang === "ja" ? ja : en);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const make = (tag, given, ...inside) => {
	const made = Object.assign(document.createElement(tag), given);
	made.append(...inside);
	return made;
};
const typing = "textarea, select, input:not([type=hidden], [type=checkbox], [type=radio])";
const lists = ".entries[tabindex]";
const main = () => document.getElementById("main");

// Half-written words

const written = (within) =>
	all(`form[method=post] :is(${typing}):not(select)`, within).filter((one) => one.value.trim() && one.value !== one.defaultValue);
let leaving = false;
addEventListener("beforeunload", (event) => {
	if (!leaving && written(document).length) event.preventDefault();
});

// Changing a part of the page under somebody's hands: focus, place and what is unfolded stay

const nameOf = (one) => [one.closest("[id]")?.id, one.name, one.value, one.textContent].join(" ");
const unfolded = (one) => nameOf(one.firstElementChild);

function change(element, work) {
	const reachable = () => all("a[href], button:enabled, summary, input:not([type=hidden]), select, textarea, [tabindex]", element);
	const held = document.activeElement;
	const place = reachable().indexOf(held);
	const name = nameOf(held);
	const opened = all("details[open]", element).map(unfolded);
	const top = element.scrollTop;
	work();
	for (const one of all("details", element)) one.open ||= opened.includes(unfolded(one));
	element.scrollTop = top;
	if (!held.isConnected) {
		const now = reachable();
		const next = now.find((one) => nameOf(one) === name) ?? now[Math.min(place, now.length - 1)] ?? element.closest("[tabindex]");
		next.focus({ preventScroll: true });
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
	if (element.matches(lists)) {
		element.dataset.after = lastOf(element);
		toEnd(element);
	}
}

// Somebody writes in it: what is new waits beside their words.
function hold(element, html) {
	later.set(element.id, html);
	element.querySelector(":scope > .notice")?.remove();
	const news = say("新しい知らせは、書きかけの文のあとに出ます。", "News shows here once your words are sent or cleared.");
	element.prepend(make("div", { className: "notice", role: "status", innerHTML: html.includes("<form") ? news : html }));
}
const release = () => later.forEach((html, id) => setPart(id, html));
document.addEventListener("focusout", release);

// Live lists and parts

const numbered = (list) => all(":scope > [data-sequence]", list);
const numberOf = (one) => Number(one.dataset.sequence);
const lastOf = (list) => Math.max(0, ...numbered(list).map(numberOf));
const tops = new WeakMap();
// To the last entry; of one that is longer than its frame, to where it begins.
function toEnd(list) {
	list.scrollTop = (list.lastElementChild?.offsetTop ?? 0) - list.offsetTop - 8;
	tops.set(list, list.scrollTop);
}

function put(list, html) {
	for (const entry of all("[data-sequence]", make("template", { innerHTML: html }).content)) {
		const into = entry.dataset.into ? document.getElementById(entry.dataset.into) : list;
		if (!into) continue;
		const atEnd = into.scrollHeight - into.scrollTop - into.clientHeight < 80 || into.scrollTop === tops.get(into);
		const next = numbered(into).find((one) => numberOf(one) >= numberOf(entry));
		if (next && numberOf(next) === numberOf(entry)) {
			if (!written(next).length) change(into, () => next.replaceWith(entry));
			continue;
		}
		entry.classList.add("fresh");
		into.insertBefore(entry, next ?? null);
		if (atEnd) toEnd(into);
		mark(into.closest(".panel"));
	}
}

const streams = new Map();

function listen(list, wait = 1000) {
	const address = new URL(list.dataset.liveList, location);
	if (list.dataset.after) address.searchParams.set("after", Math.max(list.dataset.after, lastOf(list)));
	const stream = new EventSource(address);
	streams.set(list, stream);
	stream.addEventListener("open", () => (wait = 1000));
	stream.addEventListener("entry", ({ data }) => put(list, data));
	stream.addEventListener("part", ({ data }) => setPart(JSON.parse(data).id, JSON.parse(data).html));
	stream.addEventListener("error", () => {
		// After a refusal the browser itself would not try again.
		if (stream.readyState === EventSource.CLOSED) setTimeout(() => {
			if (streams.get(list) !== stream) return;
			streams.delete(list);
			if (list.isConnected && !document.hidden) listen(list, Math.min(wait * 2, 20000));
		}, wait);
	});
}

// A browser opens six connections to one house: those not looked at are given back.
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

// Those parts of the page that no stream keeps up to date; or another page, with its notices.
function show(answer, page) {
	if (new URL(answer.url).pathname !== location.pathname) {
		sessionStorage.setItem("nakodo-told", page.querySelector(".notices").innerHTML);
		leaving = true;
		return location.assign(answer.url);
	}
	const fresh = page.getElementById("main");
	const live = (one) => one.matches("[data-live-list], [data-folds]") || one.querySelector("[data-live-list]");
	const [olds, news] = [main(), fresh].map((one) => [...one.children].filter((some) => !live(some)));
	if (olds.length === news.length)
		olds.forEach((old, place) => {
			if (!old.isEqualNode(news[place]) && !written(old).length) change(main(), () => old.replaceWith(news[place]));
		});
	else if (!written(main()).length) change(document.body, () => main().replaceWith(fresh));
	foldAll();
}

async function send(form, button) {
	const words = written(form).map((field) => [field, field.value]);
	const buttons = all("button", form);
	const body = new URLSearchParams(new FormData(form, button));
	// Disabled in earnest they would lose the focus.
	buttons.forEach((one) => (one.ariaDisabled = "true"));
	let told = say("つながりません。文は残っています。少ししてからもう一度どうぞ。", "That did not get through. Your words are still here; please try again soon.");
	try {
		const answer = await fetch(form.action, { method: "POST", body, headers: { accept: "text/html" } });
		const page = new DOMParser().parseFromString(await answer.text(), "text/html");
		told = page.getElementById("main")?.textContent.trim().replace(/\s+/g, " ") || told;
		if (!answer.ok) throw answer;
		for (const [field, value] of words) if (field.value === value) field.value = field.defaultValue;
		form.closest("details.act")?.removeAttribute("open");
		show(answer, page);
		release();
	} catch {
		// To send it again unasked could do it twice; to leave would lose what was written.
		tell(told);
	}
	buttons.forEach((one) => (one.ariaDisabled = null));
}

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
	if (!one?.matches(typing)) one?.click();
	if (one?.parentElement.open) one.parentElement.querySelector(typing)?.focus();
	return one;
}

document.addEventListener("keydown", (event) => {
	const opened = event.key === "Escape" && event.target.closest("details.act[open]");
	if (opened) {
		opened.open = false;
		opened.firstElementChild.focus();
	}
	if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || quiet() || event.target.closest(typing)) return;
	if (/^[a-z0-9?]$/.test(event.key) && press(event.key)) event.preventDefault();
});

function listKeys() {
	const keyed = new Map(all("[data-key]").map((one) => [one.dataset.key, one.ariaLabel ?? one.textContent.trim()]));
	if (!keyed.size) return;
	const label = () => (button.textContent = quiet() ? say("キー操作を使う", "Turn them on") : say("キー操作を使わない", "Turn them off"));
	const button = make("button", { type: "button", className: "quiet" });
	button.addEventListener("click", () => label(localStorage.setItem("nakodo-keys", quiet() ? "on" : "off")));
	label();
	const items = [...keyed].map(([key, name]) => make("li", {}, make("kbd", {}, key), ` ${name}`));
	const title = make("summary", {}, say("キーボードで使う", "Keyboard shortcuts"));
	document.querySelector(".tail").append(make("details", { className: "keys" }, title, make("ul", {}, ...items), button));
}

// Columns become tabs where there is no room for them

const narrow = matchMedia("(max-width: 59.99rem)");
const tabOf = new WeakMap();

function fold(columns, number) {
	const panels = [...columns.children];
	if (panels.length < 2 || !panels.every((one) => one.matches(".panel") && one.querySelector("h2"))) return;
	const before = columns.previousElementSibling;
	if (before?.matches("nav.tabs")) before.hidden = narrow.matches;
	panels.forEach((panel) => (panel.hidden = false));
	if (!narrow.matches) return;
	const kept = `nakodo ${location.pathname} ${number}`;
	const tabs = panels.map((panel, place) => {
		const tab = make("button", { type: "button" }, panel.querySelector("h2").textContent);
		tab.addEventListener("click", () => choose(place));
		tabOf.set(panel, tab);
		return tab;
	});
	const choose = (chosen) => {
		panels.forEach((panel, place) => {
			panel.hidden = place !== chosen;
			tabs[place].ariaPressed = place === chosen;
		});
		tabs[chosen].querySelector(".badge")?.remove();
		sessionStorage.setItem(kept, chosen);
		all(lists, panels[chosen]).forEach(toEnd);
	};
	const bar = make("div", { className: "tabs", role: "group", ariaLabel: say("見るところ", "Parts of this page") }, ...tabs);
	bar.dataset.folds = number;
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
	const tab = panel?.hidden && tabOf.get(panel);
	if (!tab) return;
	const badge = tab.querySelector(".badge") ?? tab.appendChild(make("span", { className: "badge warn number" }));
	badge.textContent = (parseInt(badge.textContent) || 0) + 1 + say("件", " new");
}

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

const told = sessionStorage.getItem("nakodo-told");
sessionStorage.removeItem("nakodo-told");
if (told) document.querySelector(".notices").innerHTML = told;
foldAll();
listKeys();
all(lists).forEach(toEnd);
tune();
tick();
