"""How reports look."""

from __future__ import annotations

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #1c2430; background: #fff; max-width: 62rem; margin: 2rem auto;
       padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: .2rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
h3 { font-size: 1rem; margin: 1.4rem 0 .3rem; overflow-wrap: anywhere; }
.notice { color: #8a3b00; overflow-wrap: anywhere; } .quiet { color: #5b6673; font-size: .87rem; }
.scroll { overflow-x: auto; } code { font-size: .85rem; overflow-wrap: anywhere; }
table { border-collapse: collapse; font-size: .87rem; margin: .6rem 0; }
th, td { padding: .22rem .7rem; text-align: right; border-bottom: 1px solid #e3e7ec; white-space: nowrap; }
th { color: #5b6673; font-weight: 600; }
td:nth-child(-n+2), th:nth-child(-n+2) { text-align: left; }
td:first-child { white-space: normal; overflow-wrap: anywhere; min-width: 8rem; }
img, svg { display: block; max-width: 100%; height: auto; } svg text { font-size: 12px; fill: #3d4753; }
.grid { stroke: #e3e7ec; } .box { fill: #eef2f6; stroke: #9aa7b4; } .median { stroke: #3d4753; stroke-width: 2; }
.dot { fill-opacity: .65; } .mean { stroke: #1c2430; stroke-width: 1.5; } .diamond { fill: #1c2430; }
.swatch { display: inline-block; width: .9rem; height: .9rem; border: 1px solid #5b6673; margin: 0 .35rem 0 .9rem;
          vertical-align: -.1rem; }
.ideal { stroke: #5b6673; stroke-dasharray: 5 4; } .curve { fill: none; stroke-width: 2; }
.beside { display: flex; flex-wrap: wrap; gap: 0 2rem; }
.confusion td { text-align: right; min-width: 3.2rem; } .confusion td:first-child { text-align: left; }
.confusion .right { font-weight: 700; }
"""
"""The style sheet of a report, with the classes of its plots and tables."""
