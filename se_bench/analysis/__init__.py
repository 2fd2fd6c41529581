"""Analysis: records become numbers, numbers become verdicts. It takes records, never a connection.

``estimates`` has the intervals and tests, ``claims`` the verdicts, ``answer`` puts a study's together. What a
figure shows is computed in the file of its name and drawn by its namesake in ``figures``.
"""
