// The segment explorer: reads the packed columns of a pair when it is needed, filters and sorts them, and shows one
// segment at a time beside a list of which only the visible rows exist.

const ROW_HEIGHT = 58;

async function unpack(script) {
  const binary = atob(script.textContent.trim());
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at += 1) bytes[at] = binary.charCodeAt(at);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const buffer = await new Response(stream).arrayBuffer();
  const length = new DataView(buffer).getUint32(0, true);
  const data = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  data.scores = new Float64Array(buffer, 4 + length);
  return data;
}

class Explorer {
  constructor(place, messages) {
    this.place = place;
    this.t = messages;
    this.pair = place.dataset.pair;
    this.ready = null;
    this.waiting = "";
    this.at = -1;
    this.row = -1;
    this.shown = new Int32Array(0);
  }

  /** Read the data and build the controls, once. */
  load() {
    this.ready ??= this.build();
    return this.ready;
  }

  async build() {
    this.place.replaceChildren(el("p", { class: "explorer-state", role: "status" }, this.t.loading));
    const data = await unpack(document.getElementById(this.place.dataset.source)).catch((error) => {
      this.place.replaceChildren(el("p", { class: "explorer-state" }, this.t.broken));
      throw error;
    });
    this.data = data;
    this.total = data.texts.length;
    this.articleOf = new Int32Array(this.total);
    this.starts = [];
    let start = 0;
    data.articles.forEach((article, index) => {
      this.starts.push(start);
      this.articleOf.fill(index, start, start + article.count);
      start += article.count;
    });
    this.anchors = new Map(data.articles.map((article, index) => [article.anchor, index]));
    this.turned = new Map(data.turned.map(([row, ...rest]) => [row, rest]));
    this.state = this.initial();
    this.place.replaceChildren(this.controls(), this.body());
    this.apply(this.waiting);
  }

  /** What is shown, as far as it is not what is shown at first: `kind=number&system=0`. */
  get query() {
    if (!this.fields) return this.waiting;
    const usual = this.initial();
    return new URLSearchParams(Object.entries(this.state).filter(([name, value]) => value !== usual[name])).toString();
  }

  apply(query) {
    this.row = -1;
    this.set({ ...this.initial(), ...Object.fromEntries(new URLSearchParams(query)) });
  }

  /** Show what a query says; later, where nothing is built yet and nobody waits for it. */
  async restore(query, now) {
    if (!this.ready && !now) {
      this.waiting = query;
      return;
    }
    await this.load();
    this.apply(query);
  }

  initial() {
    const primary = this.data.metrics.findIndex((metric) => metric.primary);
    return {
      q: "", article: "", kind: "", system: "", metric: String(Math.max(0, primary)), a: "0",
      b: this.data.systems.length > 1 ? "1" : "0", show: "all", least: "", sort: "order", marks: "reference",
      rows: "",  // of a link that opens exactly these
    };
  }

  // Scores

  score(metric, system, row) {
    return this.data.scores[(metric * this.data.systems.length + system) * this.total + row] ?? NaN;
  }

  /** A against B, positive where A is better; NaN where either has no score. */
  difference(row, metric = this.numbers.metric) {
    const { a, b } = this.numbers;
    const difference = this.score(metric, a, row) - this.score(metric, b, row);
    return this.data.metrics[metric]?.arrow === "↓" ? -difference : difference;
  }

  differences(row) {
    return this.data.metrics.map((_, metric) => this.difference(row, metric));
  }

  /** Rows on which metrics disagree about A and B, with the metrics of either side, and what is clear in each. */
  disagreements() {
    const { a, b } = this.numbers;
    if (this.disagree?.a === a && this.disagree.b === b) return this.disagree;
    const rows = Array.from({ length: this.total }, (_, row) => this.differences(row));
    const margins = this.data.metrics.map((_, metric) => clearMargin(rows.map((differences) => differences[metric])));
    const sides = new Map();
    rows.forEach((differences, row) => {
      const found = disagreement(differences, margins);
      if (found) sides.set(row, found);
    });
    this.disagree = { a, b, margins, sides };
    return this.disagree;
  }

  spread(row) {
    let low = Infinity;
    let high = -Infinity;
    for (let system = 0; system < this.data.systems.length; system += 1) {
      const value = this.score(this.numbers.metric, system, row);
      if (value < low) low = value;
      if (value > high) high = value;
    }
    return high - low;
  }

  // Filter and sort

  get lowered() {
    this.lower ??= this.data.texts.map(([source, references, outputs]) =>
      [source, ...references, ...outputs].join("\n").toLowerCase());
    return this.lower;
  }

  marked(row, kind) {
    const systems = this.state.system === "" ? this.data.marks : [this.data.marks[Number(this.state.system)]];
    return systems.some((marks) => marks[row] && (kind === "any" || marks[row].includes(kind)));
  }

  matches() {
    const { q, article, kind, show, least } = this.state;
    const wanted = q.trim().toLowerCase();
    const number = kind === "any" ? kind : this.data.kinds.indexOf(kind);
    const limit = Math.abs(parseFloat(least)) || 0;
    const disagreeing = show === "disagree" ? this.disagreements().sides : null;
    const rows = [];
    const listed = this.state.rows === "" ? null : new Set(this.state.rows.split(",").map(Number));
    const from = article === "" ? 0 : this.starts[Number(article)];
    const to = article === "" ? this.total : from + this.data.articles[Number(article)].count;
    for (let row = from; row < to; row += 1) {
      if (listed && !listed.has(row)) continue;
      if (wanted && !this.lowered[row].includes(wanted)) continue;
      if (kind !== "" && !this.marked(row, number)) continue;
      if (disagreeing && !disagreeing.has(row)) continue;
      if (show !== "all" || limit) {
        const difference = this.difference(row);
        if (show === "gain" && !(difference > 0)) continue;
        if (show === "loss" && !(difference < 0)) continue;
        if (limit && !(Math.abs(difference) >= limit)) continue;
      }
      rows.push(row);
    }
    return rows;
  }

  sorted(rows) {
    const { metric, a } = this.numbers;
    const sign = this.data.metrics[metric]?.arrow === "↓" ? -1 : 1;
    const keys = {
      low: (row) => sign * this.score(metric, a, row),
      high: (row) => -sign * this.score(metric, a, row),
      loss: (row) => this.difference(row),
      gain: (row) => -this.difference(row),
      spread: (row) => -this.spread(row),
    };
    const key = keys[this.state.sort];
    if (!key) return rows;
    const values = new Map(rows.map((row) => [row, key(row)]));
    const rank = (row) => (Number.isFinite(values.get(row)) ? values.get(row) : Infinity);
    return rows.sort((one, other) => {
      const [x, y] = [rank(one), rank(other)];
      return x === y ? one - other : x - y;
    });
  }

  update(keep = true) {
    this.numbers = { metric: Number(this.state.metric), a: Number(this.state.a), b: Number(this.state.b) };
    this.shown = this.sorted(this.matches());
    this.explain();
    this.count.textContent = fill(this.t.count, {
      shown: this.shown.length.toLocaleString("en-GB"),
      all: this.total.toLocaleString("en-GB"),
    });
    this.spacer.style.height = `${this.shown.length * ROW_HEIGHT}px`;
    const at = keep ? this.shown.indexOf(this.row) : -1;
    this.select(at >= 0 ? at : 0, at < 0);
  }

  /** How many segments metrics disagree on, in the choice itself, and what that means once it is chosen. */
  explain() {
    const option = this.fields.show.querySelector('[value="disagree"]');
    if (!option) return;
    const { margins, sides } = this.disagreements();
    option.textContent = fill(this.t.show_disagree, { n: sides.size.toLocaleString("en-GB") });
    const clear = this.data.metrics.map(({ title, digits }, metric) =>
      (Number.isFinite(margins[metric]) ? `${scoreText(digits, margins[metric])} ${title}` : "")).filter(Boolean);
    this.hint.hidden = this.state.show !== "disagree";
    this.hint.textContent = fill(this.t.disagree_hint, { margins: clear.join(", ") || "–" });
  }

  set(changes) {
    Object.assign(this.state, changes);
    for (const [name, field] of Object.entries(this.fields)) field.value = this.state[name];
    this.update();
  }

  // Controls

  controls() {
    const { t, data } = this;
    this.fields = {};
    const field = (name, label, node) => {
      const id = `${this.pair}.explore.${name}`;
      node.id = id;
      node.value = this.state[name];
      node.addEventListener(node.tagName === "INPUT" ? "input" : "change", () => {
        this.state[name] = node.value;
        this.address.write(this, node.tagName !== "INPUT" || this.typing !== name);
        this.typing = name;
        this.update(name !== "sort");  // who asks for the worst wants to see them, not where the chosen one went
      });
      this.fields[name] = node;
      return el("div", { class: `field field-${name}` }, el("label", { for: id }, label), node);
    };
    const choice = (options) => el("select", {}, ...options.map(([value, text]) => {
      const option = el("option", { value });
      appendVisible(option, text);
      return option;
    }));
    const systems = data.systems.map((label, index) => [String(index), label]);
    const comparable = data.metrics.length > 1 && data.systems.length > 1;
    const shows = ["all", "gain", "loss", ...(comparable ? ["disagree"] : [])].map((name) => [name, t[`show_${name}`]]);
    const sorts = ["order", "low", "high", "loss", "gain", "spread"].map((name) => [name, t[`sort_${name}`]]);
    const marks = ["reference", "pair", "spans", "none"].map((name) => [name, t[`marks_${name}`]]);
    const kinds = [["", t.all], ["any", t.any_flag], ...data.kinds.map((kind) => [kind, kind])];
    const articles = [["", t.all], ...data.articles.map((article, index) => [String(index), article.title])];
    const metrics = data.metrics.map((metric, index) => [String(index), `${metric.title} ${metric.arrow}`.trim()]);
    const search = el("input", { type: "search", autocomplete: "off", spellcheck: "false" });
    const least = el("input", { type: "number", min: "0", step: "any", inputmode: "decimal" });
    const reset = el("button", { type: "button", class: "plain" }, t.reset);
    reset.addEventListener("click", () => {
      this.set(this.initial());
      this.address.write(this, true);
    });
    this.count = el("p", { class: "explorer-count", role: "status" });
    const form = el("form", { class: "explorer-controls", role: "search", "aria-label": t.list },
      field("q", t.search, search),
      field("article", t.article, choice(articles)),
      field("kind", t.noticed, choice(kinds)),
      field("system", t.who, choice([["", t.all], ...systems])),
      field("metric", t.metric, choice(metrics)),
      field("a", t.first, choice(systems)),
      field("b", t.second, choice(systems)),
      field("show", t.show, choice(shows)),
      field("least", t.at_least, least),
      field("sort", t.sort, choice(sorts)),
      field("marks", t.marks, choice(marks)),
      el("div", { class: "field" }, reset));
    form.addEventListener("submit", (event) => event.preventDefault());
    const keys = el("details", { class: "explorer-keys" }, el("summary", {}, t.keys), el("p", {}, t.keys_text));
    this.hint = el("p", { class: "explorer-hint", id: `${this.pair}.explore.hint`, hidden: true });
    this.fields.show.setAttribute("aria-describedby", this.hint.id);
    return el("div", {}, form, el("div", { class: "explorer-bar" }, this.count, keys), this.hint);
  }

  // List

  body() {
    this.spacer = el("div", { class: "explorer-spacer", role: "presentation" });
    this.list = el("div", { class: "explorer-list", role: "listbox", tabindex: "0", "aria-label": this.t.list });
    this.list.append(this.spacer);
    this.detail = el("div", { class: "explorer-detail", role: "region", tabindex: "0", "aria-label": this.t.detail });
    this.list.addEventListener("scroll", () => this.draw(), { passive: true });
    this.place.addEventListener("keydown", (event) => this.onKey(event));
    new ResizeObserver(() => this.draw()).observe(this.list);
    return el("div", { class: "explorer-body" }, this.list, this.detail);
  }

  draw() {
    if (!(this.at >= 0)) return;  // that nothing matches is said in place of the rows
    const first = Math.max(0, Math.floor(this.list.scrollTop / ROW_HEIGHT) - 4);
    const last = Math.min(this.shown.length, first + Math.ceil(this.list.clientHeight / ROW_HEIGHT) + 8);
    const nodes = [];
    for (let at = first; at < last; at += 1) nodes.push(this.listRow(at));
    // The chosen one is always there: assistive technology is told its id.
    if (this.at >= 0 && this.at < this.shown.length && (this.at < first || this.at >= last)) {
      nodes.push(this.listRow(this.at));
    }
    this.spacer.replaceChildren(...nodes);
  }

  listRow(at) {
    const row = this.shown[at];
    const { metric, a, b } = this.numbers;
    const chosen = at === this.at;
    const node = el("div", {
      role: "option", id: `${this.pair}.option.${row}`, class: "explorer-row", "aria-selected": String(chosen),
      "aria-posinset": String(at + 1), "aria-setsize": String(this.shown.length),
    });
    node.style.top = `${at * ROW_HEIGHT}px`;
    const name = el("span", { class: "row-name" });
    const article = this.articleOf[row];
    const title = el("span", {});
    appendVisible(title, this.data.articles[article].title);
    name.append(title, el("span", {}, ` · ${row - this.starts[article] + 1}`));
    const text = el("span", { class: "row-text", lang: this.data.source.tag, dir: this.direction(row, "source", 0) });
    appendVisible(text, this.data.texts[row][0].slice(0, 160));
    const numbers = el("span", { class: "row-numbers" });
    if (this.data.metrics.length) {
      numbers.append(el("span", {}, this.scoreText(metric, a, row)));
      if (a !== b) {
        const difference = this.difference(row);
        const side = difference > 0 ? "gain" : difference < 0 ? "loss" : "";
        const digits = this.data.metrics[metric].digits;
        const text_ = Number.isNaN(difference) ? "–" : differenceText(digits, difference);
        numbers.append(el("span", { class: `row-difference ${side}` }, text_));
      }
    }
    node.append(name, numbers, text);
    if (this.data.marks[a]?.[row] || this.data.marks[b]?.[row]) node.append(el("span", { class: "row-flag" }, "⚑"));
    node.addEventListener("click", () => this.select(at, false));
    return node;
  }

  scoreText(metric, system, row) {
    const value = this.score(metric, system, row);
    return Number.isNaN(value) ? "–" : scoreText(this.data.metrics[metric].digits, value);
  }

  direction(row, which, place) {
    const expected = which === "source" ? this.data.source.dir : this.data.target.dir;
    const turned = this.turned.get(row);
    const other = turned && (which === "source" ? turned[0] : turned[which === "reference" ? 1 : 2].includes(place));
    return other ? (expected === "ltr" ? "rtl" : "ltr") : expected;
  }

  /** Choose the segment at a place of the list; `jump` puts it into the middle instead of just into view. */
  select(at, jump) {
    this.at = this.shown.length ? Math.max(0, Math.min(at, this.shown.length - 1)) : -1;
    if (this.at < 0) {
      this.list.removeAttribute("aria-activedescendant");
      this.spacer.replaceChildren(el("p", { class: "explorer-state" }, this.t.none));
      this.detail.replaceChildren();
      return;
    }
    this.row = this.shown[this.at];
    const top = this.at * ROW_HEIGHT;
    const { scrollTop, clientHeight } = this.list;
    if (jump) this.list.scrollTop = top - clientHeight / 3;
    else if (top < scrollTop) this.list.scrollTop = top;
    else if (top + ROW_HEIGHT > scrollTop + clientHeight) this.list.scrollTop = top + ROW_HEIGHT - clientHeight;
    this.draw();
    this.list.setAttribute("aria-activedescendant", `${this.pair}.option.${this.row}`);
    this.showDetail();
  }

  // Detail

  anchor(row) {
    const article = this.articleOf[row];
    return `${this.data.articles[article].anchor}.${row - this.starts[article] + 1}`;
  }

  showDetail() {
    const { t, data, row } = this;
    const [source, references, outputs] = data.texts[row];
    const heading = el("h4", {});
    const article = this.articleOf[row];
    appendVisible(heading, `${data.articles[article].title} · ${row - this.starts[article] + 1}`);
    const step = (label, by) => {
      const button = el("button", { type: "button", class: "plain" }, label);
      button.addEventListener("click", () => this.select(this.at + by, false));
      return button;
    };
    const link = el("a", { href: `#${this.anchor(row)}` }, t.link);
    const nodes = [el("header", {}, heading, el("p", {}, step(t.previous, -1), " ", step(t.next, 1), " ", link))];
    nodes.push(this.textBlock(t.source, source, "source", 0, []));
    const ranges = this.ranges(references, outputs);
    if (ranges.note) nodes.push(el("p", { class: "gone" }, ranges.note));
    references.forEach((reference, place) => {
      const label = references.length > 1 ? `${t.reference} ${place + 1}` : t.reference;
      nodes.push(this.textBlock(label, reference, "reference", place, place === 0 ? ranges.reference : []));
    });
    if (!references.length) nodes.push(el("p", { class: "gone" }, t.no_reference));
    const sides = this.disagreements().sides.get(row);
    if (sides) nodes.push(el("p", { class: "seg-disagree" }, this.disagreementText(row, sides)));
    data.systems.forEach((label, system) => nodes.push(this.output(label, system, outputs[system], ranges)));
    this.detail.replaceChildren(...nodes);
    this.detail.scrollTop = 0;
  }

  /** Which metrics prefer which system on a segment, and by how much. */
  disagreementText(row, sides) {
    const said = sides.map((metrics) => metrics.map((metric) => {
      const { title, digits } = this.data.metrics[metric];
      return `${scoreText(digits, Math.abs(this.difference(row, metric)))} ${title}`;
    }).join(", "));
    return fill(this.t.disagree, { a: said[0], b: said[1] });
  }

  /** What to mark: in the reference, and in the output of every system. */
  ranges(references, outputs) {
    const { marks } = this.state;
    const { a, b } = this.numbers;
    const language = this.data.target.tag;
    const found = { reference: [], outputs: outputs.map(() => []), note: "" };
    const compare = (one, other) => {
      const made = wordDifference(one, other, language);
      if (!made) found.note = this.t.too_long;
      return made || [[], []];
    };
    const there = (system) => !this.data.states[system][this.row];
    if (marks === "reference" && references.length) {
      outputs.forEach((output, system) => {
        if (!there(system)) return;
        const [missing, extra] = compare(references[0], output);
        found.outputs[system] = extra;
        if (system === a) found.reference = missing;
      });
    } else if (marks === "pair" && a !== b && there(a) && there(b)) {
      [found.outputs[a], found.outputs[b]] = compare(outputs[a], outputs[b]);
    } else if (marks === "spans") {
      outputs.forEach((output, system) => { found.outputs[system] = this.noticed(system, output); });
    }
    return found;
  }

  /** Error spans of metrics and places of flags, in UTF-16 units. */
  noticed(system, text) {
    const unit = unitOffsets(text);
    const spans = (this.data.spans[system][this.row] || []).map(([start, end, severity, metric, confidence]) =>
      [unit(start), unit(end), `span-${severity.replace(/[^a-z]/gi, "")}`,
        `${metric}: ${severity}, ${Math.round(100 * confidence)} %`]);
    const flags = (this.data.flags[system][this.row] || []).filter(([start]) => start >= 0).map(([start, end, why]) =>
      [unit(start), unit(end), "span-flag", this.data.whys[why]]);
    return [...spans, ...flags];
  }

  textBlock(label, text, which, place, ranges) {
    const language = which === "source" ? this.data.source : this.data.target;
    const body = el("p", { class: "seg-text", lang: language.tag, dir: this.direction(this.row, which, place) });
    appendRanges(body, text, ranges);
    if (text.length > 2000) {
      body.className += " long";
      body.tabIndex = 0;
      body.setAttribute("role", "group");
      body.setAttribute("aria-label", fill(this.t.characters, { n: text.length.toLocaleString("en-GB") }));
    }
    const name = el("p", { class: "seg-who" });
    appendVisible(name, label);
    return el("div", { class: `seg seg-${which}` }, name, body);
  }

  output(label, system, text, ranges) {
    const { t, data, row } = this;
    const state = data.states[system][row];
    let block;
    if (state) {
      block = el("div", { class: "seg" }, el("p", { class: "seg-who" }), el("p", { class: "seg-text bad" }));
      appendVisible(block.firstChild, label);
      block.lastChild.append(el("strong", {}, state === "empty" ? t.empty : `${t[state]}: `));
      if (state !== "empty") appendVisible(block.lastChild, text);
    } else {
      block = this.textBlock(label, text, "output", system, ranges.outputs[system]);
    }
    const who = block.firstChild;
    if (system === this.numbers.a) who.append(el("span", { class: "tag" }, "A"));
    if (system === this.numbers.b && this.numbers.a !== this.numbers.b) who.append(el("span", { class: "tag" }, "B"));
    const scores = el("ul", { class: "seg-scores" });
    data.metrics.forEach((metric, index) => {
      const value = this.score(index, system, row);
      const shown = Number.isNaN(value) ? t.not_scored : scoreText(metric.digits, value);
      scores.append(el("li", {}, `${metric.title} `, el("b", {}, shown)));
    });
    block.append(scores);
    const marks = (data.marks[system][row] || []).map((kind) => data.kinds[kind]);
    const whys = (data.flags[system][row] || []).map(([, , why]) => data.whys[why]);
    const spans = (data.spans[system][row] || []).map(([start, end, severity, metric]) =>
      `${metric}: ${severity}: “${Array.from(text).slice(start, end).join("")}”`);
    const plain = marks.filter((kind) => !whys.some((why) => why.startsWith(`${kind}:`)));
    if (whys.length || plain.length || spans.length) {
      const list = el("ul", { class: "seg-flags" });
      for (const said of [...whys, ...plain, ...spans]) {
        const item = el("li", {});
        appendVisible(item, said);
        list.append(item);
      }
      block.append(list);
    }
    return block;
  }

  // Keyboard and links

  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.key === "Escape" && event.target === this.fields.q) {
      this.list.focus();
      return;
    }
    if (typing) return;
    const inList = event.target === this.list;
    const moves = { j: this.at + 1, k: this.at - 1 };
    if (inList) {
      Object.assign(moves, {
        ArrowDown: this.at + 1, ArrowUp: this.at - 1, Home: 0, End: this.shown.length - 1,
        PageDown: this.at + 8, PageUp: this.at - 8,
      });
    }
    if (event.key in moves) this.select(moves[event.key], false);
    else if (event.key === "/") this.fields.q.focus();
    else if (event.key === "x") this.set({ a: this.state.b, b: this.state.a });
    else if (event.key === "m") {
      const order = ["reference", "pair", "spans", "none"];
      this.set({ marks: order[(order.indexOf(this.state.marks) + 1) % order.length] });
    } else return;
    event.preventDefault();
  }

  /** Show a segment or an article of this name; false where none has it. */
  async named(name) {
    await this.load();
    const cut = name.lastIndexOf(".");
    const [own, of] = [this.anchors.get(name), this.anchors.get(name.slice(0, cut))];
    const number = Number(name.slice(cut + 1));
    if (own === undefined && !(of !== undefined && number >= 1 && number <= this.data.articles[of].count)) return false;
    this.set({ ...this.initial(), ...(own === undefined ? {} : { article: String(own) }) });
    if (own === undefined) this.select(this.shown.indexOf(this.starts[of] + number - 1), true);
    return true;
  }
}

function start() {
  const messages = JSON.parse(document.getElementById("messages").textContent);
  const explorers = Array.from(document.querySelectorAll(".explorer"), (place) => new Explorer(place, messages));
  const near = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (entry.isIntersecting) {
        near.unobserve(entry.target);
        explorers.find((explorer) => explorer.place === entry.target).load();
      }
    }
  }, { rootMargin: "600px" });
  for (const explorer of explorers) near.observe(explorer.place);

  const address = new Address(explorers);
  for (const explorer of explorers) explorer.address = address;
  address.start();
}

start();
