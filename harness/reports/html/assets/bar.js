// The bar at the top: of several pairs one is shown.

/** The pair that a fragment is about: of a state (`pair=de-en&view=…`), of an element, else of the ids it begins with. */
function pairOf(fragment, pairs) {
  const named = new URLSearchParams(fragment).get("pair");
  if (pairs.includes(named)) return named;
  const inside = document.getElementById(fragment)?.closest("[data-pair]")?.dataset.pair;
  if (inside) return inside;
  return pairs.filter((pair) => fragment.startsWith(`${pair}.`)).sort((one, other) => other.length - one.length)[0];
}

/** Show one pair and its sections in the bar; the others wait. */
function showPair(pair) {
  for (const part of document.querySelectorAll(".pair, .bar-sections")) part.hidden = part.dataset.pair !== pair;
  for (const tab of document.querySelectorAll(".bar-pairs a")) {
    if (tab.dataset.pair === pair) tab.setAttribute("aria-current", "true");
    else tab.removeAttribute("aria-current");
  }
}
