// The form above the segments: what is searched, which segments are shown, and how.

const LESS_USED = ["slice", "system", "metric", "least", "from", "to", "marks"];

class Controls {
  constructor(explorer) {
    this.explorer = explorer;
    this.fields = {};
    this.typing = "";
    this.node = this.form();
  }

  form() {
    const { t, data } = this.explorer;
    const systems = data.systems.map((label, index) => [String(index), label]);
    const some = (options) => [["", t.all], ...options];
    const comparable = data.metrics.length > 1 && data.systems.length > 1;
    const shows = SHOWS.filter((name) => name !== "disagree" || comparable).map((name) => [name, t[`show_${name}`]]);
    const slices = data.slices.flatMap(({ kind, title, labels }) =>
      labels.map((label, place) => [`${kind}.${place}`, `${title}: ${label}`]));
    const field = (...parts) => this.field(...parts);
    const number = () => el("input", { type: "number", step: "any", inputmode: "decimal" });
    this.more = el("details", { class: "explorer-more" }, el("summary", {}, t.more),
      el("div", { class: "explorer-fields" },
        field("slice", t.slice, this.choice(some(slices))),
        field("system", t.who, this.choice(some(systems))),
        field("metric", t.metric, this.choice(data.metrics.map(({ title, arrow }, index) =>
          [String(index), `${title} ${arrow}`.trim()]))),
        field("least", t.at_least, number()),
        field("from", t.score_from, number()),
        field("to", t.score_to, number()),
        field("marks", t.marks, this.choice(MARKS.map((name) => [name, t[`marks_${name}`]])))),
      this.columns(systems));
    this.chosen = el("p", { class: "explorer-set", hidden: true });
    this.problem = el("p", { class: "explorer-problem", role: "alert" });
    this.hint = el("p", { class: "explorer-hint", id: `${this.explorer.pair}.explore.hint`, hidden: true });
    const form = el("form", { class: "explorer-controls", role: "search", "aria-label": t.list },
      el("div", { class: "explorer-fields" },
        field("q", t.search, el("input", { type: "search", autocomplete: "off", spellcheck: "false", dir: "auto" })),
        field("how", t.how, this.choice(HOWS.map((name) => [name, t[`how_${name}`]]))),
        field("in", t.in, this.choice(FIELDS.map((name) => [name, t[`in_${name}`]]))),
        field("a", t.first, this.choice(systems)),
        field("b", t.second, this.choice(systems)),
        field("show", t.show, this.choice(shows)),
        field("kind", t.noticed, this.choice([["", t.all], ["any", t.any_flag], ...data.kinds.map((kind) => [kind, kind])])),
        field("article", t.article, this.choice(some(data.articles.map(({ title }, index) => [String(index), title])))),
        field("sort", t.sort, this.choice(SORTS.map((name) => [name, t[`sort_${name}`]]))),
        el("div", { class: "field" }, this.reset())),
      this.more, this.problem, this.chosen, this.hint);
    form.addEventListener("submit", (event) => event.preventDefault());
    this.fields.show.setAttribute("aria-describedby", this.hint.id);
    return form;
  }

  field(name, label, node) {
    node.id = `${this.explorer.pair}.explore.${name}`;
    const typed = node.tagName === "INPUT";
    node.addEventListener(typed ? "input" : "change", () => {
      const again = typed && this.typing === name;  // what is typed in one go is one step of the history
      this.typing = typed ? name : "";
      this.explorer.change({ [name]: node.value }, !again);
    });
    this.fields[name] = node;
    return el("div", { class: `field field-${name}` }, el("label", { for: node.id }, label), node);
  }

  choice(options) {
    return el("select", {}, ...options.map(([value, text]) => {
      const option = el("option", { value });
      appendVisible(option, text);
      return option;
    }));
  }

  reset() {
    const button = el("button", { type: "button", class: "plain" }, this.explorer.t.reset);
    button.addEventListener("click", () => this.explorer.change(usualState(this.explorer.data)));
    return button;
  }

  /** Which columns stand beside A and B. */
  columns(systems) {
    const { t, pair } = this.explorer;
    this.boxes = [["r", t.reference], ...systems].map(([value, label]) => {
      const box = el("input", { type: "checkbox", value, id: `${pair}.explore.column.${value}` });
      box.addEventListener("change", () => this.explorer.change({
        cols: this.boxes.filter((one) => one.checked).map((one) => one.value).join("."),
      }));
      const name = el("label", { for: box.id });
      appendVisible(name, label);
      this.boxNodes = [...(this.boxNodes ?? []), el("span", { class: "box" }, box, name)];
      return box;
    });
    return el("fieldset", { class: "explorer-columns" }, el("legend", {}, t.columns), ...this.boxNodes);
  }

  /** Show the state in every field. */
  draw() {
    const { t, state, data, matcher, unknown } = this.explorer;
    for (const [name, field] of Object.entries(this.fields)) {
      if (field.value !== state[name] && field !== document.activeElement) field.value = state[name];
      else if (field.value !== state[name] && field.tagName === "SELECT") field.value = state[name];
    }
    const cols = state.cols.split(".");
    for (const box of this.boxes) {
      box.checked = cols.includes(box.value);
      box.parentElement.hidden = box.value === state.a || box.value === state.b;
    }
    const usual = usualState(data);
    if (LESS_USED.some((name) => state[name] !== usual[name])) this.more.open = true;
    this.problem.replaceChildren();
    if (matcher?.problem) this.problem.textContent = t[`pattern_${matcher.problem}`];
    else if (unknown.length) appendVisible(this.problem, fill(t.unknown, { parts: unknown.join(", ") }));
    this.drawListed();
    this.explain();
  }

  /** That a link has chosen the segments, and the way back to all. */
  drawListed() {
    const { t, state } = this.explorer;
    this.chosen.hidden = state.rows === "";
    this.chosen.replaceChildren();
    if (state.rows === "") return;
    const button = el("button", { type: "button", class: "plain" }, t.drop_rows);
    button.addEventListener("click", () => this.explorer.change({ rows: "", mark: "" }));
    const n = state.rows.split(",").length.toLocaleString("en-GB");
    appendVisible(this.chosen, state.mark ? fill(t.listed_for, { n, text: state.mark }) : fill(t.listed, { n }));
    this.chosen.append(" ", button);
  }

  /** How many segments metrics disagree on, in the choice itself, and what that means once it is chosen. */
  explain() {
    const { t, data, state } = this.explorer;
    const option = this.fields.show.querySelector('[value="disagree"]');
    if (!option) return;
    const { margins, sides } = this.explorer.disagreements();
    option.textContent = fill(t.show_disagree, { n: sides.size.toLocaleString("en-GB") });
    const clear = data.metrics.map(({ title, digits }, metric) =>
      (Number.isFinite(margins[metric]) ? `${scoreText(digits, margins[metric])} ${title}` : "")).filter(Boolean);
    this.hint.hidden = state.show !== "disagree";
    this.hint.textContent = fill(t.disagree_hint, { margins: clear.join(", ") || "–" });
  }
}
