"""The report of a proof: one HTML file, for people who read it and for those who print it."""

from watchword.report.html.page import report_html

__all__ = ["report_html"]
