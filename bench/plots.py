"""Draws figures as bars, in SVG written by hand; knows nothing of what they mean."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10
from typing import Final

WIDTH: Final = 760
LABELS: Final = 280
BAR: Final = 18
STEP: Final = 28
TOP: Final = 56
_TICKS: Final = (1, 2, 5, 10)
_MOST_TICKS: Final = 6
_STYLE: Final = (
    "text{font:13px system-ui,sans-serif;fill:#24292f}.title{font-weight:600;font-size:15px}.small{font-size:11px}"
    ".ours{fill:#0b6e99}.theirs{fill:#b5bcc4}.mark{stroke:#b3261e;stroke-dasharray:4 3}.grid{stroke:#e5e8eb}"
)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; ours are coloured."""

    label: str
    value: float
    ours: bool = True


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars below a title; a dashed line stands at `mark`, what all are compared with."""

    title: str
    unit: str
    bars: Sequence[Bar]
    mark: float | None = None


def svg(chart: Chart) -> str:
    """Return the picture, which needs nothing but itself."""
    step = _step(_most(chart))
    ticks = [step * number for number in range(ceil(_most(chart) / step) + 1)]
    scale = (WIDTH - LABELS - 70) / ticks[-1]
    bottom = TOP + STEP * len(chart.bars)
    parts = [f'<text class="title" x="12" y="22">{escape(chart.title)}</text>']
    for tick in ticks:
        x = LABELS + tick * scale
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 8}" y2="{bottom}"/>')
        parts.append(f'<text class="small" text-anchor="middle" x="{x:.1f}" y="{bottom + 16}">{_told(tick)}</text>')
    parts.append(f'<text class="small" x="{LABELS}" y="{TOP - 14}">{escape(chart.unit)}</text>')
    for number, bar in enumerate(chart.bars):
        parts += _bar(bar, TOP + STEP * number, scale)
    if chart.mark is not None:
        x = LABELS + chart.mark * scale
        parts.append(f'<line class="mark" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 8}" y2="{bottom}"/>')
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{bottom + 28}" role="img">'
    words = f"<title>{escape(chart.title)}</title><style>{_STYLE}</style>"
    ground = '<rect width="100%" height="100%" fill="#ffffff"/>'
    return "\n".join([head, words, ground, *parts, "</svg>", ""])


def _bar(bar: Bar, y: int, scale: float) -> list[str]:
    width = bar.value * scale
    middle = y + BAR * 0.75
    return [
        f'<text text-anchor="end" x="{LABELS - 8}" y="{middle:.1f}">{escape(bar.label)}</text>',
        f'<rect class="{"ours" if bar.ours else "theirs"}" x="{LABELS}" y="{y}" width="{width:.1f}" height="{BAR}"/>',
        f'<text class="small" x="{LABELS + width + 6:.1f}" y="{middle:.1f}">{_told(bar.value)}</text>',
    ]


def _most(chart: Chart) -> float:
    return max([one.value for one in chart.bars] + [chart.mark or 0.0])


def _step(most: float) -> float:
    """Return the least round number of which six reach as far as the longest bar."""
    size: float = 10 ** floor(log10(most / _MOST_TICKS))
    return next(size * tick for tick in _TICKS if size * tick * _MOST_TICKS >= most)


def _told(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
