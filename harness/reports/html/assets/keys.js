// The keyboard, in the list and in one segment.

function onKey(explorer, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
  const { state, controls } = explorer;
  if (event.key === "Escape") {
    if (typing) explorer.results.focus();
    else if (state.at) explorer.change({ at: "" });
    return;
  }
  if (typing) return;
  const next = MARKS[(MARKS.indexOf(state.marks) + 1) % MARKS.length];
  const actions = {
    "/": () => controls.fields.q.focus(),
    x: () => explorer.change({ a: state.b, b: state.a }),
    m: () => explorer.change({ marks: next }),
    j: () => (state.at ? explorer.move(1) : focusRow(explorer, 1)),
    k: () => (state.at ? explorer.move(-1) : focusRow(explorer, -1)),
    n: () => { if (!state.at) explorer.turnTo(explorer.matrix.page + 1); },
    p: () => { if (!state.at) explorer.turnTo(explorer.matrix.page - 1); },
  };
  if (!(event.key in actions)) return;
  event.preventDefault();
  actions[event.key]();
}

/** The next or the previous segment of the list; beyond the page the first or last one of the next. */
function focusRow(explorer, by) {
  const links = Array.from(explorer.matrix.node.querySelectorAll(".row-link"));
  const at = links.indexOf(document.activeElement.closest?.("tr")?.querySelector(".row-link"));
  const next = at < 0 ? (by > 0 ? 0 : links.length - 1) : at + by;
  if (next >= 0 && next < links.length) links[next].focus();
  else if (explorer.turnTo(explorer.matrix.page + by)) {
    const turned = explorer.matrix.node.querySelectorAll(".row-link");
    turned[by > 0 ? 0 : turned.length - 1]?.focus();
  }
}
