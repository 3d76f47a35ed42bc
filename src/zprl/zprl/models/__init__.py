"""The networks: encoder, flow, bottleneck, actor, critics."""
