"""Bar charts as SVG, small enough to be read and to be kept in git."""
from xml.sax.saxutils import escape

WIDTH, LABEL, BAR, GAP = 720, 190, 18, 6
COLOURS = {"airlane": "#d9480f", "relay": "#868e96", "direct": "#ced4da", "other": "#4c6ef5"}


def colour_of(label):
    for prefix, colour in COLOURS.items():
        if label.startswith(prefix):
            return colour
    return COLOURS["other"]


def bars(title, unit, values, digits=2):
    """An SVG of horizontal bars for [(label, value)], in the given order."""
    top = 34
    height = top + len(values) * (BAR + GAP) + 8
    most = max(value for _, value in values) or 1
    room = WIDTH - LABEL - 90
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="8" y="20" font-size="14" font-weight="bold">{escape(title)}'
        f'<tspan font-weight="normal" fill="#495057"> ({escape(unit)})</tspan></text>',
    ]
    for index, (label, value) in enumerate(values):
        y = top + index * (BAR + GAP)
        width = max(1, round(room * value / most))
        lines += [
            f'<text x="{LABEL - 8}" y="{y + 13}" text-anchor="end">{escape(label)}</text>',
            f'<rect x="{LABEL}" y="{y}" width="{width}" height="{BAR}" fill="{colour_of(label)}"/>',
            f'<text x="{LABEL + width + 6}" y="{y + 13}">{value:,.{digits}f}</text>',
        ]
    return "\n".join([*lines, "</svg>", ""])
