// The pieces that both views are made of: a text with its marks, and what is said about an output.

const MOST_SHOWN = 1200;

/** Makes nodes for the texts of one pair in one state. */
class Blocks {
  constructor({ t, data, state, matcher, marker }) {
    Object.assign(this, { t, data, state, matcher, marker });
    [this.metric, this.a, this.b] = [state.metric, state.a, state.b].map(Number);
  }

  /** Hits where the field that is searched in holds this text. */
  hits(which, place, text) {
    const field = this.state.in;
    const searched = field === "any" || field === which || (which === "output" &&
      ((field === "a" && place === this.a) || (field === "b" && place === this.b)));
    const language = which === "source" ? "source" : "target";
    return [...hitRanges(this.marker, text, language), ...(searched ? hitRanges(this.matcher, text, language) : [])];
  }

  /** A text in its language; of a long one the beginning, until the rest is asked for. */
  text(row, which, place, text, ranges = []) {
    const body = el("p", {
      class: "seg-text", lang: this.data.language(which).tag, dir: this.data.direction(row, which, place),
    });
    appendRanges(body, text, [...ranges, ...this.hits(which, place, text)]);
    return text.length > MOST_SHOWN ? this.folded(body, text.length) : body;
  }

  folded(body, length) {
    body.classList.add("clipped");
    const label = fill(this.t.all_characters, { n: length.toLocaleString("en-GB") });
    const button = el("button", { type: "button", class: "plain", "aria-expanded": "false" }, label);
    button.addEventListener("click", () => {
      const clipped = body.classList.toggle("clipped");
      button.setAttribute("aria-expanded", String(!clipped));
      button.textContent = clipped ? label : this.t.fewer_characters;
    });
    return el("div", {}, body, button);
  }

  /** What a system made of a segment: its text, or why there is none. */
  output(row, system, ranges) {
    const { t, data } = this;
    const text = data.texts[row][2][system];
    const state = data.states[system][row];
    if (!state) return this.text(row, "output", system, text, ranges);
    const body = el("p", { class: "seg-text bad" }, el("strong", {}, state === "empty" ? t.empty : `${t[state]}: `));
    if (state !== "empty") appendRanges(body, text, this.hits("output", system, text));
    return body;
  }

  score(metric, system, row) {
    const value = this.data.score(metric, system, row);
    return Number.isNaN(value) ? this.t.not_scored : scoreText(this.data.metrics[metric].digits, value);
  }

  scores(row, system, metrics = this.data.metrics.map((_, index) => index)) {
    return el("ul", { class: "seg-scores" }, ...metrics.map((metric) =>
      el("li", {}, `${this.data.metrics[metric].title} `, el("b", {}, this.score(metric, system, row)))));
  }

  /** A against B under the chosen metric, with its sign. */
  difference(row) {
    if (this.a === this.b || !this.data.metrics.length) return null;
    const difference = this.data.difference(this.metric, this.a, this.b, row);
    const side = difference > 0 ? "gain" : difference < 0 ? "loss" : "";
    const digits = this.data.metrics[this.metric].digits;
    const text = Number.isNaN(difference) ? "–" : differenceText(digits, difference);
    return el("span", { class: `row-difference ${side}`, title: this.t.a_less_b }, text);
  }

  /** Flags with their reasons, what has no reason by its kind, and spans of metrics with the text under them. */
  flags(row, system) {
    const { data } = this;
    const whys = (data.flags[system][row] || []).map(([, , why]) => data.whys[why]);
    const kinds = (data.marks[system][row] || []).map((kind) => data.kinds[kind]);
    const text = Array.from(data.texts[row][2][system]);
    const spans = data.said[system][row] || (data.spans[system][row] || []).map(([start, end, severity, metric]) =>
      `${metric}: ${severity}: “${text.slice(start, end).join("")}”`);
    const said = [...whys, ...kinds.filter((kind) => !whys.some((why) => why.startsWith(`${kind}:`))), ...spans];
    if (!said.length) return null;
    return el("ul", { class: "seg-flags" }, ...said.map((line) => {
      const item = el("li", {});
      appendVisible(item, line);
      return item;
    }));
  }

  /** What the engine counted on the way: no flag. */
  counted(row, system) {
    const text = this.data.counted[system][row];
    if (!text) return null;
    const node = el("p", { class: "quiet seg-counted" });
    appendVisible(node, text);
    return node;
  }

  flagged(row, system) {
    return Boolean(this.data.marks[system]?.[row]);
  }

  /** The name of a system, with the letter it has in the comparison. */
  name(system) {
    const name = el("span", { class: "seg-name" });
    const bdi = el("bdi", {});
    appendVisible(bdi, this.data.systems[system]);
    name.append(bdi);
    if (system === this.a) name.append(" ", el("span", { class: "tag" }, "A"));
    if (system === this.b && this.a !== this.b) name.append(" ", el("span", { class: "tag" }, "B"));
    return name;
  }

  reference(row, place) {
    const several = this.data.texts[row][1].length > 1;
    return several ? `${this.t.reference} ${place + 1}` : this.t.reference;
  }

  copy(text, label) {
    const button = el("button", { type: "button", class: "copy", "aria-label": label, title: label }, this.t.copy);
    button.addEventListener("click", async (event) => {
      event.stopPropagation();
      button.textContent = (await copyText(text)) ? this.t.copied : this.t.not_copied;
      setTimeout(() => { button.textContent = this.t.copy; }, 1200);
    });
    return button;
  }
}
