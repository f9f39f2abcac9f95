"""Plots of a report: pure functions to Vega-Lite, drawn offline to SVG and PNG; each has its sentence and its table."""
