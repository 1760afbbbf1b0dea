"""Draw addresses as QR codes."""

import io

import segno


def qr_inline(address: str) -> str:
    """Draw an address as an SVG element for a page."""
    code = segno.make(address, micro=False)
    return str(code.svg_inline(scale=5, border=2, light="#fff", omitsize=True))


def qr_file(address: str) -> bytes:
    """Draw an address as an SVG file."""
    target = io.BytesIO()
    segno.make(address, micro=False).save(target, kind="svg", scale=5, border=4, light="#fff")
    return target.getvalue()


def qr_text(address: str) -> str:
    """Draw an address as block characters for a terminal."""
    rows = [list(row) for row in segno.make(address, micro=False).matrix_iter(border=2)]
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    # Light blocks on a dark terminal: two rows of the code in each line.
    blocks = {(0, 0): "█", (0, 1): "▀", (1, 0): "▄", (1, 1): " "}
    lines = (
        zip(upper, lower, strict=True) for upper, lower in zip(rows[::2], rows[1::2], strict=True)
    )
    return "\n".join("".join(blocks[pair] for pair in line) for line in lines)
