"""The one memory of the project: records in, records out, in SQLite or PostgreSQL.

``tables`` says what is kept, ``migrations`` how it came to be, ``database`` opens it or says why not, and
``repository.Store`` is what the rooms above use. Nothing outside this room sees SQL.
"""
