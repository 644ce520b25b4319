"""The carbon section of a model card, from the logs of a training run.

    import carbon_report

    report = carbon_report.read("logs/", region="FR", pue=1.1)
    report.emissions_kgco2e.value     # also .low, .high, .text
    report                            # the card, in a notebook
    report.update("README.md")        # the section between the markers of a model card

    carbon_report.estimate(gpu="8x A100-SXM4-80GB", hours=24, region="FR")      # without logs

Every number comes from the command `carbon-report` in the same package; nothing is computed here.
"""

from ._accounting import Phase, compare, estimate, read
from ._command import command, version
from ._error import CarbonReportError, CarbonReportWarning
from ._recording import record
from ._report import Note, Quantity, Report, load
from ._web import save_element
from .mark import mark

__version__ = version()

__all__ = [
    "CarbonReportError",
    "CarbonReportWarning",
    "Note",
    "Phase",
    "Quantity",
    "Report",
    "command",
    "compare",
    "estimate",
    "load",
    "mark",
    "read",
    "record",
    "save_element",
]
