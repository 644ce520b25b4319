"""The card as a Jupyter widget. Imported on demand: it needs anywidget."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from ._web import WIDGET

if TYPE_CHECKING:
    from ._report import Report
    from ._static import Static


class CarbonCard(anywidget.AnyWidget):
    """A report in a notebook: `<carbon-card>`, whose what-if runs in the browser and needs neither kernel nor network.

    The kernel made the numbers. The report travels with the widget, the logs never do.
    """

    _esm = WIDGET
    report = traitlets.Dict().tag(sync=True)
    #: What a page shows that can't run the card, and the command's Markdown and front matter to copy.
    section = traitlets.Unicode().tag(sync=True)
    markdown = traitlets.Unicode().tag(sync=True)
    front_matter = traitlets.Unicode().tag(sync=True)

    def __init__(self, report: Report) -> None:
        self._static = report.static()
        has_emissions = report.emissions_kgco2e is not None
        super().__init__(
            report=report.to_dict(),
            section=self._static.html,
            markdown=report.to_markdown(),
            front_matter=report.front_matter() if has_emissions else "",
        )

    def static(self) -> Static:
        """The card without JavaScript, for notebooks that are committed."""
        return self._static

    def _repr_mimebundle_(self, **options: Any) -> Any:
        bundle = super()._repr_mimebundle_(**options)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle or {}, {})
        return {**data, **self._static._repr_mimebundle_()}, metadata
