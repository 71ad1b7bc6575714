"""The frame's parts: cohort bar, answers, sentences and panels."""
