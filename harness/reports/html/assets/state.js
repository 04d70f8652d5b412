// What an explorer shows, as strings: of the address only what is not as at first, and nothing that does not exist.

const FIELDS = ["any", "source", "reference", "a", "b", "output"];
const HOWS = ["text", "word", "regex"];
const SHOWS = ["all", "differ", "gain", "loss", "equal", "disagree", "noted"];
const SORTS = ["order", "low", "high", "loss", "gain", "spread"];
const MARKS = ["reference", "pair", "spans", "none"];

/** Everything at first: A and B are the two best, and nothing is filtered. */
function usualState(data) {
  return {
    q: "", how: "text", in: "any", article: "", slice: "", kind: "", system: "", rows: "", mark: "", show: "all", least: "",
    from: "", to: "", metric: String(data.primary), a: "0", b: data.systems.length > 1 ? "1" : "0", cols: "r",
    sort: "order", marks: "reference", page: "1", at: "",
  };
}

/** What each name may be; a value that is not is left out, and said to be. */
function isKnown(data, name, value) {
  const index = (list) => /^\d+$/.test(value) && Number(value) < list.length;
  switch (name) {
    case "q": case "mark": return true;
    case "how": return HOWS.includes(value);
    case "in": return FIELDS.includes(value);
    case "show": return SHOWS.includes(value);
    case "sort": return SORTS.includes(value);
    case "marks": return MARKS.includes(value);
    case "article": return value === "" || index(data.articles);
    case "metric": return index(data.metrics) || value === "0";
    case "system": return value === "" || index(data.systems);
    case "a": case "b": return index(data.systems) || value === "0";
    case "kind": return value === "" || value === "any" || data.kinds.includes(value);
    case "rows": return value === "" || value.split(",").every((row) => /^\d+$/.test(row) && Number(row) < data.total);
    case "slice": return value === "" || sliceOf(data, value) !== null;
    case "cols": return value.split(".").every((col) => col === "" || col === "r" || Number(col) < data.systems.length);
    case "least": case "from": case "to": return value === "" || Number.isFinite(Number(value));
    case "page": return /^[1-9]\d*$/.test(value);
    case "at": return value === "" || data.rowOf(value) >= 0;
    default: return false;
  }
}

/** A kind of slices and the place of one among them, of `domain.0`; null where there is none. */
function sliceOf(data, value) {
  const cut = value.lastIndexOf(".");
  const kind = data.slices.find((slices) => slices.kind === value.slice(0, cut));
  const place = Number(value.slice(cut + 1));
  return kind && Number.isInteger(place) && place >= 0 && place < kind.labels.length ? { kind, place } : null;
}

/** The state that a query asks for, and the names of what it asks for that does not exist. */
function readState(data, query) {
  const state = usualState(data);
  const unknown = [];
  for (const [name, value] of new URLSearchParams(query)) {
    if (isKnown(data, name, value)) state[name] = value;
    else unknown.push(`${name}=${value}`);
  }
  return { state, unknown };
}

function writeState(data, state) {
  const usual = usualState(data);
  return new URLSearchParams(Object.entries(state).filter(([name, value]) => value !== usual[name])).toString();
}
