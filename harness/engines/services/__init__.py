"""Engines of translation services."""
