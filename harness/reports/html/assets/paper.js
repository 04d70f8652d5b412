// Columns of a table that are wider than the paper are left off it, the last first, and named below it.

class PaperTable {
  constructor(table, messages) {
    this.table = table;
    this.t = messages;
    this.hidden = [];
  }

  columns(row) {
    const columns = [];
    for (const cell of row.cells) for (let at = 0; at < cell.colSpan; at += 1) columns.push(at ? null : cell);
    return columns;
  }

  name(cell) {
    const copy = cell.cloneNode(true);
    for (const part of copy.querySelectorAll("small, .unseen, [aria-hidden]")) part.remove();
    return copy.textContent.trim();
  }

  fit(width) {
    const rows = Array.from(this.table.rows, (row) => this.columns(row));
    const head = rows[0];
    const dropped = [];
    for (let at = head.length - 1; at > 0 && this.table.offsetWidth > width; at -= 1) {
      for (const row of rows) {
        if (row[at] && row[at].colSpan === 1) {
          row[at].classList.add("off-paper");
          this.hidden.push(row[at]);
        }
      }
      dropped.unshift(this.name(head[at]));
    }
    if (!dropped.length) return;
    const said = { shown: head.length - dropped.length, all: head.length, names: dropped.join(", ") };
    this.note = el("p", { class: "printed" }, fill(this.t.columns_printed, said));
    (this.table.closest(".scroll") || this.table).after(this.note);
  }

  restore() {
    for (const cell of this.hidden) cell.classList.remove("off-paper");
    if (this.note) this.note.remove();
  }
}

function fitPaper(messages) {
  const root = document.documentElement;
  let tables = [];
  const restore = () => {
    for (const table of tables) table.restore();
    tables = [];
    root.classList.remove("paper");
  };
  window.addEventListener("beforeprint", () => {
    restore();
    root.classList.add("paper");
    const width = document.body.clientWidth + 1;
    const seen = Array.from(document.querySelectorAll("main table")).filter((table) => table.offsetParent);
    tables = seen.map((table) => new PaperTable(table, messages));
    for (const table of tables) table.fit(width);
  });
  window.addEventListener("afterprint", restore);
}
