"""The definitions a user writes, as frozen pydantic models, and how they are read from YAML.

Nothing here imports torch, ray or SQL, so that a wrong file is refused before anything heavy starts.
"""
