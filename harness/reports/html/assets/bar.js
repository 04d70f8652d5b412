// The bar at the top: of several pairs one is shown, and what a link leads to is opened before the browser goes there.

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

/** Show the pair of a fragment, open what holds its element, and go there; nothing where it names neither. */
function reveal(fragment, pairs) {
  const pair = fragment ? pairOf(fragment, pairs) : pairs[0];
  if (pair) showPair(pair);
  const target = document.getElementById(fragment);
  if (!target) return;
  for (let part = target; part; part = part.parentElement) if (part.tagName === "DETAILS") part.open = true;
  target.scrollIntoView({ block: "start" });
}

function startBar() {
  const pairs = Array.from(document.querySelectorAll(".pair"), (part) => part.dataset.pair);
  if (!pairs.length) return;
  const follow = () => reveal(decodeURIComponent(location.hash.slice(1)), pairs);
  addEventListener("hashchange", follow);
  showPair(pairs[0]);
  follow();
}

startBar();
