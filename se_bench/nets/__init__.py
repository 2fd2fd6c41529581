"""Networks: attention blocks, the places in a backbone where one may sit, and how both become a module.

``build.resolve`` turns a spelling (axes) into an :class:`~se_bench.nets.architecture.Architecture`, plain data
that says what is built; ``build.build`` makes the module from that data and from nothing else.
"""
