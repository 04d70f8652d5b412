"""Rating by people, from the choice of articles to the decision."""
