"""Cement leakage, vertebral height and kyphosis."""
