// Which words of an output a reference does not share; of several references, the one that fits best is taken.

/** Characters in ranges. */
function extentOf(ranges) {
  return ranges.reduce((sum, [start, end]) => sum + end - start, 0);
}

/** `{place, missing, extra}` of the reference with the fewest characters that differ; null where all are too long. */
function bestReference(references, output, language) {
  let best = null;
  references.forEach((reference, place) => {
    if (best?.size === 0) return;
    const made = wordDifference(reference, output, language);
    if (!made) return;
    const size = extentOf(made[0]) + extentOf(made[1]);
    if (!best || size < best.size) best = { place, size, missing: made[0], extra: made[1] };
  });
  return best;
}

/**
 * What to mark in a row: `{fits, source, outputs, references, tooLong}`, by system and by reference; `fits` has the place
 * of the reference that each output is held against. In references stands what is missing from the output of A, in the
 * source what metrics miss in any output.
 */
function marksOf(data, row, { marks, a, b }, systems) {
  const [, references, outputs] = data.texts[row];
  const tag = data.target.tag;
  const found = { fits: new Map(), source: [], outputs: new Map(), references: new Map(), tooLong: false };
  const usable = (system) => outputs[system] !== undefined && data.translated(system, row);
  if (marks === "reference" && references.length) {
    for (const system of systems.filter(usable)) {
      const best = bestReference(references, outputs[system], tag);
      found.tooLong ||= !best;
      if (!best) continue;
      found.fits.set(system, best.place);
      found.outputs.set(system, best.extra);
      if (system === Number(a)) found.references.set(best.place, best.missing);
    }
  } else if (marks === "pair" && a !== b && usable(a) && usable(b)) {
    const made = wordDifference(outputs[a], outputs[b], tag);
    found.tooLong = !made;
    if (made) found.outputs.set(Number(a), made[0]).set(Number(b), made[1]);
  } else if (marks === "spans") {
    for (const system of systems) {
      found.outputs.set(system, noticedIn(data, row, system));
      found.source.push(...lostBy(data, row, system));
    }
  }
  return found;
}

/** Error spans of metrics as ranges of a text, in UTF-16 units; `who` goes before the name of the metric. */
function spanRanges(text, spans, who = "") {
  const unit = unitOffsets(text);
  return (spans || []).map(([start, end, severity, metric, confidence]) =>
    [unit(start), unit(end), `span-${severity.replace(/[^a-z]/gi, "")}`,
      `${who}${metric}: ${severity}, ${Math.round(100 * confidence)} %`]);
}

/** What the output of a system leaves out or gets wrong, as places in the source. */
function lostBy(data, row, system) {
  return spanRanges(data.texts[row][0], data.lost[system][row], `${data.systems[system]}: `);
}

/** Error spans of metrics and places of flags in an output. */
function noticedIn(data, row, system) {
  const unit = unitOffsets(data.texts[row][2][system]);
  const spans = spanRanges(data.texts[row][2][system], data.spans[system][row]);
  const flags = (data.flags[system][row] || []).filter(([start]) => start >= 0).map(([start, end, why]) =>
    [unit(start), unit(end), "span-flag", data.whys[why]]);
  return [...spans, ...flags];
}
