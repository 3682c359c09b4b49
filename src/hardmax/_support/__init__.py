"""What the packages of hardmax share and no user calls: checks, files, threads, stages, lazy loading."""
