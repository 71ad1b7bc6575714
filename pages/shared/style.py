"""The few rules of style that the theme settings cannot express."""

from __future__ import annotations

STYLE = """
<style>
.block-container { padding: 3.4rem 2rem 2rem; }
[data-testid="stSidebarHeader"] { height: 2.6rem; margin: 0; padding: 0.4rem 0.6rem 0; }
[data-testid="stSidebarUserContent"] { padding-top: 0.5rem; }
[data-testid="stSidebar"] [data-testid="stVerticalBlock"] { gap: 0.35rem; }
[data-testid="stMainBlockContainer"] h3 { padding: 0.2rem 0 0.1rem; font-size: 1.5rem; }
.st-key-cohort_line button { border-radius: 1rem; min-height: 1.9rem; padding: 0 0.75rem; }
.st-key-cohort_line { border-bottom: 1px solid var(--st-border-color, #E3E8EE);
  padding-bottom: 0.4rem; }
[data-testid="stMarkdownContainer"] table { width: 100%; font-size: 0.92rem; margin: 0; }
[data-testid="stMarkdownContainer"] :is(th, td) { padding: 0.28rem 0.5rem; border-width: 0 0 1px; }
[data-testid="stMarkdownContainer"] td { white-space: nowrap; }
[data-testid="stMarkdownContainer"]:has(table) { overflow-x: auto; }
[data-testid="stMainBlockContainer"] [data-testid="stVerticalBlock"] { gap: 0.6rem; }
</style>
"""
