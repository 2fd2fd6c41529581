"""Killing runs at random moments, and what is in the database afterwards."""
