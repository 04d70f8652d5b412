// What readers write down about segments: kept by the browser where it may, and in a file that can be sent on.

const NOTES_FORMAT = "harness-notes";

class Notes {
  constructor(run, pair) {
    this.run = run;
    this.pair = pair;
    this.key = `${NOTES_FORMAT} ${run} ${pair}`;
    this.texts = new Map();
    this.kept = true;
    try {
      this.texts = new Map(Object.entries(JSON.parse(localStorage.getItem(this.key) || "{}")));
    } catch {
      this.kept = false;  // a page in a frame, or a browser that keeps nothing: the file is what is left
    }
  }

  has(id) {
    return this.texts.has(id);
  }

  get(id) {
    return this.texts.get(id) ?? "";
  }

  set(id, text) {
    if (text.trim()) this.texts.set(id, text);
    else this.texts.delete(id);
    try {
      localStorage.setItem(this.key, JSON.stringify(Object.fromEntries(this.texts)));
    } catch {
      this.kept = false;
    }
  }

  file() {
    const notes = Array.from(this.texts, ([segment, note]) => ({ segment, note }));
    return `${JSON.stringify({ format: NOTES_FORMAT, run: this.run, pair: this.pair, notes }, null, 1)}\n`;
  }

  /** Take the notes of a file: `{problem, run}` where they are of another report, else `{count, unknown}`. */
  load(text, known) {
    let read;
    try {
      read = JSON.parse(text);
    } catch {
      return { problem: "broken" };
    }
    const listed = Array.isArray(read?.notes) && read.notes.every((one) =>
      typeof one?.segment === "string" && typeof one?.note === "string");
    if (read?.format !== NOTES_FORMAT || !listed) return { problem: "broken" };
    if (read.run !== this.run || read.pair !== this.pair) return { problem: "other", run: `${read.run}, ${read.pair}` };
    const here = read.notes.filter(({ segment }) => known(segment));
    for (const { segment, note } of here) {
      const own = this.get(segment);
      if (!own.includes(note)) this.set(segment, own ? `${own}\n${note}` : note);
    }
    return { count: here.length, unknown: read.notes.length - here.length };
  }
}
