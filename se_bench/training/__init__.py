"""Training: one trial on one device becomes records. Knows no study, no database, no scheduler."""
