"""Two whole documents become one article: paragraphs into sentences, sentences into beads, beads into segments."""
