// One segment with everything that is known of it: A and B first, the other systems folded, and a note of the reader.

class Single {
  constructor(explorer) {
    this.explorer = explorer;
    this.node = el("div", { class: "single-view", role: "region", tabindex: "-1", "aria-label": explorer.t.detail });
  }

  draw() {
    const { explorer } = this;
    const { t, data, state, blocks } = explorer;
    const row = data.rowOf(state.at);
    const [source, references] = data.texts[row];
    const shown = [...new Set([blocks.a, blocks.b])].filter((system) => data.systems[system] !== undefined);
    const others = data.systems.map((_, system) => system).filter((system) => !shown.includes(system));
    const marks = marksOf(data, row, state, data.systems.map((_, system) => system));
    const shownSource = blocks.text(row, "source", 0, source, marks.source);
    const nodes = [this.head(row), this.block(t.source, "seg-source", source, shownSource)];
    if (marks.tooLong) nodes.push(el("p", { class: "gone" }, t.too_long));
    references.forEach((reference, place) => {
      const label = `${blocks.reference(row, place)}${this.fitting(marks, place, references.length)}`;
      const text = blocks.text(row, "reference", place, reference, marks.references.get(place));
      nodes.push(this.block(label, "seg-reference", reference, text));
    });
    if (!references.length) nodes.push(el("p", { class: "gone" }, t.no_reference));
    const sides = explorer.disagreements().sides.get(row);
    if (sides) {
      nodes.push(el("p", { class: "seg-disagree" }, disagreementText(t, data, blocks.a, blocks.b, row, sides)));
    }
    nodes.push(...shown.map((system) => this.output(row, system, marks)));
    if (others.length) {
      const summary = el("summary", {}, fill(t.others, { n: others.length.toLocaleString("en-GB") }));
      const fold = el("details", { class: "seg-others" }, summary);
      // Built when it is opened: two dozen systems are not looked at in every segment.
      const fill_ = () => { if (fold.childElementCount === 1) fold.append(...others.map((s) => this.output(row, s, marks))); };
      fold.addEventListener("toggle", () => { explorer.othersOpen = fold.open; fill_(); });
      if (explorer.othersOpen) {
        fold.open = true;
        fill_();
      }
      nodes.push(fold);
    }
    nodes.push(this.note(data.id(row)));
    this.node.replaceChildren(...nodes);
  }

  head(row) {
    const { explorer } = this;
    const { t, data, rows } = explorer;
    const at = rows.indexOf(row);
    const heading = el("h4", {});
    appendName(heading, data.title(row));
    const button = (label, action, usable = true) => {
      const node = el("button", { type: "button", class: "plain" }, label);
      node.disabled = !usable;
      node.addEventListener("click", action);
      return node;
    };
    const place = at < 0 ? "" : fill(t.place, {
      n: (at + 1).toLocaleString("en-GB"), all: rows.length.toLocaleString("en-GB"),
    });
    const link = el("a", { class: "seg-link", href: explorer.hashOf(data.id(row)) }, t.link);
    const copy = button(t.copy_link, async () => {
      copy.textContent = (await copyText(`${location.href.split("#")[0]}${link.hash}`)) ? t.copied : t.not_copied;
    });
    return el("header", {}, heading, el("p", { class: "seg-steps" },
      button(t.back, () => explorer.change({ at: "" })), el("span", { class: "quiet" }, place),
      button(t.previous, () => explorer.move(-1), at > 0),
      button(t.next, () => explorer.move(1), at >= 0 && at < rows.length - 1), link, copy));
  }

  fitting(marks, place, count) {
    const { data, t } = this.explorer;
    if (count < 2) return "";
    const names = [...marks.fits].filter(([, fit]) => fit === place).map(([system]) => data.systems[system]);
    return names.length ? ` – ${fill(t.fits, { systems: names.join(", ") })}` : "";
  }

  block(label, kind, text, body) {
    const name = el("p", { class: "seg-who" });
    appendVisible(name, label);
    name.append(" ", this.explorer.blocks.copy(text, this.explorer.t.copy_text));
    return el("div", { class: `seg ${kind}` }, name, body);
  }

  output(row, system, marks) {
    const { data, blocks, t } = this.explorer;
    const text = data.texts[row][2][system];
    const who = el("p", { class: "seg-who" }, blocks.name(system), " ", blocks.copy(text, t.copy_text));
    const place = marks.fits.get(system);
    if (place !== undefined && data.texts[row][1].length > 1) {
      who.append(" ", el("small", { class: "fit" }, fill(t.against, { reference: blocks.reference(row, place) })));
    }
    const body = blocks.output(row, system, marks.outputs.get(system));
    const parts = [who, body, blocks.scores(row, system), blocks.flags(row, system), blocks.counted(row, system)];
    return el("div", { class: "seg seg-output" }, ...parts.filter(Boolean));
  }

  note(id) {
    const { explorer } = this;
    const field = el("textarea", { id: `${explorer.pair}.explore.note`, rows: "3", dir: "auto" });
    field.value = explorer.notes.get(id);
    field.addEventListener("input", () => {
      explorer.notes.set(id, field.value);
      explorer.handout.draw();
    });
    return el("div", { class: "seg seg-note" }, el("label", { for: field.id, class: "seg-who" }, explorer.t.note), field);
  }
}
