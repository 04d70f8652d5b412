// Where the reader is. The fragment of the address is a query, `#pair=de-en&view=segments&a=0&q=word`, or the id of a
// part of the page. Every entry of the browser's history also holds what all explorers show and how far down the page
// was, so that back, forward and reload bring all of it back.

/** What a fragment names: `{pair, view, query}` of a query, else `{id}`. */
function readFragment(hash) {
  const text = hash.replace(/^#/, "");
  if (!text.startsWith("pair=")) {
    try {
      return { id: decodeURIComponent(text) };
    } catch {
      return { id: text };
    }
  }
  const query = new URLSearchParams(text);
  const [pair, view] = [query.get("pair"), query.get("view") || ""];
  query.delete("pair");
  query.delete("view");
  return { pair, view, query: query.toString() };
}

function viewFragment(pair, view, query) {
  return `#${new URLSearchParams({ pair, view })}${query ? `&${query}` : ""}`;
}

function segmentsFragment(pair, query) {
  return viewFragment(pair, "segments", query);
}

/**
 * The fragment and the history; explorers have `pair`, `view`, `query`, `target`, `restore(query)`, `named(id)`, and
 * tables of engines the first three and `restore(query)`.
 */
class Address {
  constructor(explorers, tables) {
    this.explorers = explorers;
    this.tables = tables;
    this.landing = new Landing();
    this.pairs = Array.from(document.querySelectorAll(".pair"), (part) => part.dataset.pair);
    this.seen = null;
    this.arriving = 0;
  }

  start() {
    history.scrollRestoration = "manual";
    const arrive = () => { if (this.seen !== this.here()) this.arrive(); };
    addEventListener("popstate", arrive);
    addEventListener("hashchange", arrive);
    let timer = 0;
    addEventListener("scroll", () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.keep(), 200);
    }, { passive: true });
    addEventListener("pagehide", () => this.keep());
    document.addEventListener("click", (event) => {
      if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
      const link = event.target.closest('a[href^="#"]');
      if (link) this.follow(event, link.getAttribute("href"));
    });
    this.show(this.pairs[0]);
    if (location.hash || history.state) this.arrive();
    else this.keep();
  }

  show(pair) {
    if (pair === undefined) return;
    this.pair = pair;
    showPair(pair);
  }

  here() {
    return `${location.hash} ${history.state?.entry}`;
  }

  /** A link within the page: one that the browser cannot follow by itself is followed here. */
  follow(event, hash) {
    this.keep();
    const { id } = readFragment(hash);
    if (id !== undefined && this.element(id)) {
      if (hash === location.hash) this.bring(this.element(id));
      return;
    }
    event.preventDefault();
    if (hash !== location.hash) this.step("pushState", hash, null);
    this.arrive(true);
  }

  /** The part of the page with an id; what only stands in for an article is left to its explorer. */
  element(id) {
    const found = document.getElementById(id);
    return found && !found.classList.contains("article-anchor") ? found : null;
  }

  /** Show what the address and the entry of the history say; `fresh` for a link, whose entry says nothing yet. */
  async arrive(fresh = false) {
    const kept = fresh ? null : history.state;
    const place = readFragment(location.hash);
    this.seen = this.here();
    this.show(pairOf(place.id ?? `pair=${place.pair}`, this.pairs) ?? kept?.pair);
    this.arriving += 1;
    const arriving = this.arriving;
    for (const table of this.tables) {
      const asked = place.view === table.view && place.pair === table.pair ? place.query : null;
      table.restore(kept?.tables ? kept.tables[table.pair] ?? "" : asked ?? table.query);
    }
    const named = await this.explorerOf(place);
    if (kept?.explorers) {
      await Promise.all(this.explorers.map((explorer) =>
        explorer.restore(kept.explorers[explorer.pair] ?? "", explorer === named)));
    } else if (named && place.view === "segments") {
      await named.restore(place.query, true);
    }
    if (arriving !== this.arriving) return;  // the reader is already somewhere else
    this.arriving = 0;
    this.keep();
    const target = this.target(place, named);
    if (kept && "top" in kept) this.landing.hold(kept.top);
    else if (target) this.bring(target);
    if (fresh && named) named.results.focus({ preventScroll: true });
  }

  /** The explorer that a place is in; it may be named by an article or a segment of its own. */
  async explorerOf({ pair, id }) {
    if (pair !== undefined) return this.explorers.find((explorer) => explorer.pair === pair);
    if (!id || this.element(id)) return undefined;
    const own = this.explorers.filter((explorer) => id.startsWith(`${explorer.pair}.`))
      .sort((one, other) => other.pair.length - one.pair.length)[0];
    return own && (await own.named(id)) ? own : undefined;
  }

  target({ pair, view, id }, named) {
    if (named && (view === "segments" || id !== undefined)) return named.target;
    return id !== undefined ? this.element(id) : document.getElementById(view ? `${pair}.${view}` : pair);
  }

  /** Open what holds an element, and go there. */
  bring(target) {
    for (let part = target; part; part = part.parentElement) if (part.tagName === "DETAILS") part.open = true;
    this.landing.hold(target);
  }

  /** A part shows something else: a new entry of the history, or the same one where the reader is still typing. */
  write(part, push) {
    const hash = viewFragment(part.pair, part.view, part.query);
    // The part has changed already: of the entry that is left, only how far down the page was is still true.
    if (push) this.step("replaceState", location.hash || location.href, { ...history.state, top: this.landing.top });
    if (hash === location.hash) this.keep();
    else this.step(push ? "pushState" : "replaceState", hash, this.snapshot());
  }

  /** Hold in the entry of the history what it takes to come back to it. */
  keep() {
    if (this.arriving) return;
    this.step("replaceState", location.hash || location.href, this.snapshot());
  }

  snapshot() {
    const explorers = Object.fromEntries(this.explorers.map((explorer) => [explorer.pair, explorer.query]));
    const tables = Object.fromEntries(this.tables.map((table) => [table.pair, table.query]));
    return { explorers, tables, pair: this.pair, top: this.landing.top, entry: history.state?.entry ?? Math.random() };
  }

  /** Where the page is part of another one the browser may refuse: then there is no way back, and that is all. */
  step(how, hash, state) {
    try {
      history[how](how === "pushState" && state ? { ...state, entry: Math.random() } : state, "", hash);
    } catch (error) {
      if (error.name !== "SecurityError") throw error;
    }
    this.seen = this.here();
  }
}
