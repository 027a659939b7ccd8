"""From content and layers to results: compare content with declarations, run what has changed, in order. No science.

Examples
--------
>>> from ballerup_geo.run import check, run  # doctest: +SKIP
>>> check(project)  # doctest: +SKIP
()
>>> run(project, out=Path(".")).done  # doctest: +SKIP
('rainwater',)
"""

from ballerup_geo.run._check import check
from ballerup_geo.run._execute import Prepared, RunReport, prepare, run

__all__ = ["Prepared", "RunReport", "check", "prepare", "run"]
