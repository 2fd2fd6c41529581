"""Synthetic results, for budgets and screenshots: real nets and costs, invented numbers that are marked as such.

``candidates`` draws the nets, ``outcomes`` invents what became of each trial, ``fill`` puts both into a database.
"""
