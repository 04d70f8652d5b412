// The segment explorer of one pair: its state, what follows from it, and who shows it.

/** Changes that leave the reader in the segment that is open. */
const WITHIN = ["a", "b", "metric", "marks", "cols", "at"];

const PATIENCE = 40;

class Explorer {
  constructor(place, messages) {
    this.place = place;
    this.t = messages;
    this.pair = place.dataset.pair;
    this.view = "segments";
    this.run = place.dataset.run;
    this.exporters = place.dataset.exporters.split(" ");
    this.ready = null;
    this.waiting = "";
    this.turn = 0;
    this.rows = [];
    this.unknown = [];
  }

  /** Read the data and build the controls, once. */
  load() {
    this.ready ??= this.build();
    return this.ready;
  }

  async build() {
    this.place.replaceChildren(el("p", { class: "explorer-state", role: "status" }, this.t.loading));
    this.data = await unpack(document.getElementById(this.place.dataset.source)).catch((error) => {
      this.place.replaceChildren(el("p", { class: "explorer-state" }, this.t.broken));
      throw error;
    });
    this.search = new Search(this.data);
    this.notes = new Notes(this.run, this.pair);
    this.state = usualState(this.data);
    this.controls = new Controls(this);
    this.matrix = new Matrix(this);
    this.single = new Single(this);
    this.handout = new Handout(this);
    this.count = el("p", { class: "explorer-count", role: "status" });
    const keys = el("details", { class: "explorer-keys" }, el("summary", {}, this.t.keys), el("p", {}, this.t.keys_text));
    this.results = el("div", { class: "explorer-results", tabindex: "-1" }, this.matrix.node, this.single.node);
    this.place.replaceChildren(this.controls.node, el("div", { class: "explorer-bar" }, this.count, keys),
      this.results, this.handout.node);
    this.place.addEventListener("keydown", (event) => onKey(this, event));
    this.apply(this.waiting);
    this.warm();
  }

  /** Fold texts for the search while nobody waits: otherwise the first letter typed would wait for all of them. */
  warm() {
    const texts = this.search.textsOf("any", 0, 0);
    let row = 0;
    const go = (idle) => {
      while (row < this.data.total && idle.timeRemaining() > 2) texts(row++);
      if (row < this.data.total) requestIdleCallback(go);
    };
    if (typeof requestIdleCallback === "function") requestIdleCallback(go);
  }

  // What the address says

  get query() {
    return this.state ? writeState(this.data, this.state) : this.waiting;
  }

  apply(query) {
    Object.assign(this, readState(this.data, query));
    this.controls.typing = "";
    this.update();
  }

  /** Show what a query says; later, where nothing is built yet and nobody waits for it. */
  async restore(query, now) {
    this.waiting = query;
    if (!this.ready && !now) return;
    await this.load();
    this.apply(query);
  }

  /** Show a segment or an article of this name; false where none has it. */
  async named(name) {
    await this.load();
    const row = this.data.rowOf(name, this.data.byAnchor, ".");
    const article = this.data.byAnchor.get(name);
    if (article === undefined && row < 0) return false;
    const shown = article === undefined ? { at: this.data.id(row) } : { article: String(article) };
    this.apply(new URLSearchParams(shown).toString());
    return true;
  }

  /** Where a link into the explorer leads: to the segment, or to the section. */
  get target() {
    return this.state.at ? this.single.node : this.place.closest("[id]");
  }

  /** As the link of a segment shows it. */
  title(id) {
    return visibleText(this.data.title(this.data.rowOf(id)));
  }

  hashWith(changes) {
    return segmentsFragment(this.pair, writeState(this.data, { ...this.state, ...changes }));
  }

  /** A link to one segment, whatever is filtered. */
  hashOf(id) {
    const { a, b, metric } = this.state;
    return segmentsFragment(this.pair, writeState(this.data, { ...usualState(this.data), a, b, metric, at: id }));
  }

  // What the reader does

  /** Change the state; `push` for a step of its own in the history. */
  change(changes, push = true) {
    const within = Object.keys(changes).every((name) => WITHIN.includes(name));
    const opened = this.state.at;
    Object.assign(this.state, within || "page" in changes ? {} : { page: "1", at: "" }, changes);
    this.unknown = [];
    this.address.write(this, push);
    this.update();
    if (opened && !this.state.at) this.focusLink(this.title(opened));
  }

  /** Another page of the list; whether there is one. */
  turnTo(page) {
    if (page < 1 || page > this.matrix.pages() || page === this.matrix.page) return false;
    this.change({ page: String(page) });
    this.results.focus({ preventScroll: true });
    this.results.scrollIntoView({ block: "start", behavior: "instant" });
    return true;
  }

  /** The segment so many places further in the list. */
  move(by) {
    const row = this.rows[this.rows.indexOf(this.data.rowOf(this.state.at)) + by];
    if (row === undefined) return;
    this.change({ at: this.data.id(row), page: this.pageOf(row) });
    this.single.node.focus({ preventScroll: true });
  }

  pageOf(row) {
    return String(1 + Math.floor(Math.max(0, this.rows.indexOf(row)) / SEGMENT_ROWS));
  }

  /** The link of a segment by its title, else the list: the keyboard goes on from where it was. */
  focusLink(title) {
    const links = Array.from(this.matrix.node.querySelectorAll(".row-link"));
    (links.find((link) => link.textContent === title) ?? this.results).focus({ preventScroll: !title });
  }

  // What follows from it

  disagreements() {
    const { a, b } = this.state;
    if (this.disagree?.a !== a || this.disagree.b !== b) {
      this.disagree = { a, b, ...disagreementsOf(this.data, Number(a), Number(b)) };
    }
    return this.disagree;
  }

  /** Choose the segments anew; what takes long goes on in pauses, and is given up for the next change. */
  update() {
    this.turn += 1;
    const turn = this.turn;
    const selection = new Selection(this.data, this.state, this.search, this.notes, () => this.disagreements());
    this.matcher = selection.matcher;
    const go = () => {
      if (turn !== this.turn) return;
      if (selection.run(performance.now() + PATIENCE)) this.finish(selection.sorted());
      else {
        this.count.textContent = fill(this.t.searching, { n: Math.floor((100 * selection.next) / this.data.total) });
        setTimeout(go);
      }
    };
    go();
  }

  finish(rows) {
    this.rows = rows;
    // A link that has chosen the segments may say what to mark in them.
    this.marker = this.state.mark ? this.search.matcher({ ...this.state, q: this.state.mark, how: "text", in: "any" }) : null;
    this.blocks = new Blocks(this);
    this.count.textContent = fill(this.t.count, {
      shown: rows.length.toLocaleString("en-GB"), all: this.data.total.toLocaleString("en-GB"),
    });
    this.controls.draw();
    this.handout.draw();
    const single = this.state.at !== "";
    this.matrix.node.hidden = single;
    this.single.node.hidden = !single;
    const focused = this.results.contains(document.activeElement) ? document.activeElement : null;
    const title = focused?.closest("tr")?.querySelector(".row-link")?.textContent;
    (single ? this.single : this.matrix).draw();
    if (focused && !focused.isConnected) this.focusLink(title);
  }
}
