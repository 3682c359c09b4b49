"""What several experiments share: tables, numbers in words, and pages from templates."""
