"""A TSE in the cloud, over HTTPS."""
