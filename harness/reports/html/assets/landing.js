// Being brought to a place of the page, and staying there while explorers above it are still built.

class Landing {
  constructor() {
    this.go = null;
    const moved = () => { this.release(); };
    for (const kind of ["wheel", "touchmove", "keydown", "pointerdown"]) addEventListener(kind, moved, { passive: true });
    addEventListener("scroll", () => { if (this.go && Math.abs(scrollY - this.at) > 2) this.release(); });
    new ResizeObserver(() => this.again()).observe(document.body);
  }

  /** Go to an element, or to a number of pixels from the top, and hold it until the reader moves. */
  hold(target) {
    this.go = typeof target === "number"
      ? () => scrollTo({ top: target, behavior: "instant" })
      : () => target.scrollIntoView({ block: "start", behavior: "instant" });
    this.wanted = typeof target === "number" ? target : null;
    // What the browser does to keep the view still would look like a move of the reader.
    document.documentElement.style.overflowAnchor = "none";
    this.again();
  }

  again() {
    if (!this.go) return;
    this.go();
    this.at = scrollY;
  }

  release() {
    this.go = null;
    document.documentElement.style.overflowAnchor = "";
  }

  /** How far down the page is, or is on its way to. */
  get top() {
    return (this.go && this.wanted) ?? scrollY;
  }
}
