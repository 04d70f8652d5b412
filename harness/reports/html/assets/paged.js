// Long tables: the first rows, or all of them some at a time. Without scripts all rows are there.

const TABLE_ROWS = 20;

class PagedTable {
  constructor(table, messages) {
    this.t = messages;
    this.rows = Array.from(table.tBodies[0].rows);
    this.first = Number(table.dataset.rows);
    this.from = 0;
    this.all = false;
    const button = (text, act) => {
      const node = el("button", { type: "button", class: "plain" }, text);
      node.addEventListener("click", () => { act(); this.show(); });
      return node;
    };
    const t = messages;
    this.less = button(fill(t.page_first, { n: this.number(this.first) }), () => { this.all = false; this.from = 0; });
    this.more = button(fill(t.page_all, { n: this.number(this.rows.length) }), () => { this.all = true; this.from = 0; });
    this.previous = button(t.page_previous, () => { this.from -= TABLE_ROWS; });
    this.next = button(t.page_next, () => { this.from += TABLE_ROWS; });
    this.place = el("span", { role: "status", class: "quiet" });
    const bar = el("div", { class: "pager" }, this.less, this.more, this.previous, this.next, this.place);
    this.printed = el("p", { class: "printed" });
    (table.closest(".scroll") || table).after(bar, this.printed);
    this.show();
  }

  number(value) {
    return value.toLocaleString("en-GB");
  }

  show() {
    const to = this.all ? this.from + TABLE_ROWS : this.first;
    this.rows.forEach((row, at) => { row.hidden = at < this.from || at >= to; });
    const last = Math.min(to, this.rows.length);
    const shown = { first: this.number(this.from + 1), last: this.number(last), all: this.number(this.rows.length) };
    this.place.textContent = fill(this.t.page_shown, shown);
    this.printed.textContent = fill(this.t.page_printed, shown);
    this.less.disabled = !this.all;
    this.more.disabled = this.all;
    this.previous.hidden = this.next.hidden = !this.all;
    this.previous.disabled = this.from === 0;
    this.next.disabled = to >= this.rows.length;
  }
}

function pageTables(messages) {
  for (const table of document.querySelectorAll("table.paged")) {
    if (table.tBodies[0].rows.length > Number(table.dataset.rows)) new PagedTable(table, messages);
  }
}
