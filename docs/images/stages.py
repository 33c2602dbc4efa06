"""Draws docs/images/stages.svg: the eight stages. Writes it to standard output."""

STAGES = [
    ("1 import", ["matmul-softmax-matmul", "becomes attn.attention"], "attn, linalg"),
    ("2 fuse", ["what surrounds attention", "moves into it"], "attn, linalg"),
    ("3 tile", ["mask bounds, schedule,", "query and key tiles"], "attn, scf, linalg"),
    ("4 decompose", ["key tiles become", "contractions and rows"], "linalg, scf, math"),
    ("5 vectorize", ["register-shaped kernels,", "regions in the lanes"], "vector, scf"),
    ("6 bufferize", ["tensors become memory,", "scratch the workspace"], "memref, vector, scf"),
    ("7 lower", ["the target's conversions", "and instructions"], "llvm"),
    ("8 emit", ["objects, linked, described", "by header and manifest"], "files"),
]
WIDTH, HEIGHT, GAP, LEFT, TOP = 200, 104, 32, 24, 76
FONT = 'font-family="system-ui, sans-serif"'


def text(x, y, content, size=13, colour="#1f2933", weight="normal", anchor="middle"):
    return (
        f'<text x="{x}" y="{y}" {FONT} font-size="{size}" fill="{colour}" '
        f'font-weight="{weight}" text-anchor="{anchor}">{content}</text>'
    )


def arrow(path):
    return f'<path d="{path}" fill="none" stroke="#52606d" stroke-width="2" marker-end="url(#tip)"/>'


def stage(x, y, name, lines, alive, own):
    fill, line = ("#fff3d6", "#d9a514") if own else ("#e3effb", "#3c7fc0")
    middle = x + WIDTH / 2
    parts = [
        f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="8" fill="{fill}" stroke="{line}"/>',
        text(middle, y + 25, name, 16, weight="bold"),
        *(text(middle, y + 46 + 17 * n, line) for n, line in enumerate(lines)),
        text(middle, y + 92, alive, 12, "#52606d"),
    ]
    return parts


def main():
    right = LEFT + 4 * WIDTH + 3 * GAP
    second = TOP + HEIGHT + 56
    bottom = second + HEIGHT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {right + LEFT} {bottom + 74}" role="img" '
        'aria-label="The eight stages from a model to a library">',
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto"><path d="M0 0 8 4 0 8z" fill="#52606d"/></marker></defs>',
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        text(LEFT, 34, "model.mlir: attn ops, or linalg as a model exports it", 15, anchor="start"),
        arrow(f"M{LEFT + WIDTH / 2} 46V{TOP - 4}"),
    ]
    for n, (name, lines, alive) in enumerate(STAGES):
        x = LEFT + (n % 4) * (WIDTH + GAP)
        y = TOP if n < 4 else second
        parts += stage(x, y, name, lines, alive, own=n >= 6)
        if n % 4 != 3:
            parts.append(arrow(f"M{x + WIDTH + 2} {y + HEIGHT / 2}h{GAP - 6}"))
    turn = TOP + HEIGHT + 28
    down = f"M{right - WIDTH / 2} {TOP + HEIGHT + 2}V{turn}H{LEFT + WIDTH / 2}V{second - 4}"
    parts.append(arrow(down))
    parts.append(arrow(f"M{right - WIDTH / 2} {bottom + 2}V{bottom + 30}"))
    parts.append(text(right, bottom + 52, "model.so, model.h, model.json", 15, anchor="end"))
    parts.append(
        text(LEFT, bottom + 36, "blue: know the target only as facts in the module", 13, "#2f6aa3", anchor="start")
    )
    parts.append(
        text(LEFT, bottom + 56, "yellow: belong to the target (lib/Target)", 13, "#96700a", anchor="start")
    )
    print("\n".join([*parts, "</svg>"]))


if __name__ == "__main__":
    main()
