// The live connection. The server sends all that is newer than what we have seen, so nothing is lost by a break.

import { show } from "./arriving.js";
import { panes } from "./panes.js";

const KEEPS_ALIVE = 35_000; // ms without a sign of life: three missed beats

const state = document.querySelector(".live");
let source;
let lastSign = Date.now();

export function connect() {
  source?.close();
  lastSign = Date.now();
  const since = panes.map((pane) => pane.since).join(".");
  source = new EventSource(`/web/events?who=${document.body.dataset.who}&since=${since}`);
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
