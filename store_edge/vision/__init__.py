"""What the store makes of pictures. Pictures stay in memory; only what they mean leaves this room."""
