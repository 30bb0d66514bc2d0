"""Who a customer is, what they agreed to, what they did, and how they are forgotten."""
