"""Maps as figures for print, drawn without a browser: PNG, SVG and PDF, and kortbilag at an exact scale.

Everything is drawn in millimetres of the paper, from layers in EPSG:25832; the same map gives the same bytes. All texts
are drawn as they are: matplotlib's formulas are off, and what its fonts cannot write becomes "\ufffd".
"""

from ballerup_geo.publish.figure._kortbilag import Backdrop, draw_kortbilag, read_backdrop
from ballerup_geo.publish.figure._picture import draw_card, draw_figure

__all__ = ["Backdrop", "draw_card", "draw_figure", "draw_kortbilag", "read_backdrop"]
