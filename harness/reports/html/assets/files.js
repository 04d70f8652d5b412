// The chosen segments as files: a table for people, and the list that `harness export` reads.

const FORMULA_STARTS = ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"];

/** As `safe_field` of harness/reports/formats/csv.py: a spreadsheet shows the text and does not run it. */
function safeField(text) {
  const shown = visibleText(text);
  return FORMULA_STARTS.some((start) => text.replace(/^ +/, "").startsWith(start)) ? `'${shown}` : shown;
}

function csvField(text) {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** One row for each segment, with the scores at full precision; headings are in English, as in the CSV of the run. */
function segmentsCsv(data, rows, notes) {
  const references = Math.max(0, ...rows.map((row) => data.texts[row][1].length));
  const head = ["article", "segment", "source"];
  for (let place = 1; place <= references; place += 1) head.push(references > 1 ? `reference ${place}` : "reference");
  for (const label of data.systems) {
    head.push(label, ...data.metrics.map(({ title }) => `${label}: ${title}`), `${label}: flags`);
  }
  const lines = rows.map((row) => {
    const [source, own, outputs] = data.texts[row];
    const cells = [safeField(data.articles[data.articleOf[row]].id), String(data.number(row)), safeField(source)];
    for (let place = 0; place < references; place += 1) cells.push(safeField(own[place] ?? ""));
    data.systems.forEach((_, system) => {
      const scores = data.metrics.map((_metric, metric) => data.score(metric, system, row));
      const kinds = (data.marks[system][row] || []).map((kind) => data.kinds[kind]);
      cells.push(safeField(data.translated(system, row) ? outputs[system] : ""));
      cells.push(...scores.map((score) => (Number.isFinite(score) ? String(score) : "")), safeField(kinds.join(", ")));
    });
    return [...cells, safeField(notes.get(data.id(row)))];
  });
  return [[...head.map(safeField), "note"], ...lines].map((cells) => `${cells.map(csvField).join(",")}\n`).join("");
}

function segmentsList(data, rows) {
  return rows.map((row) => `${data.id(row)}\n`).join("");
}

/** A name that every system of files takes. */
function fileName(...parts) {
  return parts.join("-").replace(/[^\w.-]+/g, "-");
}

function saveFile(name, type, text) {
  const address = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = el("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

/** Put a text on the clipboard; whether the browser let us. */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = el("textarea", { class: "unseen", "aria-hidden": "true", tabindex: "-1" });
    const back = document.activeElement;
    field.value = text;
    document.body.append(field);
    field.select();
    const copied = document.execCommand("copy");
    field.remove();
    back?.focus();
    return copied;
  }
}
