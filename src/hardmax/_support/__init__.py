"""What the rooms of the package share and no user calls: checks, files, threads, stages, loading."""
