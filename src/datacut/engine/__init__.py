"""Runs the ordered steps of one stage, with contexts, arguments, accounting and origins."""
