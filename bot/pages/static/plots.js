// Makes each plot answer the pointer, once it comes into view. Without this script the pictures stand as they are.

const figures = document.querySelectorAll("figure[data-plot]");
const narrow = matchMedia("(max-width: 640px)");
const bundle = document.getElementById("plots").dataset.vega;

async function liven(figure) {
  const specs = JSON.parse(figure.querySelector("script").textContent);
  const live = figure.querySelector(".live");
  const picture = figure.querySelector("picture");
  await import(bundle);
  const view = await window.vegaEmbed(live, narrow.matches ? specs.narrow : specs.wide, {
    // Expressions are interpreted: the page's policy allows no code made from text.
    ast: true,
    actions: false,
    defaultStyle: false,
    renderer: "canvas",
    tooltip: { disableDefaultStyle: true },
  });
  live.hidden = false;
  picture.hidden = true;
  // The picture's sentence stands in the caption; a second reading of it would only be in the way.
  live.setAttribute("aria-hidden", "true");
  figure.dataset.live = "";
  return view;
}

const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (entry.isIntersecting) {
      seen.unobserve(entry.target);
      liven(entry.target).catch((error) => console.warn("a plot stays a picture", error));
    }
  }
}, { rootMargin: "200px" });

for (const figure of figures) {
  if (figure.querySelector("picture")) seen.observe(figure);
}
