"""How a report looks, in light, in dark, and on paper."""

from __future__ import annotations

CURVE, FAINT = "#1f6fb2", "#eef2f6"
"""Of curves and of what stands behind them, for viewers that do not know the style sheet."""

STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5b6673; --line: #dfe4ea; --paper: #fff; --warn: #8a3b00;
        --fill: #1f6fb2; --faint: #eef2f6; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e9ef; --soft: #a3afbc; --line: #37414d; --paper: #14191f; --warn: #ffb37a; --fill: #6cb6f5;
          --faint: #232b34; } }
@media print {
  :root { color-scheme: light; --ink: #000; --soft: #444; --line: #bbb; --paper: #fff; --warn: #7a3300;
          --fill: #1f6fb2; --faint: #eee; }
  figure, tr, svg { break-inside: avoid; } h2, h3 { break-after: avoid; } .scroll { overflow: visible; }
  .swatch { print-color-adjust: exact; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 0; }
main { max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: .2rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
h1, h2, h3, p, li { overflow-wrap: anywhere; } h3 { font-size: 1rem; margin: 1.4rem 0 .3rem; }
.notice, .warning, .mark { color: var(--warn); } .warning { font-weight: 600; }
.quiet { color: var(--soft); font-size: .87rem; } .spoken { white-space: pre-wrap; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .87rem; margin: .6rem 0; }
th, td { padding: .25rem .7rem .25rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); } tbody th { font-weight: 500; } td { font-variant-numeric: tabular-nums; }
.facts td, .facts th { overflow-wrap: anywhere; } .captions td:nth-child(2) { min-width: 20rem; }
.captions img { max-width: 11rem; margin-bottom: .2rem; }
.beside { display: flex; flex-wrap: wrap; gap: .4rem 1.2rem; } figure { margin: .6rem 0; }
figcaption { color: var(--soft); font-size: .87rem; } img, svg { display: block; max-width: 100%; height: auto; }
svg text { font-size: 12px; fill: var(--soft); } .grid { stroke: var(--line); }
.curve { fill: none; stroke: var(--fill); stroke-width: 2; } .best { fill: var(--warn); }
.whole { fill: var(--faint); } .part { fill: var(--fill); }
.swatch { display: inline-block; width: .85rem; height: .85rem; border: 1px solid var(--soft); margin-right: .45rem;
          vertical-align: -.1rem; }
"""
"""The style sheet of a report, with the classes of its plots and tables."""
