"""Shards: the same task on the same parts, here, in local processes or on a cluster.

Nothing here knows a round. A part is sent once to whoever works on its shard; each step then sends
little and gets back whole numbers, so where the work is done changes nothing but time.
"""
