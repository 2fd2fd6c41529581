"""Figures: each draws a value that ``analysis`` computed under the same name, and computes nothing.

A figure's file ends in ``FIGURE``, the pair of the two. Looks that all share are in ``style``.
"""
