"""The report of a round: one page, one workbook, the same figures."""

from matching.rounds.report.page import write_report

__all__ = ["write_report"]
