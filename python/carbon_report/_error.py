"""What goes wrong, with a way out."""

from __future__ import annotations


class CarbonReportError(Exception):
    """Nothing could be made: wrong options, no log, no energy.

    `message` says what was found and what was expected, `hint` what to do; both are the command's own words.
    """

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\nhint: {self.hint}" if self.hint else self.message


class CarbonReportWarning(UserWarning):
    """A report was made, but a path that was named, or a log that was recognised, could not be used."""
