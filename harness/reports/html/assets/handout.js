// What leaves the page: the chosen segments as a table and as a list with the command that hands them over, and notes.

class Handout {
  constructor(explorer) {
    this.explorer = explorer;
    this.node = el("details", { class: "handout" });
    this.format = explorer.exporters.includes("pearmut") ? "pearmut" : explorer.exporters[0] ?? "";
    this.build();
  }

  build() {
    const { t, data, pair, notes } = this.explorer;
    const button = (label, action) => {
      const node = el("button", { type: "button", class: "plain" }, label);
      node.addEventListener("click", action);
      return node;
    };
    this.list = fileName("segments", `${pair}.txt`);
    const table = button(t.save_table, () =>
      saveFile(fileName("segments", `${pair}.csv`), "text/csv", segmentsCsv(data, this.explorer.rows, notes)));
    const list = button(t.save_list, () => saveFile(this.list, "text/plain", segmentsList(data, this.explorer.rows)));
    const formats = el("select", { id: `${pair}.explore.format` }, ...this.explorer.exporters.map((format) =>
      el("option", { value: format }, format)));
    formats.value = this.format;
    formats.addEventListener("change", () => {
      this.format = formats.value;
      this.draw();
    });
    this.command = el("code", {});
    const copy = button(t.copy_command, async () => {
      copy.textContent = (await copyText(this.command.textContent)) ? t.copied : t.not_copied;
    });
    this.summary = el("summary", {});
    this.said = el("p", { class: "quiet", role: "status" });
    this.save = button(t.save_notes, () =>
      saveFile(fileName("notes", pair, `${this.explorer.run}.json`), "application/json", notes.file()));
    const chooser = el("input", { type: "file", accept: ".json", id: `${pair}.explore.notes`, class: "unseen" });
    chooser.addEventListener("change", () => this.load(chooser));
    this.node.append(this.summary,
      el("p", {}, table, " ", list),
      el("p", { class: "about" }, t.hand_over),
      el("p", { class: "handout-command" }, el("label", { for: formats.id }, t.format), " ", formats, " ", this.command, " ", copy),
      el("p", {}, this.save, " ", chooser, el("label", { for: chooser.id, class: "plain button" }, t.load_notes)),
      el("p", { class: "about" }, t.about_notes), this.said);
  }

  draw() {
    const { t, rows, notes, pair, run } = this.explorer;
    const n = notes.texts.size.toLocaleString("en-GB");
    this.summary.textContent = fill(t.handout, { segments: rows.length.toLocaleString("en-GB"), notes: n });
    this.command.textContent = `harness export ${visibleText(run)} --pair ${pair} --to ${this.format} `
      + `--which "list ${this.list}"`;
    this.save.disabled = !notes.texts.size;
    if (!notes.kept) this.said.textContent = t.notes_not_kept;
  }

  async load(chooser) {
    const { explorer } = this;
    const { t } = explorer;
    if (!chooser.files.length) return;
    const found = explorer.notes.load(await chooser.files[0].text(), (id) => explorer.data.rowOf(id) >= 0);
    chooser.value = "";
    this.said.replaceChildren();
    const said = found.problem === "broken" ? t.notes_broken
      : found.problem ? fill(t.notes_other, { run: found.run })
        : fill(found.unknown ? t.notes_loaded_some : t.notes_loaded, { n: found.count, unknown: found.unknown });
    appendVisible(this.said, said);
    explorer.update();
  }
}
