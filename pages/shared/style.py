"""The few rules of style that the theme settings cannot express."""

from __future__ import annotations

STYLE = """
<style>
.block-container { padding-top: 3.6rem; padding-bottom: 2rem; }
[data-testid="stSidebarUserContent"] { padding-top: 0.5rem; }
[data-testid="stSidebar"] [data-testid="stVerticalBlock"] { gap: 0.35rem; }
[data-testid="stMainBlockContainer"] h3 { padding: 0.2rem 0 0.1rem; font-size: 1.5rem; }
.st-key-cohort_line button { border-radius: 1rem; min-height: 1.9rem; padding: 0 0.75rem; }
.st-key-cohort_line { border-bottom: 1px solid var(--st-border-color, #E3E8EE);
  padding-bottom: 0.4rem; }
[data-testid="stMarkdownContainer"] table { width: 100%; font-size: 0.95rem; }
</style>
"""
