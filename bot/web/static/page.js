// The try-it page: what people type and press goes to the bot, and what arrives is shown at once.

import "./choosing.js";
import "./saying.js";
import { connect } from "./live.js";
import { all, paneOf, panes } from "./panes.js";

// Tabs of a phone

const watcher = new IntersectionObserver(
  (seen) => {
    for (const { isIntersecting, target } of seen) paneOf(target).inView = isIntersecting;
    const current = panes.find((pane) => pane.inView);
    for (const { tab, inView } of panes) {
      tab.toggleAttribute("aria-current", false);
      if (inView) tab.querySelector(".badge").hidden = true;
    }
    current?.tab.setAttribute("aria-current", "true");
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
