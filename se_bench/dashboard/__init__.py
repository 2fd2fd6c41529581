"""Dashboards: one definition (``dashboards/*.yaml``), shown as one self-contained HTML file.

``words`` puts numbers into words, for the report and for the terminal; ``report`` writes the file.
"""
