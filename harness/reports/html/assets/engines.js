// The table of engines: sorted by a column, as differences from a baseline, without the rows that are hidden. What the
// cells say at first is what the run has stored; differences are computed from the full numbers beside them.

class EngineTable {
  constructor(table, messages) {
    this.table = table;
    this.t = messages;
    this.pair = table.dataset.engines;
    this.view = "engines";
    this.body = table.tBodies[0];
    this.rows = Array.from(this.body.rows);
    this.heads = Array.from(table.tHead.rows[0].cells);
    const primary = table.querySelector("thead .primary");
    this.digits = primary && /^\d+$/.test(primary.dataset.digits) ? Number(primary.dataset.digits) : "significant";
    this.texts = new Map(Array.from(table.querySelectorAll("tbody .shown"), (part) => [part, part.textContent]));
    this.names = this.rows.map((row) => row.querySelector("th bdi").textContent);
    this.state = this.usual();
    this.heads.forEach((head, column) => {
      if (head.dataset.sort) this.addButton(head, column);
    });
    table.closest(".scroll").before(this.controls());
    this.show();
  }

  usual() {
    return { sort: "0", order: "ascending", base: "", hide: [] };
  }

  /** What differs from how the table is at first; systems go by their row there. */
  get query() {
    const { sort, order, base, hide } = this.state;
    const query = new URLSearchParams();
    if (sort !== "0" || order !== "ascending") query.set("sort", `${sort}.${order}`);
    if (base !== "") query.set("base", base);
    if (hide.length) query.set("hide", hide.join("."));
    return query.toString();
  }

  /** Show what a query says; what it says of systems or columns that are not there is left out. */
  restore(text) {
    const query = new URLSearchParams(text);
    const isRow = (place) => /^\d+$/.test(place) && Number(place) < this.rows.length;
    const [sort, order] = (query.get("sort") || "").split(".");
    const base = query.get("base") || "";
    const sorts = /^\d+$/.test(sort) && this.heads[Number(sort)]?.dataset.sort && ["ascending", "descending"].includes(order);
    this.state = { ...this.usual(), ...(sorts ? { sort, order } : {}) };
    if (isRow(base)) this.state.base = base;
    this.state.hide = (query.get("hide") || "").split(".").filter(isRow).map(Number);
    this.show();
  }

  change(changes) {
    Object.assign(this.state, changes);
    this.show();
    this.address.write(this, true);
  }

  /** The heading becomes a button; what it says stays. */
  addButton(head, column) {
    const button = el("button", { type: "button", class: "sort" });
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const first = head.dataset.sort === "high" ? "descending" : "ascending";
      const other = first === "descending" ? "ascending" : "descending";
      this.change({ sort: String(column), order: head.getAttribute("aria-sort") === first ? other : first });
    });
  }

  controls() {
    const id = `${this.pair}.engines.baseline`;
    this.select = el("select", { id }, el("option", { value: "" }, this.t.engines_scores));
    this.names.forEach((name, place) => {
      this.select.append(el("option", { value: String(place) }, fill(this.t.engines_difference, { system: name })));
    });
    this.select.addEventListener("change", () => this.change({ base: this.select.value }));
    this.all = el("button", { type: "button", class: "plain" });
    this.all.addEventListener("click", () => {
      this.change({ hide: [] });
      this.select.focus();
    });
    this.said = el("span", { role: "status", class: "quiet" });
    this.rows.forEach((row, place) => {
      const label = fill(this.t.engines_hide, { system: this.names[place] });
      const hide = el("button", { type: "button", class: "hide", "aria-label": label, title: label }, "×");
      hide.addEventListener("click", () => {
        this.change({ hide: [...this.state.hide, place] });
        this.all.focus();
      });
      row.querySelector("th").prepend(hide);
    });
    return el("div", { class: "engines-controls" }, el("label", { for: id }, this.t.engines_show), this.select, this.all, this.said);
  }

  value(row, column) {
    const text = row.cells[column].dataset.value;
    return text === undefined || text === "" ? NaN : Number(text);
  }

  show() {
    this.sort(Number(this.state.sort), this.state.order);
    this.rows.forEach((row, place) => { row.hidden = this.state.hide.includes(place); });
    this.all.hidden = this.state.hide.length === 0;
    this.all.textContent = fill(this.t.engines_hidden, { n: String(this.state.hide.length) });
    this.select.value = this.state.base;
    this.compare(this.state.base === "" ? null : Number(this.state.base));
  }

  /** Rows without a value come after those with one, and floors after all; the order of the page decides ties. */
  sort(column, order) {
    for (const head of this.heads) head.removeAttribute("aria-sort");
    this.heads[column].setAttribute("aria-sort", order);
    const sign = order === "ascending" ? 1 : -1;
    const isName = this.heads[column].dataset.sort === "name";
    const compare = (one, other) => {
      if (isName) return sign * this.names[one].localeCompare(this.names[other]);
      const [x, y] = [one, other].map((place) => this.value(this.rows[place], column));
      if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
      return sign * (x - y);
    };
    const isFloor = (place) => Number(this.rows[place].classList.contains("floor"));
    const places = this.rows.map((row, place) => place);
    places.sort((one, other) => isFloor(one) - isFloor(other) || compare(one, other) || one - other);
    const wanted = places.map((place) => this.rows[place]);
    // Moving a row would take the keyboard's place in it away.
    if (wanted.some((row, place) => row !== this.body.rows[place])) this.body.append(...wanted);
  }

  /** All numbers as differences from those of one row; null: as they are. */
  compare(base) {
    this.table.classList.toggle("differences", base !== null);
    this.said.textContent = base === null ? "" : fill(this.t.engines_minus, { system: this.names[base] });
    this.drawIntervals(base);
    this.rows.forEach((row, place) => {
      row.classList.toggle("baseline", place === base);
      Array.from(row.cells).forEach((cell, column) => {
        const part = cell.querySelector(".shown");
        if (part) part.textContent = this.difference(row, base, column) ?? this.texts.get(part);
        const tie = cell.querySelector(".against");
        if (tie) tie.textContent = base !== null && row.dataset.ties.split(" ").includes(String(base)) ? this.t.engines_tied : "";
      });
    });
  }

  /** The interval of each row's difference from one row, drawn on one axis with 0; floors do not stretch it. */
  drawIntervals(base) {
    const gaps = this.rows.map((row) => {
      const ends = base === null ? "," : (row.dataset.gaps || "").split(";")[base] || ",";
      return ends === "," ? null : ends.split(",").map(Number);
    });
    const drawn = gaps.filter((gap, place) => gap && !this.rows[place].classList.contains("floor"));
    const low = Math.min(0, ...drawn.flat());
    const high = Math.max(0, ...drawn.flat());
    const at = (value) => (100 * (value - low)) / (high - low);
    this.rows.forEach((row, place) => {
      const part = row.querySelector(".axis .difference");
      if (!part) return;
      part.replaceChildren();
      const gap = gaps[place];
      if (!gap) return;
      if (drawn.includes(gap)) {
        part.append(intervalBar([["zero", at(0), at(0)], ["", at(gap[0]), at(gap[1])]]));
      }
      const [from, to] = gap.map((end) => differenceText(this.digits, end).replace("+", ""));
      part.append(el("small", {}, fill(this.t.engines_interval, { low: from, high: to })));
    });
  }

  /** Null where the cell stays as it is: there is no baseline, or nothing to subtract. */
  difference(row, base, column) {
    const { digits, unit } = this.heads[column].dataset;
    if (base === null || digits === undefined) return null;
    const gap = this.value(row, column) - this.value(this.rows[base], column);
    if (Number.isNaN(gap)) return Number.isNaN(this.value(row, column)) ? null : "–";
    return fill(unit || "{n}", { n: differenceText(/^\d+$/.test(digits) ? Number(digits) : digits, gap) });
  }
}

/** Lines on an axis from 0 to 100: name, start and end of each; those of no length stand upright. */
function intervalBar(lines) {
  const make = (name, attributes) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    return node;
  };
  const bar = make("svg", { viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true", focusable: "false" });
  for (const [name, x1, x2] of lines) {
    const [y1, y2] = x1 === x2 ? [0, 10] : [5, 5];
    bar.append(make("line", { class: name, x1, x2, y1, y2 }));
  }
  return bar;
}

/** The tables with something to sort. */
function engineTables(messages) {
  return Array.from(document.querySelectorAll("[data-engines]"))
    .filter((table) => table.tBodies[0].rows.length > 1)
    .map((table) => new EngineTable(table, messages));
}
