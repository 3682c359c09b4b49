"""Pure functions on a `Trajectory`: who leads, how strongly tokens cluster, what never decreases."""

from hardmax.analysis.clustering import clustering_strength, energy
from hardmax.analysis.leaders import LeaderTable, leader_counts, leader_table

__all__ = ["LeaderTable", "clustering_strength", "energy", "leader_counts", "leader_table"]
