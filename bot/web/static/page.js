// The try-it page: sends what people type and press, and shows what arrives. Messages come as escaped HTML from
// the server; this script puts them in their places and never makes HTML from words itself.

const KEEPS_ALIVE = 35_000; // ms without a sign of life: three missed beats
const SETTLES = 1_500; // ms that a pressed button stays off, unless its card was replaced before

const page = document.body;
const state = document.querySelector(".live");
const picker = document.querySelector(".picker");
const calm = matchMedia("(prefers-reduced-motion: reduce)");

const all = (where, what) => [...where.querySelectorAll(what)];
const panes = all(document, ".pane").map((element) => ({
  element,
  person: element.dataset.person,
  since: Number(element.dataset.since),
  words: JSON.parse(element.dataset.words),
  talk: element.querySelector(".talk"),
  log: element.querySelector(".log"),
  jump: element.querySelector(".jump"),
  trouble: element.querySelector(".trouble"),
  composer: element.querySelector(".composer"),
  input: element.querySelector(".composer textarea"),
  tab: document.querySelector(`.tabs a[href="#${element.id}"]`),
}));
const paneOf = (element) => panes.find((pane) => pane.element === element.closest(".pane"));

// What arrives

function made(html) {
  const box = document.createElement("template");
  box.innerHTML = html;
  return box.content.firstElementChild;
}

function show(pane, { line, revision, html }) {
  const before = pane.log.querySelector(`[data-line="${line}"]`);
  if (before && Number(before.dataset.revision) >= revision) return;
  const after = made(html);
  const mine = after.classList.contains("mine");
  const waiting = mine && !before && pane.log.querySelector(`[data-key="${after.dataset.key}"]`);
  const follow = nearEnd(pane) || (mine && !before);
  if (before) {
    keepWriting(before, after, pane.input);
    if (!mine) highlight(pane, after);
  } else {
    if (waiting) waiting.remove();
    else after.classList.add("fresh");
    // Lines have their places by number; those still on their way stand at the end.
    const next = all(pane.log, ".line").find((other) => !Number(other.dataset.line) || Number(other.dataset.line) > line);
    pane.log.insertBefore(after, next ?? null);
  }
  if (!mine && !pane.tab.hasAttribute("aria-current")) pane.tab.querySelector(".badge").hidden = false;
  if (follow) toEnd(pane, before ? null : after);
  if (!inSight(pane, after)) offerJump(pane, after, before ? pane.words.above : pane.words.below);
}

// A card that changes while somebody writes in it: what they wrote and did not send is theirs.
function keepWriting(before, after, elsewhere) {
  const fields = all(after, "input, textarea");
  const focused = before.contains(document.activeElement) && document.activeElement;
  if (before.dataset.sent !== "form") {
    for (const field of all(before, "input, textarea")) {
      const same = fields.find((other) => other.name === field.name);
      if (field.value === field.defaultValue) continue;
      if (same) same.value = field.value;
      else elsewhere.value ||= field.value;
    }
  }
  before.replaceWith(after);
  if (focused) (fields.find((field) => field.name === focused.name) ?? after).focus({ preventScroll: true });
}

function highlight(pane, line) {
  const word = document.createElement("span");
  word.className = "fresh-word";
  word.textContent = pane.words.updated;
  line.classList.add("changed");
  line.querySelector(".meta").append(word);
  setTimeout(() => {
    line.classList.remove("changed");
    word.remove();
  }, 4_000);
}

const nearEnd = ({ talk }) => talk.scrollHeight - talk.scrollTop - talk.clientHeight < 90;

// To the end, but not past the beginning of a line that just came.
function toEnd({ talk, jump }, line) {
  const toLine = line ? line.getBoundingClientRect().top - talk.getBoundingClientRect().top - 16 : Infinity;
  talk.scrollTop = Math.min(talk.scrollTop + toLine, talk.scrollHeight);
  jump.hidden = true;
}

function inSight({ talk }, line) {
  const [room, box] = [talk.getBoundingClientRect(), line.getBoundingClientRect()];
  return box.bottom > room.top + 24 && box.top < room.bottom - 24;
}

function offerJump(pane, line, words) {
  pane.jump.textContent = words;
  pane.jump.hidden = false;
  pane.jump.onclick = () => {
    line.scrollIntoView({ block: "center", behavior: calm.matches ? "auto" : "smooth" });
    line.focus({ preventScroll: true });
    pane.jump.hidden = true;
  };
}

// The live connection. The server sends all that is newer than what we have seen, so nothing is lost by a break.

let source;
let lastSign = Date.now();

function connect() {
  source?.close();
  lastSign = Date.now();
  const since = panes.map((pane) => pane.since).join(".");
  source = new EventSource(`/web/events?who=${page.dataset.who}&since=${since}`);
  source.addEventListener("lines", ({ data, lastEventId }) => {
    alive();
    for (const news of JSON.parse(data).lines) show(panes.find((pane) => pane.person === String(news.person)), news);
    lastEventId.split(".").forEach((seen, place) => (panes[place].since = Number(seen)));
  });
  source.addEventListener("beat", alive);
  source.addEventListener("stale", () => location.reload());
  source.addEventListener("error", () => {
    state.dataset.state = "reconnecting";
    // The browser comes back by itself, but not after an answer that was no stream.
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, 2_000);
  });
}

function alive() {
  lastSign = Date.now();
  state.dataset.state = "live";
}

setInterval(() => {
  if (Date.now() - lastSign < KEEPS_ALIVE) return;
  state.dataset.state = "reconnecting";
  connect();
}, 5_000);

// What people do

async function send(pane, said) {
  pane.trouble.hidden = true;
  let trouble = pane.words.error_offline;
  try {
    const answer = await fetch(`/web/say/${pane.person}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(said),
    });
    if (answer.ok) return true;
    trouble = (await answer.json()).error ?? pane.words.error_later;
  } catch {
    // Offline, or the answer was not ours: the line below says so.
  }
  pane.trouble.textContent = trouble;
  pane.trouble.hidden = false;
  return false;
}

async function type(pane, text, key = crypto.randomUUID()) {
  let line = pane.log.querySelector(`[data-key="${key}"]`);
  if (!line) {
    line = pane.element.querySelector("template").content.firstElementChild.cloneNode(true);
    line.dataset.key = key;
    line.querySelector(".bubble").textContent = text;
    pane.log.append(line);
  }
  line.classList.remove("failed");
  line.classList.add("sending");
  toEnd(pane);
  const sent = await send(pane, { key, text });
  // The line may have been replaced by the kept one meanwhile.
  line = pane.log.querySelector(`[data-key="${key}"]`) ?? line;
  line.classList.remove("sending");
  line.classList.toggle("failed", !sent);
}

async function press(button) {
  const pane = paneOf(button);
  const line = button.closest(".line");
  const card = button.closest(".card");
  if (line.dataset.sent) return;
  line.dataset.sent = "form" in button.dataset ? "form" : "press";
  const buttons = all(line, ".press");
  buttons.forEach((other) => other.setAttribute("aria-disabled", "true"));
  button.classList.add("pressed");
  const fields = "form" in button.dataset ? [...new FormData(card)] : [];
  const values = Object.fromEntries(fields.map(([name, value]) => [name, value.replaceAll("\r\n", "\n")]));
  const said = { key: crypto.randomUUID(), say: button.dataset.say, values, card: card.dataset.card };
  const sent = await send(pane, said);
  setTimeout(
    () => {
      delete line.dataset.sent;
      buttons.forEach((other) => other.removeAttribute("aria-disabled"));
      button.classList.remove("pressed");
    },
    sent ? SETTLES : 0,
  );
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (!button) return;
  if (button.matches(".press")) press(button);
  else if ("try" in button.dataset) {
    const pane = paneOf(button);
    type(pane, button.textContent);
    pane.input.focus({ preventScroll: true });
  } else if ("retry" in button.dataset) {
    const line = button.closest(".line");
    type(paneOf(button), line.querySelector(".bubble").textContent, line.dataset.key);
  } else if ("pick" in button.dataset) pick(button.dataset.pick);
});

document.addEventListener("submit", (event) => {
  if (event.target.closest(".picker")) return;
  event.preventDefault();
  const pane = paneOf(event.target);
  if (event.target !== pane.composer) {
    // Enter in a card's field means its form's button, never another.
    const button = event.target.querySelector("[data-form]");
    if (button) press(button);
    return;
  }
  const text = pane.input.value.trim();
  if (!text) return;
  pane.input.value = "";
  remember(pane);
  type(pane, text);
});

document.addEventListener("keydown", (event) => {
  const { target, key } = event;
  if (target.closest(".picker")) return walk(event);
  if (key !== "Enter" || event.shiftKey || event.isComposing || !target.closest(".composer, .card")) return;
  if (target.matches(".composer textarea, .card input")) {
    event.preventDefault();
    target.form.requestSubmit();
  }
});

// What is written and not sent stays when the page is loaded again.

const grows = CSS.supports("field-sizing", "content");
function remember({ person, input }) {
  sessionStorage.setItem(`draft-${person}`, input.value);
  if (!grows) input.rows = Math.min(6, input.value.split("\n").length + Math.floor(input.value.length / 40));
}
for (const pane of panes) {
  pane.input.value ||= sessionStorage.getItem(`draft-${pane.person}`) ?? "";
  pane.input.addEventListener("input", () => remember(pane));
  pane.talk.addEventListener("scroll", () => nearEnd(pane) && (pane.jump.hidden = true), { passive: true });
  toEnd(pane);
}

// Choosing somebody else

const search = document.querySelector("#search");
const found = document.querySelector(".found");
let place = 0;
let asked = 0;

function pick(which) {
  place = which;
  search.value = "";
  found.replaceChildren();
  picker.showModal();
  search.focus();
  find();
}

async function find() {
  const turn = ++asked;
  const query = new URLSearchParams({ who: page.dataset.who, pane: place, q: search.value });
  const answer = await fetch(`/web/people?${query}`).catch(() => null);
  if (turn === asked && answer?.ok) found.innerHTML = await answer.text();
}

function walk(event) {
  const choices = all(found, "a");
  const at = choices.indexOf(document.activeElement);
  if (event.key === "ArrowDown") choices[Math.min(at + 1, choices.length - 1)]?.focus();
  else if (event.key === "ArrowUp") (choices[at - 1] ?? search).focus();
  else if (event.key === "Enter" && event.target === search) choices[0]?.click();
  else return;
  event.preventDefault();
}

search.addEventListener("input", find);
picker.addEventListener("click", ({ target }) => target === picker && picker.close());

// Tabs of a phone

const current = (pane) => {
  for (const other of panes) other.tab.toggleAttribute("aria-current", false);
  pane.tab.setAttribute("aria-current", "true");
  pane.tab.querySelector(".badge").hidden = true;
};
const watcher = new IntersectionObserver(
  (seen) => {
    for (const { isIntersecting, target } of seen) if (isIntersecting) current(paneOf(target));
  },
  { root: document.querySelector(".panes"), threshold: 0.6 },
);
for (const pane of panes) {
  watcher.observe(pane.element);
  pane.tab.addEventListener("click", (event) => {
    event.preventDefault();
    pane.element.scrollIntoView({ inline: "start", block: "nearest" });
  });
}

// Clocks

const clocks = all(document, "time[data-zone]").map((element) => {
  const language = element.closest("[lang]").lang;
  const options = { timeZone: element.dataset.zone };
  const day = new Intl.DateTimeFormat(language, { ...options, weekday: "short" });
  const time = new Intl.DateTimeFormat(language, { ...options, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  return () => (element.textContent = `${day.format()} ${time.format()}`);
});
setInterval(() => clocks.forEach((tick) => tick()), 5_000);

// Where the address points, once somebody was chosen

const wanted = panes.find((pane) => location.hash === `#say-${pane.person}`);
if (wanted) {
  wanted.element.scrollIntoView({ inline: "start", block: "nearest", behavior: "auto" });
  wanted.input.focus();
  history.replaceState(null, "", location.pathname + location.search);
}
connect();
