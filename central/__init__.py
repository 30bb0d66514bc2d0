"""Head office: one customer over all touchpoints, as far as the customer agrees."""
