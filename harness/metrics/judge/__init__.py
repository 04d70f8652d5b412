"""Language models that judge translations and say why."""
