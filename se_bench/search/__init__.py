"""Search: which trials a study has, one trial, and many at once. It yields records and keeps nothing."""
