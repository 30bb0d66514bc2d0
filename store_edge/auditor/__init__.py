"""What a tax auditor is handed: the DSFinV-K export out of the store's own books, read back and judged."""
