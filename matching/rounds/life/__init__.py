"""The life of a round: from draft to archive, one verb at a time."""
