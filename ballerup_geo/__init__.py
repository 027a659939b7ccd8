"""Geospatial planning and climate adaptation for Ballerup Kommune."""

__version__ = "0.1.0"
