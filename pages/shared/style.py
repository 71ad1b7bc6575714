"""The few rules of style that the theme settings cannot express."""

from __future__ import annotations

BRAND = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="240" height="28" role="img" '
    'aria-label="Kyphoplasty outcomes"><text x="0" y="20" font-family="Source Sans, Liberation '
    'Sans, Arial, sans-serif" font-size="19" font-weight="600" fill="#1A8A86">'
    "Kyphoplasty outcomes</text></svg>"
)
# Streamlit fades each element by itself, a layer for each at every click; here the answer is veiled
# as one, and what stands outside it, such as a progress bar, stays legible.
STYLE = """
<style>
.spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; margin: 0;
  clip-path: inset(50%); white-space: nowrap; }
[data-testid="stElementContainer"]:has(> [data-testid="stHtml"] > .spoken) {
  position: absolute; }
.block-container { padding: 0 2rem 2rem; }
.st-key-frame-menu { position: sticky; top: 0; z-index: 999991; width: fit-content; height: 3.75rem;
  margin-bottom: -0.6rem; }
.st-key-frame-menu::before { content: "" / ""; position: absolute; inset: 0; z-index: -1;
  background: light-dark(#FFFFFF, #10171E); clip-path: inset(0 -100vmax 0 -1.9rem);
  box-shadow: 0 0 0 100vmax light-dark(#FFFFFF, #10171E); }
[data-testid="stSidebar"][data-collapsed="true"] ~ * .st-key-frame-menu { margin-left: 2.4rem; }
[data-testid="stSidebar"][data-collapsed="true"] ~ * .st-key-frame-menu::before {
  clip-path: inset(0 -100vmax 0 0); }
[data-testid="stHeader"] [data-testid="stLogoLink"] { display: none; }
[data-testid="stSidebarHeader"] { height: 2.6rem; margin: 0; padding: 0.4rem 0.6rem 0; }
[data-testid="stSidebarUserContent"] { padding-top: 0.5rem; }
[data-testid="stSidebar"] [data-testid="stVerticalBlock"] { gap: 0.35rem; }
[data-testid="stMainBlockContainer"] h3 { padding: 0.2rem 0 0.45rem; font-size: 1.4rem; }
[data-testid="stMainBlockContainer"] h4 { padding: 0.4rem 0 0.4rem; font-size: 1.1rem; }
.quiet { margin: 0; font-size: 0.875rem; opacity: 0.8; }
[data-testid="stCaptionContainer"] * { color: inherit !important; }
[data-testid="stCaptionContainer"] { color: inherit !important; opacity: 0.8; }
@media (max-width: 1200px) {
  .st-key-answer > div > [data-testid="stHorizontalBlock"],
  .st-key-answer [data-testid="stHorizontalBlock"]:has(> [data-testid="stColumn"]) {
    flex-wrap: wrap; }
  .st-key-answer [data-testid="stColumn"] { min-width: 100%; }
}
[data-testid="stSidebar"] [data-testid="stExpander"] :is(summary, summary *, button, button *) {
  color: inherit !important; opacity: 1 !important; }
[data-testid="stBaseButton-primary"]:not(:disabled) p { color: light-dark(#FFFFFF, #10171E); }
.st-key-cohort_line button { border-radius: 1rem; min-height: 1.9rem; padding: 0 0.75rem; }
.st-key-cohort_line > :nth-last-child(2) { margin-left: auto; }
.st-key-cohort_line { border-bottom: 1px solid rgba(128, 144, 160, 0.3);
  padding-bottom: 0.4rem; }
[data-testid="stMain"] [data-testid="stMarkdownContainer"] p:not(:last-child) {
  margin-bottom: 0.5rem; }
[data-testid="stMarkdownContainer"] table { width: 100%; font-size: 0.92rem; margin: 0 0 0.5rem; }
[data-testid="stMarkdownContainer"] :is(th, td) { padding: 0.28rem 0.5rem; border-width: 0 0 1px; }
[data-testid="stMarkdownContainer"] td:not(:first-child) { white-space: nowrap; }
[data-testid="stMain"] [data-testid="stExpander"] td:not(:first-child) { white-space: normal; }
:is(.st-key-rows_to_look_at, .st-key-rules_found) [data-testid="stMarkdownContainer"]
  td:is(:nth-child(3), :last-child) { white-space: normal; }
.st-key-held_back [data-testid="stPageLink"] :is(a, p) { white-space: normal; padding-left: 0;
  font-size: 0.875rem; text-decoration: underline; }
[data-testid="stMarkdownContainer"]:has(table) { overflow-x: auto; }
[data-testid="stMainBlockContainer"] [data-testid="stVerticalBlock"] { gap: 0.6rem; }
[data-testid="stElementContainer"] { opacity: 1 !important; transition: none !important; }
:is(.st-key-answer, .st-key-headlines) { position: relative; }
:is(.st-key-answer, .st-key-headlines)::after { content: "" / ""; position: absolute; inset: 0;
  pointer-events: none; background: light-dark(#FFFFFF, #10171E); opacity: 0; }
[data-test-script-state="running"] :is(.st-key-answer, .st-key-headlines)::after { opacity: 0.6;
  transition: opacity 0.6s ease-in 0.5s; }
[data-testid="stSidebar"] [role="toolbar"] {
  flex-direction: column; align-items: stretch; gap: 0.1rem; }
[data-testid="stSidebar"] [role="toolbar"] button { width: 100%; max-width: none;
  min-height: 1.7rem; padding: 0 0.35rem; justify-content: flex-start; gap: 0.45rem;
  border: 0; border-radius: 0.35rem; background: none; color: inherit; }
[data-testid="stSidebar"] [role="toolbar"] button > div { width: auto; }
[data-testid="stSidebar"] [data-testid="stButtonGroup"] > label p { font-weight: 600; }
[data-testid="stSidebar"] [role="toolbar"] button:hover { background: rgba(26, 138, 134, 0.1); }
[data-testid="stSidebar"] [role="toolbar"] button::before { content: "" / ""; flex: none;
  width: 0.95rem; height: 0.95rem; border: 1.5px solid currentColor; border-radius: 0.2rem;
  opacity: 0.6; font-size: 0.75rem; line-height: 0.8rem; }
[data-testid="stSidebar"] [role="toolbar"] button::after { margin-left: auto; opacity: 0.8;
  white-space: nowrap; font-size: 0.8125rem; font-variant-numeric: tabular-nums; }
[data-testid="stSidebar"] [role="toolbar"] button[aria-pressed="true"] { font-weight: 600;
  background: rgba(26, 138, 134, 0.16); }
[data-testid="stSidebar"] [role="toolbar"] button[aria-pressed="true"]::before {
  content: "✓" / ""; opacity: 1; text-align: center; }
</style>
"""
