// Many segments on one page: a row for each, a column for the source, the reference, A, B and other chosen systems.

const SEGMENT_ROWS = 20;

const LONG_TITLE = 48;

class Matrix {
  constructor(explorer) {
    this.explorer = explorer;
    this.node = el("div", { class: "matrix-view" });
  }

  pages() {
    return Math.max(1, Math.ceil(this.explorer.rows.length / SEGMENT_ROWS));
  }

  get page() {
    return Math.min(Number(this.explorer.state.page), this.pages());
  }

  /** The systems that have a column: A, B and the chosen ones, each once. */
  columns() {
    const { state, data } = this.explorer;
    const more = state.cols.split(".").filter((col) => col !== "r" && col !== "").map(Number);
    return [...new Set([Number(state.a), Number(state.b), ...more])].filter((system) => system < data.systems.length);
  }

  draw() {
    const { t, rows, blocks, state } = this.explorer;
    if (!rows.length) {
      this.node.replaceChildren(el("p", { class: "explorer-state" }, t.none));
      return;
    }
    const systems = this.columns();
    const withReference = state.cols.split(".").includes("r");
    const head = el("tr", {}, el("th", { scope: "col" }, t.segment), el("th", { scope: "col" }, t.source));
    if (withReference) head.append(el("th", { scope: "col" }, t.reference));
    for (const system of systems) head.append(el("th", { scope: "col" }, blocks.name(system)));
    const first = (this.page - 1) * SEGMENT_ROWS;
    const body = el("tbody", {}, ...rows.slice(first, first + SEGMENT_ROWS).map((row) =>
      this.row(row, systems, withReference)));
    const table = el("table", { class: `matrix-table columns-${Math.min(systems.length, 4)}` },
      el("caption", { class: "unseen" }, t.list), el("thead", {}, head), body);
    const region = el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": t.list }, table);
    this.node.replaceChildren(region, this.pager());
  }

  row(row, systems, withReference) {
    const { explorer } = this;
    const { t, data, blocks, state } = explorer;
    const [source, references, outputs] = data.texts[row];
    const marks = marksOf(data, row, state, systems);
    const link = el("a", { class: "row-link", href: explorer.hashWith({ at: data.id(row) }) });
    // A long title is cut to a few lines; the number behind it stays in sight.
    const title = el("span", data.article(row).length > LONG_TITLE ? { class: "cut", title: data.article(row) } : {});
    appendName(title, data.article(row));
    link.append(title, ` · ${data.number(row)}`);
    const name = el("th", { scope: "row" }, link);
    const difference = blocks.difference(row);
    if (difference) name.append(" ", difference);
    if (explorer.notes.has(data.id(row))) name.append(" ", el("span", { class: "row-noted", title: t.noted }, "✎"));
    if (marks.tooLong) name.append(el("small", {}, t.too_long));
    const cell = (label, ...children) => el("td", { "data-label": label }, ...children.filter(Boolean));
    const node = el("tr", {}, name, cell(
      t.source, blocks.text(row, "source", 0, source, marks.source), this.copy(source)));
    if (withReference) {
      const place = marks.fits.get(blocks.a) ?? 0;
      const label = references.length > 1 ? el("small", { class: "fit" }, blocks.reference(row, place)) : null;
      const text = references.length
        ? [label, blocks.text(row, "reference", place, references[place], marks.references.get(place)),
          this.copy(references[place])]
        : [el("span", { class: "gone" }, t.no_reference)];
      node.append(cell(t.reference, ...text));
    }
    for (const system of systems) {
      if (outputs[system] === undefined) continue;
      const flag = blocks.flagged(row, system) ? el("span", { class: "row-flag", title: this.flagTitle(row, system) }, "⚑") : null;
      const score = data.metrics.length ? blocks.scores(row, system, [blocks.metric]) : null;
      const under = el("div", { class: "under" }, ...[score, flag, this.fit(row, system, marks), this.copy(outputs[system])]
        .filter(Boolean));
      node.append(cell(data.systems[system], blocks.output(row, system, marks.outputs.get(system)), under));
    }
    return node;
  }

  /** Which reference an output is held against, where there are several. */
  fit(row, system, marks) {
    const { data, blocks, t } = this.explorer;
    const place = marks.fits.get(system);
    if (place === undefined || data.texts[row][1].length < 2) return null;
    return el("small", { class: "fit" }, fill(t.against, { reference: blocks.reference(row, place) }));
  }

  flagTitle(row, system) {
    const { data } = this.explorer;
    return data.marks[system][row].map((kind) => data.kinds[kind]).join(", ");
  }

  /** In a table of many, copying is for the mouse; the view of one segment has it for the keyboard. */
  copy(text) {
    const button = this.explorer.blocks.copy(text, this.explorer.t.copy_text);
    button.tabIndex = -1;
    return button;
  }

  pager() {
    const { explorer } = this;
    const { t } = explorer;
    const step = (label, page, name) => {
      const button = el("button", { type: "button", class: "plain" }, label);
      button.disabled = page < 1 || page > this.pages();
      button.addEventListener("click", () => explorer.turnTo(page, name));
      return button;
    };
    const where = fill(t.page, { page: this.page.toLocaleString("en-GB"), pages: this.pages().toLocaleString("en-GB") });
    return el("nav", { class: "pager", "aria-label": t.pages }, step(t.previous, this.page - 1, "previous"),
      el("span", {}, where), step(t.next, this.page + 1, "next"));
  }
}
